/** What the life of a call needs of everybody else. */
import type { Call } from '../contract/call.js';
import type { Clock } from '../contract/clock.js';
import type { Config } from '../contract/config.js';
import type { Tell } from '../contract/happening.js';
import type { Channel } from '../native.js';
import type { Lease, Pool } from '../pool/pool.js';
import type { Seen } from '../router/lookups.js';
import type { CallCounters } from '../scheduler/counters.js';
import type { DeclinedPrograms } from '../scheduler/declined.js';
import type { WaitingCalls } from '../scheduler/queue.js';
import type { Placed } from './place.js';
import type { EndedCall, KnownWay } from './record.js';
import type { Run } from './run.js';
import type { WayRooms } from './way.js';

export interface DispatchRooms extends Omit<WayRooms, 'wasDeclined'> {
  clock: Clock;
  /** In force now. A call keeps the one that it came under. */
  readonly config: Config;
  place(call: Call): Placed;
  waiting: WaitingCalls<Run>;
  declined: DeclinedPrograms;
  counters: CallCounters;
  /** Told of every call, after its answer. @param pool undefined: none was to serve it. */
  record(call: EndedCall, pool: Pool | undefined): void;
  enforced(lease: Lease): readonly string[];
  /** Why a process of ours could not take on this state of the caller's; undefined where it can. */
  cannotInherit(inherited: Buffer): string | undefined;
  /** Files that the plan just made depends on. */
  seen(): Seen;
  /** Teaches the switchboard. `start`: the START record of the call, without stdin. */
  teach(route: Route, call: Call, start: () => Buffer, seen: Seen): void;
  tell: Tell;
  /** What it was taught is not right any more. */
  forgetRoutes(): void;
  /** The pool that now has the place of one that serves no new calls. */
  standIn(pool: Pool): Pool;
  closeFd(fd: number): void;
  isStopping(): boolean;
}

/** What the switchboard is taught with, and gives back with a call that it hands over. */
export interface Route extends KnownWay {
  readonly channel: Channel;
}
