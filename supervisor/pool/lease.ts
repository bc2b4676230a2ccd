/** What a pool hands out, and what it tells of itself. */
import type { Happening } from '../contract/happening.js';
import type { LayerName } from '../contract/isolation.js';
import type { SetupFailure, TaskEnd } from './report.js';

/** The right to use one parked process for one task. */
export interface LeaseOf<Pool> {
  readonly pool: Pool;
  readonly keeperGeneration: number;
  readonly slot: number;
  readonly generation: number;
  readonly pid: number;
  readonly cgroupPath: string | null;
  /** Of the sandbox that the process has entered. */
  readonly layers: readonly LayerName[];
}

/** A call that the switchboard has started and answered, and that nobody here was told of. */
export interface AnsweredUntold {
  /** What it was taught with. */
  token: object;
  /** From the CALL to the answer, which went out `agoMs` ago. */
  tookMs: number;
  agoMs: number;
  /** undefined: nothing is known of the process any more. */
  pid: number | undefined;
  end: TaskEnd;
}

export interface EventsOf<Pool> {
  /** A worker has come free or the state has changed. */
  available(pool: Pool): void;
  answeredUntold(pool: Pool, call: AnsweredUntold): void;
  /** A call that it may serve has come; with it more are to be parked. */
  used(pool: Pool, isMoreWanted: boolean): void;
  /** What one of its parked processes costs has changed. */
  costChanged(pool: Pool): void;
  failed(pool: Pool, failure: SetupFailure): void;
  /** One of its hooks, or the start of a process, took far longer than is usual. */
  slow(pool: Pool, told: Pick<Happening, 'about' | 'inputs'>): void;
  /** Its keeper has broken the protocol and is ended. */
  violated(pool: Pool, what: string): void;
  /** @param cause of its keeper's death. */
  restarting(pool: Pool, delayMs: number, cause: string): void;
  /** Its keeper is replaced, for no fault of its own. */
  recycling(pool: Pool, because: string): void;
  /** It died too often of one cause: nothing of it is started for a while. */
  held(pool: Pool, cause: string, holdMs: number): void;
  /** One start tries whether the cause is gone. */
  probing(pool: Pool): void;
  /** It was, and the pool serves again. */
  released(pool: Pool): void;
  /** The keeper is dead and reaped: what it left behind is swept before another is started. */
  keeperGone(pool: Pool): Promise<void>;
}
