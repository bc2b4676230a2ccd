/** Hooks, and starts of parked processes, that take far longer than is usual of their kind in this pool. A process runs one hook
 *  and is gone, so there is no slow worker to be replaced: it is counted and told, and nothing else follows from it. Pure. */
import type { Happening } from '../contract/happening.js';
import { LIMITS } from '../contract/limits.js';
import type { CallRecord } from '../contract/records.js';
import type { SlowCounts } from '../contract/status.js';
import { UsualTime } from './usual.js';

type Told = Pick<Happening, 'about' | 'inputs'>;
export type RunOfCall = Pick<CallRecord, 'handler' | 'outcome' | 'runMs' | 'cpuMs'>;

interface Kind {
  usual: UsualTime;
  /** Slow ones since it was told last. */
  untold: number;
  toldAtMs: number;
}

export class SlowWatch {
  readonly counts: SlowCounts = { calls: 0, starts: 0 };
  /** The one that ran last is the last. */
  private readonly byHandler = new Map<string, Kind>();
  private readonly starts = newKind();

  /** @returns what is to be told of it. */
  ran({ handler, outcome, runMs, cpuMs }: RunOfCall, nowMs: number): Told | undefined {
    if (runMs === null) return undefined;
    const kind = this.kindOf(handler);
    const medianMs = kind.usual.exceededBy(runMs);
    // One that was cut short would make the others look slow.
    if (outcome === 'answered') kind.usual.add(runMs);
    if (medianMs === undefined) return undefined;
    this.counts.calls++;
    const since = dueCount(kind, nowMs);
    if (since === undefined) return undefined;
    const name = handler.slice(0, LIMITS.loggedTextMaxCharacters);
    const about = `${name || 'a hook'} ${tookText(runMs, medianMs)}`;
    return { about, inputs: { handler: name, runMs: whole(runMs), medianMs: whole(medianMs), cpuMs, since } };
  }

  /** @param startMs from the beginning of its start until it was parked. */
  parked(startMs: number, nowMs: number): Told | undefined {
    const { usual } = this.starts;
    const medianMs = usual.exceededBy(startMs);
    usual.add(startMs);
    if (medianMs === undefined) return undefined;
    this.counts.starts++;
    const since = dueCount(this.starts, nowMs);
    if (since === undefined) return undefined;
    const about = `the start of a parked process ${tookText(startMs, medianMs)}`;
    return { about, inputs: { startMs, medianMs: whole(medianMs), since } };
  }

  private kindOf(handler: string): Kind {
    const kind = this.byHandler.get(handler) ?? newKind();
    this.byHandler.delete(handler);
    this.byHandler.set(handler, kind);
    const oldest = this.byHandler.keys().next().value;
    if (this.byHandler.size > LIMITS.usualHandlersMax && oldest !== undefined) this.byHandler.delete(oldest);
    return kind;
  }
}

function newKind(): Kind {
  return { usual: new UsualTime(), untold: 0, toldAtMs: Number.NEGATIVE_INFINITY };
}

/** Of one kind not every one is told. @returns how many there were since the last time; undefined: not now. */
function dueCount(kind: Kind, nowMs: number): number | undefined {
  kind.untold++;
  if (nowMs - kind.toldAtMs < LIMITS.slowToldEveryMs) return undefined;
  const since = kind.untold;
  kind.toldAtMs = nowMs;
  kind.untold = 0;
  return since;
}

function tookText(tookMs: number, medianMs: number): string {
  return `took ${whole(tookMs)} ms, where ${whole(medianMs)} ms are usual`;
}

function whole(ms: number): number {
  return Math.round(ms);
}
