/** When a dead thing is started again. Pure: time and randomness come in. First restart at once, then 100 ms to 30 s in
 *  geometric steps, each drawn from 50 to 100 %; back to the start after a minute of being ready, or many tasks served. */
import { LIMITS } from '../contract/limits.js';

export interface RestartState {
  /** Consecutive failures without health between. */
  failures: number;
  restarts: number;
  /** Of what runs now; undefined until it is ready. */
  readyAtMs: number | undefined;
  /** That it has served. */
  tasks: number;
}

export const FRESH: RestartState = { failures: 0, restarts: 0, readyAtMs: undefined, tasks: 0 };

export function afterStart(state: RestartState): RestartState {
  return { ...state, readyAtMs: undefined, tasks: 0 };
}

export function afterReady(state: RestartState, nowMs: number): RestartState {
  return state.readyAtMs === undefined ? { ...state, readyAtMs: nowMs } : state;
}

export function afterTask(state: RestartState): RestartState {
  return { ...state, tasks: state.tasks + 1 };
}

export function isHealthy({ readyAtMs, tasks }: RestartState, nowMs: number): boolean {
  if (tasks >= LIMITS.restartHealthyAfterTasks) return true;
  return readyAtMs !== undefined && nowMs - readyAtMs >= LIMITS.restartHealthyAfterMs;
}

/** @param random 0 <= random < 1.
 *  @returns the next state and how long to wait before starting again. */
export function afterDeath(
  state: RestartState,
  nowMs: number,
  random: number,
): { state: RestartState; delayMs: number } {
  const failures = isHealthy(state, nowMs) ? 1 : state.failures + 1;
  const next = { ...afterStart(state), failures, restarts: state.restarts + 1 };
  if (failures === 1) return { state: next, delayMs: 0 };
  const step = Math.min(failures - 2, LIMITS.restartSteps - 1);
  const ratio = LIMITS.restartDelayMaxMs / LIMITS.restartFirstDelayMs;
  const fullMs = LIMITS.restartFirstDelayMs * ratio ** (step / (LIMITS.restartSteps - 1));
  return { state: next, delayMs: Math.round(fullMs * (0.5 + random / 2)) };
}
