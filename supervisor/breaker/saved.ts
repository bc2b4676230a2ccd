/** Breakers as they outlive the daemon: moments by the clock that people set, which may have been set meanwhile. Pure. */
import type { BreakerPhase, BreakerSettings } from '../contract/breaking.js';
import { LIMITS } from '../contract/limits.js';
import { type Breaker, CLOSED } from './table.js';

export interface SavedBreaker {
  name: string;
  phase: BreakerPhase;
  failuresInARow: number;
  /** These two since 1970. */
  failedAtMs: readonly number[];
  untilMs: number;
  successes: number;
}

/** Trials end with the daemon. @param toWallMs what a moment of the daemon's clock is in the other. */
export function saved(name: string, breaker: Breaker, toWallMs: number): SavedBreaker {
  const { phase, failuresInARow, failedAtMs, untilMs, successes } = breaker;
  return {
    name,
    phase,
    failuresInARow,
    failedAtMs: failedAtMs.map((atMs) => atMs + toWallMs),
    untilMs: untilMs + toWallMs,
    successes,
  };
}

/** @param text what was on the disk: what is not whole is left out. */
export function readSaved(text: string): SavedBreaker[] {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return [];
  }
  return Array.isArray(found) ? found.slice(0, LIMITS.breakersMax).filter(isWhole) : [];
}

/** However the clock was set, it stays open for no longer than one that opens now. */
export function restored(one: SavedBreaker, nowMs: number, toWallMs: number, settings: BreakerSettings): Breaker {
  const untilMs = Math.min(one.untilMs - toWallMs, nowMs + settings.openMs);
  const failedAtMs = one.failedAtMs.map((atMs) => atMs - toWallMs).filter((atMs) => atMs <= nowMs);
  const { phase, failuresInARow, successes } = one;
  switch (phase) {
    case 'closed':
      return { ...CLOSED, failuresInARow, failedAtMs: failedAtMs.slice(-settings.failuresToOpen) };
    case 'open':
      return { ...CLOSED, phase, untilMs };
    case 'halfOpen':
      return { ...CLOSED, phase, successes };
  }
}

function isWhole(one: unknown): one is SavedBreaker {
  if (typeof one !== 'object' || one === null) return false;
  const { name, phase, failuresInARow, failedAtMs, untilMs, successes } = one as SavedBreaker;
  if (typeof name !== 'string' || !['closed', 'open', 'halfOpen'].includes(phase)) return false;
  if (!Array.isArray(failedAtMs) || !failedAtMs.every(Number.isFinite)) return false;
  return (
    Number.isFinite(untilMs) && [failuresInARow, successes].every((count) => Number.isInteger(count) && count >= 0)
  );
}
