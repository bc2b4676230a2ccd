/** When a validator is asked, and when it is left alone: every phase by every input. Pure. */
import type { BreakerPhase, BreakerSettings } from '../contract/breaking.js';

/** `enough`: this success is the last that it takes. `tooMany`: so is this failure. `noWord`: nothing is known of it: it was
 *  refused, or not wanted any more. `due`: the time is over. `hung`: nothing was heard of a trial. */
export type BreakerInput = 'success' | 'enough' | 'failure' | 'tooMany' | 'noWord' | 'due' | 'hung' | 'reset';

export const BREAKER: Readonly<Record<BreakerPhase, Readonly<Record<BreakerInput, BreakerPhase>>>> = {
  closed: {
    ...{ success: 'closed', enough: 'closed', failure: 'closed', tooMany: 'open', noWord: 'closed' },
    ...{ due: 'closed', hung: 'closed', reset: 'closed' },
  },
  // Late news of what was asked before it opened changes nothing.
  open: {
    ...{ success: 'open', enough: 'open', failure: 'open', tooMany: 'open', noWord: 'open' },
    ...{ due: 'halfOpen', hung: 'open', reset: 'closed' },
  },
  halfOpen: {
    ...{ success: 'halfOpen', enough: 'closed', failure: 'open', tooMany: 'open', noWord: 'halfOpen' },
    ...{ due: 'halfOpen', hung: 'open', reset: 'closed' },
  },
};

export interface Breaker {
  phase: BreakerPhase;
  failuresInARow: number;
  /** The latest, oldest first; no more than it takes to open. */
  failedAtMs: readonly number[];
  /** While it is open. */
  untilMs: number;
  /** While it is half open. */
  successes: number;
  /** When each trial that is under way counts as hung, earliest first. */
  trialsUntilMs: readonly number[];
}

export const CLOSED: Breaker = {
  ...{ phase: 'closed', failuresInARow: 0, failedAtMs: [], untilMs: 0, successes: 0, trialsUntilMs: [] },
};

/** What time alone has made of it. */
export function atTime(before: Breaker, nowMs: number, settings: BreakerSettings): Breaker {
  const [hungAtMs = Number.POSITIVE_INFINITY] = before.trialsUntilMs;
  // As if somebody had looked just then, so that it is not left alone for longer because nobody did.
  const breaker = hungAtMs <= nowMs ? afterInput(before, 'hung', hungAtMs, settings) : before;
  return breaker.phase === 'open' && nowMs >= breaker.untilMs ? afterInput(breaker, 'due', nowMs, settings) : breaker;
}

export type Admitted = { breaker: Breaker; refusedUntilMs: number | undefined };

/** Whether it may be asked now. While it is half open that is a trial. */
export function admit(before: Breaker, nowMs: number, settings: BreakerSettings): Admitted {
  const breaker = atTime(before, nowMs, settings);
  if (breaker.phase === 'closed') return { breaker, refusedUntilMs: undefined };
  if (breaker.phase === 'open') return { breaker, refusedUntilMs: breaker.untilMs };
  const { trialsUntilMs } = breaker;
  const [earliestMs = nowMs] = trialsUntilMs;
  if (trialsUntilMs.length >= settings.trialsMax) return { breaker, refusedUntilMs: earliestMs };
  return {
    breaker: { ...breaker, trialsUntilMs: [...trialsUntilMs, nowMs + settings.trialTimeoutMs] },
    refusedUntilMs: undefined,
  };
}

/** @param said of one that was asked. */
export function afterAnswer(
  before: Breaker,
  said: 'success' | 'failure' | 'noWord',
  nowMs: number,
  settings: BreakerSettings,
): Breaker {
  const breaker = atTime(before, nowMs, settings);
  // Nobody is being tried: it was asked before it opened.
  if (breaker.phase === 'halfOpen' && breaker.trialsUntilMs.length === 0) return breaker;
  return afterInput(breaker, inputOf(breaker, said, nowMs, settings), nowMs, settings);
}

function inputOf(
  { successes, failuresInARow, failedAtMs }: Breaker,
  said: 'success' | 'failure' | 'noWord',
  nowMs: number,
  settings: BreakerSettings,
): BreakerInput {
  if (said === 'success') return successes + 1 >= settings.successesToClose ? 'enough' : 'success';
  if (said === 'noWord') return 'noWord';
  const most = Math.max(failuresInARow, recent(failedAtMs, nowMs, settings).length) + 1;
  return most >= settings.failuresToOpen ? 'tooMany' : 'failure';
}

function afterInput(before: Breaker, input: BreakerInput, nowMs: number, settings: BreakerSettings): Breaker {
  const phase = BREAKER[before.phase][input];
  if (phase !== before.phase) {
    if (phase === 'closed') return CLOSED;
    return { ...CLOSED, phase, untilMs: phase === 'open' ? nowMs + settings.openMs : 0 };
  }
  switch (phase) {
    case 'closed':
      return stillClosed(before, input, nowMs, settings);
    case 'open':
      return before;
    case 'halfOpen': {
      const successes = before.successes + (input === 'success' ? 1 : 0);
      return { ...before, successes, trialsUntilMs: before.trialsUntilMs.slice(1) };
    }
  }
}

function stillClosed(before: Breaker, input: BreakerInput, nowMs: number, settings: BreakerSettings): Breaker {
  const failedAtMs = recent(before.failedAtMs, nowMs, settings);
  if (input === 'failure') {
    return { ...before, failuresInARow: before.failuresInARow + 1, failedAtMs: [...failedAtMs, nowMs] };
  }
  return { ...before, failedAtMs, failuresInARow: input === 'noWord' ? before.failuresInARow : 0 };
}

function recent(failedAtMs: readonly number[], nowMs: number, { failuresWindowMs }: BreakerSettings): number[] {
  return failedAtMs.filter((atMs) => nowMs - atMs < failuresWindowMs);
}
