/** One call on its way through the rooms: what is known of it, and how far it has come. */
import type { Call } from '../contract/call.js';
import type { Config } from '../contract/config.js';
import type { Caller } from '../intake/intake.js';
import type { Lease } from '../pool/pool.js';
import type { Seen } from '../router/lookups.js';
import { deadlineOf } from '../scheduler/deadline.js';
import { OutputFlow, StdinFlow } from '../scheduler/flow.js';
import type { Way } from './way.js';

/** What a call is and how it is served, before any of it has happened. */
export interface Taken extends Way {
  /** It may be run a second time where the first run was lost. */
  isIdempotent: boolean;
  /** That it came under. */
  config: Config;
}

export interface Run extends Taken {
  call: Call;
  caller: Caller;
  /** By the daemon's clock. */
  deadlineAtMs: number;
  /** Files that the plan depends on; undefined where there is nothing to be learned from the call. */
  seen: Seen | undefined;
  stage: 'waiting' | 'running' | 'over';
  lease: Lease | undefined;
  startedSent: boolean;
  /** The switchboard has started it. */
  isSwitched: boolean;
  /** Bits of Stream: outputs that nobody reads any more. */
  readersGone: number;
  cancelSignal: number;
  attempts: number;
  /** Some of its output has gone to the client. */
  hasOutput: boolean;
  /** Its first run was lost. */
  wasRetried: boolean;
  stdin: StdinFlow;
  output: OutputFlow;
  undoTimer: () => void;
}

export function newRun(call: Call, caller: Caller, way: Readonly<Taken>, seen: Seen | undefined): Run {
  const { plan, confinement, order, path, pool, why, isSettled, isIdempotent, config } = way;
  return {
    ...{ call, caller, config, plan, confinement, order, path, pool, why, isSettled, isIdempotent, seen },
    deadlineAtMs: deadlineOf(call, config),
    stage: 'waiting',
    lease: undefined,
    startedSent: false,
    isSwitched: false,
    readersGone: call.readersGone,
    cancelSignal: 0,
    attempts: 0,
    hasOutput: false,
    wasRetried: false,
    stdin: new StdinFlow(),
    output: new OutputFlow(),
    undoTimer: () => {},
  };
}
