import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { nextKeeperState } from '../../../supervisor/pool/keeper-state.js';
import { afterDeath, afterStart, FRESH, type RestartState } from '../../../supervisor/pool/restart.js';

function deaths(count: number, random: number, livedMs = 10): { state: RestartState; delays: number[] } {
  let state = FRESH;
  let nowMs = 0;
  const delays: number[] = [];
  for (let i = 0; i < count; i++) {
    state = afterStart(state, nowMs);
    nowMs += livedMs;
    const next = afterDeath(state, nowMs, random);
    state = next.state;
    delays.push(next.delayMs);
    nowMs += next.delayMs;
  }
  return { state, delays };
}

describe('restart with backoff', () => {
  test('first death -> at once, then geometric from 100 ms to 30 s, then level', () => {
    const { delays } = deaths(9, 1 - Number.EPSILON);
    expect(delays[0]).toBe(0);
    expect(delays[1]).toBe(LIMITS.restartFirstDelayMs);
    expect(delays.at(-1)).toBe(LIMITS.restartDelayMaxMs);
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
  });

  test('the draw is between half and the whole delay', () => {
    const low = deaths(5, 0).delays;
    const high = deaths(5, 1 - Number.EPSILON).delays;
    low.forEach((delayMs, i) => {
      expect(Math.abs(delayMs - (high[i] ?? 0) / 2)).toBeLessThanOrEqual(1);
    });
  });

  test('a minute of health -> the next restart is at once again', () => {
    const { state } = deaths(5, 0);
    const healthy = afterStart(state, 1_000_000);
    expect(afterDeath(healthy, 1_000_000 + LIMITS.restartHealthyAfterMs, 0).delayMs).toBe(0);
  });

  test('every restart is counted', () => {
    expect(deaths(7, 0.5).state.restarts).toBe(7);
  });
});

describe('keeper state table', () => {
  test('ready keeper that dies -> backoff, retried -> starting, parked -> ready', () => {
    expect(nextKeeperState('ready', 'died')).toBe('backoff');
    expect(nextKeeperState('backoff', 'retry')).toBe('starting');
    expect(nextKeeperState('starting', 'parked')).toBe('ready');
  });

  test('stopping keeper: a late parked or retry does not bring it back', () => {
    expect(nextKeeperState('stopping', 'parked')).toBe('stopping');
    expect(nextKeeperState('stopping', 'retry')).toBe('stopping');
    expect(nextKeeperState('stopped', 'retry')).toBe('stopped');
  });
});
