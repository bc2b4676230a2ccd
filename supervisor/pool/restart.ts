/** When a dead thing is started again. Pure: time and randomness come in. First restart at once, then 100 ms to 30 s in
 *  geometric steps, each drawn from 50 to 100 %; back to the start after a minute of health. */
import { LIMITS } from '../contract/limits.js';

export interface RestartState {
  /** Consecutive failures without a healthy time between. */
  failures: number;
  restarts: number;
  startedAtMs: number;
}

export const FRESH: RestartState = { failures: 0, restarts: 0, startedAtMs: 0 };

export function afterStart(state: RestartState, nowMs: number): RestartState {
  return { ...state, startedAtMs: nowMs };
}

/** @param random 0 <= random < 1.
 *  @returns the next state and how long to wait before starting again. */
export function afterDeath(
  state: RestartState,
  nowMs: number,
  random: number,
): { state: RestartState; delayMs: number } {
  const wasHealthy = nowMs - state.startedAtMs >= LIMITS.restartHealthyAfterMs;
  const failures = wasHealthy ? 1 : state.failures + 1;
  const next = { failures, restarts: state.restarts + 1, startedAtMs: nowMs };
  if (failures === 1) return { state: next, delayMs: 0 };
  const step = Math.min(failures - 2, LIMITS.restartSteps - 1);
  const ratio = LIMITS.restartDelayMaxMs / LIMITS.restartFirstDelayMs;
  const fullMs = LIMITS.restartFirstDelayMs * ratio ** (step / (LIMITS.restartSteps - 1));
  return { state: next, delayMs: Math.round(fullMs * (0.5 + random / 2)) };
}
