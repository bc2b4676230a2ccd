/** The breaker of one validator: its table, and what the numbers do. */
import { describe, expect, test } from 'vitest';
import { admit, afterAnswer, atTime, BREAKER, type Breaker, CLOSED } from '../../../supervisor/breaker/table.js';
import { BREAKER_DEFAULTS } from '../../../supervisor/contract/breaking.js';
import { isWhole } from '../../lib/state-table.js';

const S = BREAKER_DEFAULTS;

describe('the table of a breaker', () => isWhole(BREAKER, 'closed'));

const hear = (breaker: Breaker, said: 'success' | 'failure' | 'noWord', nowMs = 0) =>
  afterAnswer(breaker, said, nowMs, S);
const ask = (breaker: Breaker, nowMs: number) => admit(breaker, nowMs, S);

function failing(times: number, everyMs = 0): Breaker {
  let breaker = CLOSED;
  for (let n = 0; n < times; n++) breaker = hear(breaker, 'failure', n * everyMs);
  return breaker;
}
const OPEN = failing(S.failuresToOpen);
const HALF_OPEN = ask(OPEN, S.openMs).breaker;

describe('closed', () => {
  test('opens with the fifth failure in a row, however long that takes', () => {
    expect(failing(S.failuresToOpen - 1, 1e6).phase).toBe('closed');
    expect(failing(S.failuresToOpen, 1e6).phase).toBe('open');
  });

  test('a success between them begins the row anew', () => {
    let breaker = failing(S.failuresToOpen - 1, 1e6);
    breaker = hear(breaker, 'success', 1e8);
    for (let n = 1; n < S.failuresToOpen; n++) breaker = hear(breaker, 'failure', 1e8 + n * 1e6);
    expect(breaker.phase).toBe('closed');
  });

  test('opens with the fifth failure within the window, whatever succeeds in between', () => {
    const mixed = (everyMs: number) => {
      let breaker = CLOSED;
      for (let n = 0; n < S.failuresToOpen; n++) {
        breaker = hear(hear(breaker, 'success', n * everyMs), 'failure', n * everyMs);
      }
      return breaker.phase;
    };
    expect(mixed(S.failuresWindowMs / S.failuresToOpen)).toBe('open');
    expect(mixed(S.failuresWindowMs / (S.failuresToOpen - 1))).toBe('closed');
  });

  test('what says nothing of the validator neither counts nor begins the row anew', () => {
    const breaker = hear(failing(S.failuresToOpen - 1, 1e6), 'noWord', 1e8);
    expect(breaker.phase).toBe('closed');
    expect(hear(breaker, 'failure', 1e8).phase).toBe('open');
  });
});

describe('open', () => {
  test('refuses until its time is over, then lets trials through', () => {
    expect(ask(OPEN, S.openMs - 1)).toMatchObject({ breaker: { phase: 'open' }, refusedUntilMs: S.openMs });
    expect(ask(OPEN, S.openMs)).toMatchObject({ breaker: { phase: 'halfOpen' }, refusedUntilMs: undefined });
  });

  test('late answers neither lengthen nor end it', () => {
    for (const said of ['success', 'failure', 'noWord'] as const) expect(hear(OPEN, said, 1_000)).toEqual(OPEN);
  });
});

describe('half open', () => {
  const withTrials = (trials: number, nowMs = S.openMs): Breaker => {
    let breaker = HALF_OPEN;
    for (let n = 1; n < trials; n++) breaker = ask(breaker, nowMs).breaker;
    return breaker;
  };

  test('lets so many through at a time, and the next one as soon as one has ended', () => {
    const full = withTrials(S.trialsMax);
    expect(ask(full, S.openMs + 1).refusedUntilMs).toBe(S.openMs + S.trialTimeoutMs);
    for (const said of ['success', 'noWord'] as const) {
      expect(ask(hear(full, said, S.openMs + 1), S.openMs + 2).refusedUntilMs).toBeUndefined();
    }
  });

  test('closes after three successes, and forgets the failures before', () => {
    let breaker = withTrials(3);
    for (let n = 0; n < 2; n++) breaker = hear(breaker, 'success', S.openMs);
    expect(breaker.phase).toBe('halfOpen');
    expect(hear(breaker, 'success', S.openMs)).toEqual(CLOSED);
  });

  test('a failure opens it for the whole time again', () => {
    const breaker = hear(hear(withTrials(2), 'success', S.openMs), 'failure', S.openMs + 5);
    expect(breaker).toEqual({ ...CLOSED, phase: 'open', untilMs: 2 * S.openMs + 5 });
  });

  test('answers to what was asked before it opened are no trials', () => {
    const idle = hear(HALF_OPEN, 'noWord', S.openMs);
    for (const said of ['success', 'failure', 'noWord'] as const) expect(hear(idle, said, S.openMs)).toEqual(idle);
  });

  test('a trial of which nothing is heard opens it again from that moment on, and holds nobody up', () => {
    const hungAtMs = S.openMs + S.trialTimeoutMs;
    expect(atTime(HALF_OPEN, hungAtMs - 1, S).phase).toBe('halfOpen');
    expect(ask(HALF_OPEN, hungAtMs)).toMatchObject({ refusedUntilMs: hungAtMs + S.openMs });
    // Nobody has looked for long: it is due.
    expect(ask(HALF_OPEN, hungAtMs + S.openMs).refusedUntilMs).toBeUndefined();
  });
});
