import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import {
  afterDeath,
  afterReady,
  afterStart,
  afterTask,
  FRESH,
  type RestartState,
} from '../../../supervisor/pool/restart.js';

function deaths(count: number, random: number, livedMs = 10): { state: RestartState; delays: number[] } {
  let state = FRESH;
  let nowMs = 0;
  const delays: number[] = [];
  for (let i = 0; i < count; i++) {
    state = afterStart(state);
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

  test('a minute of being ready -> the next restart is at once again; a minute of starting is not that', () => {
    const { state } = deaths(5, 0);
    const started = afterStart(state);
    const ready = afterReady(afterReady(started, 1_000), 50_000); // what parks later does not begin it anew
    expect(afterDeath(ready, 1_000 + LIMITS.restartHealthyAfterMs, 0).delayMs).toBe(0);
    expect(afterDeath(ready, 999 + LIMITS.restartHealthyAfterMs, 0).delayMs).toBeGreaterThan(0);
    expect(afterDeath(started, 1_000_000, 0).delayMs).toBeGreaterThan(0);
  });

  test('fifty tasks served -> the next restart is at once again; those of the keeper before do not count', () => {
    let state = afterReady(afterStart(deaths(5, 0).state), 0);
    for (let task = 1; task < LIMITS.restartHealthyAfterTasks; task++) state = afterTask(state);
    expect(afterDeath(state, 1, 0).delayMs).toBeGreaterThan(0);
    expect(afterDeath(afterTask(afterStart(state)), 1, 0).delayMs).toBeGreaterThan(0);
    expect(afterDeath(afterTask(state), 1, 0).delayMs).toBe(0);
  });

  test('every restart is counted', () => {
    expect(deaths(7, 0.5).state.restarts).toBe(7);
  });
});
