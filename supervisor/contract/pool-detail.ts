/** One pool in full, for `supervisor why POOL` and `supervisor status POOL`. */
import type { CallPath } from './call.js';
import type { ToldHappening } from './happening.js';
import type { OutcomeKind } from './outcome.js';
import type { PoolStatus } from './status.js';

/** A call that the pool has served lately. */
export interface LastTask {
  /** Since 1970. */
  endedAtMs: number;
  handler: string;
  path: CallPath | null;
  outcome: OutcomeKind;
  exitCode: number | null;
  signal: number | null;
  totalMs: number;
  pid: number | null;
}

export interface PoolDetail {
  schema: 'supervisor.pool/v1';
  /** Of the daemon's clock, since 1970: what the times below are compared with. */
  nowMs: number;
  pool: PoolStatus;
  keeperPid: number | null;
  /** The step of a start that failed last, until a start succeeds. */
  failure: { stage: string; errnum: number; subject: string } | null;
  /** What the daemon has told of it, oldest first. */
  happenings: ToldHappening[];
  /** Oldest first. */
  tasks: LastTask[];
}
