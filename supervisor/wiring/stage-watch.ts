/** Trouble with a stage of events: one happening for the first of a part, then one a minute with the count of those between. */
import type { Clock } from '../contract/clock.js';
import type { Tell } from '../contract/happening.js';
import { LIMITS } from '../contract/limits.js';
import type { Failure } from '../scheduler/pipeline.js';

const WORDS = { late: 'was late', failed: 'failed', busy: 'was under way too often' } as const;

/** There are as many parts as rows, so what is remembered is bounded. */
export function stageWatch(tell: Tell, clock: Clock): (failure: Failure) => void {
  const parts = new Map<string, { untold: number; toldAtMs: number }>();
  return ({ part, trouble, error }) => {
    const its = parts.get(part) ?? { untold: 0, toldAtMs: Number.NEGATIVE_INFINITY };
    parts.set(part, its);
    its.untold++;
    if (clock.nowMs() - its.toldAtMs < LIMITS.stageToldEveryMs) return;
    const why = error === undefined ? '' : `: ${error.message}`;
    tell({ kind: 'stage', about: `of an event, ${part} ${WORDS[trouble]}${why}`, inputs: { part, times: its.untold } });
    its.untold = 0;
    its.toldAtMs = clock.nowMs();
  };
}
