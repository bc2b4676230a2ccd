/** What is slow against the usual of its kind, how it is counted, and how often it is told. */
import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { type RunOfCall, SlowWatch } from '../../../supervisor/pool/slow.js';

const USUAL_MS = 300;
const SLOW_MS = LIMITS.slowFactor * USUAL_MS + 1;
let watch: SlowWatch;

beforeEach(() => {
  watch = new SlowWatch();
});

function run(runMs: number | null, about: Partial<RunOfCall> = {}, nowMs = 0) {
  return watch.ran({ handler: '/h', outcome: 'answered', runMs, cpuMs: 7, ...about }, nowMs);
}

function learn(about: Partial<RunOfCall> = {}, times: number = LIMITS.usualTimesMin): void {
  for (let time = 0; time < times; time++) run(USUAL_MS, about);
}

describe('a hook', () => {
  test('far above the median of its handler is told with what that is made of, and counted', () => {
    learn();
    expect(run(SLOW_MS)).toEqual({
      about: `/h took ${SLOW_MS} ms, where ${USUAL_MS} ms are usual`,
      inputs: { handler: '/h', runMs: SLOW_MS, medianMs: USUAL_MS, cpuMs: 7, since: 1 },
    });
    expect(watch.counts).toEqual({ calls: 1, starts: 0 });
  });

  test('is not slow just below, nor where too little is known, nor in less than a second', () => {
    learn({}, LIMITS.usualTimesMin - 1);
    expect(run(SLOW_MS)).toBeUndefined();
    learn();
    expect(run(LIMITS.slowFactor * USUAL_MS)).toBeUndefined();
    for (let time = 0; time < LIMITS.usualTimesKept; time++) run(1);
    expect(run(LIMITS.slowMinMs - 1)).toBeUndefined();
    expect(watch.counts.calls).toBe(0);
    expect(run(LIMITS.slowMinMs)).toBeDefined();
  });

  test('is compared with its own handler only', () => {
    learn({ handler: '/fast' });
    for (let time = 0; time < LIMITS.usualTimesMin; time++) run(SLOW_MS, { handler: '/slow' });
    expect(run(SLOW_MS, { handler: '/slow' })).toBeUndefined();
    expect(run(SLOW_MS, { handler: '/fast' })).toBeDefined();
  });

  test('that is slow from now on is so only until that is usual, by its latest times', () => {
    learn({}, 10 * LIMITS.usualTimesKept);
    for (let time = 0; time < LIMITS.usualTimesKept; time++) run(SLOW_MS);
    expect(watch.counts.calls).toBe(LIMITS.usualTimesKept / 2);
    run(SLOW_MS);
    expect(watch.counts.calls).toBe(LIMITS.usualTimesKept / 2);
  });

  test('that was stopped is slow as well, but says nothing of what is usual; one that never ran is neither', () => {
    learn();
    for (let time = 0; time < LIMITS.usualTimesKept; time++) run(1, { outcome: 'cancelled' });
    expect(run(USUAL_MS * 4)).toBeUndefined();
    for (let time = 0; time < LIMITS.usualTimesKept; time++) run(null);
    expect(run(SLOW_MS, { outcome: 'timedOut' })?.inputs?.medianMs).toBe(USUAL_MS);
  });

  test('is told once in a minute for each handler, with the count of those since', () => {
    learn();
    learn({ handler: '/other' });
    expect(run(SLOW_MS)?.inputs?.since).toBe(1);
    expect(run(SLOW_MS, {}, LIMITS.slowToldEveryMs - 1)).toBeUndefined();
    expect(run(SLOW_MS, { handler: '/other' }, 1)).toBeDefined();
    expect(run(SLOW_MS, {}, LIMITS.slowToldEveryMs)?.inputs?.since).toBe(2);
    expect(watch.counts.calls).toBe(4);
  });

  test('of a handler that ran before many others is not known any more', () => {
    learn({ handler: '/kept' });
    learn();
    run(1, { handler: '/kept' });
    for (let other = 0; other < LIMITS.usualHandlersMax - 1; other++) run(1, { handler: `/other-${other}` });
    expect(run(SLOW_MS, { handler: '/kept' })).toBeDefined();
    expect(run(SLOW_MS)).toBeUndefined();
  });

  test('with a very long name is told with a part of it', () => {
    const handler = 'h'.repeat(LIMITS.handlerTextMaxCharacters);
    learn({ handler });
    expect(String(run(SLOW_MS, { handler })?.inputs?.handler)).toHaveLength(LIMITS.loggedTextMaxCharacters);
  });
});

describe('the start of a parked process', () => {
  test('far above the median of the pool is told, once in a minute, and counted', () => {
    for (let time = 0; time < LIMITS.usualTimesMin; time++) expect(watch.parked(3, 0)).toBeUndefined();
    expect(watch.parked(1_200, 0)).toEqual({
      about: 'the start of a parked process took 1200 ms, where 3 ms are usual',
      inputs: { startMs: 1_200, medianMs: 3, since: 1 },
    });
    expect(watch.parked(1_200, 1)).toBeUndefined();
    expect(watch.counts).toEqual({ calls: 0, starts: 2 });
  });
});
