/** Validators that fail again and again are left alone for a while. */

export const BREAKER_DEFAULTS: BreakerSettings = {
  failuresToOpen: 5,
  failuresWindowMs: 10_000,
  openMs: 30_000,
  successesToClose: 3,
  trialsMax: 3,
  trialTimeoutMs: 60_000,
};

export interface BreakerSettings {
  /** In a row, or within the window. */
  failuresToOpen: number;
  failuresWindowMs: number;
  openMs: number;
  successesToClose: number;
  /** While it is half open, so many are let through at a time. */
  trialsMax: number;
  /** One of which nothing is heard for so long has failed. */
  trialTimeoutMs: number;
}

export type BreakerPhase = 'closed' | 'open' | 'halfOpen';

export interface BreakerStatus {
  name: string;
  phase: BreakerPhase;
  failuresInARow: number;
  /** Of those to close it, while it is half open. */
  successes: number;
  /** Until it may be tried; 0: it may. */
  retryInMs: number;
  /** Of the last failure; ''. */
  reason: string;
}

export interface BreakerChange {
  name: string;
  from: BreakerPhase;
  to: BreakerPhase;
  /** In words, for people. */
  about: string;
}
