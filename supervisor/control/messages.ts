/** What passes over control.sock: one request, then one reply or a row of them, each UTF-8 JSON in one frame. */
import type { Planned, Reloaded, Restarted } from '../contract/changes.js';
import type { ToldHappening } from '../contract/happening.js';
import type { PoolDetail } from '../contract/pool-detail.js';
import type { ProfileChoice } from '../contract/profiles.js';
import type { RecordingStatus } from '../contract/recording.js';
import type { RunningStatus } from '../contract/status.js';

/** What an operator wants, with its words checked. Pools are named in full. */
export type ControlRequest =
  | { verb: 'ping' | 'status' | 'plan' | 'reload' | 'restart' }
  /** `drainMs`: hooks that run may end by themselves for so long. */
  | { verb: 'stop'; drainMs: number }
  /** @param sinceMs since 1970; 0: all that are kept. `follow`: also those to come, until the operator closes. */
  | { verb: 'events'; sinceMs: number; pool: string | undefined; follow: boolean }
  | { verb: 'pool'; pool: string }
  | { verb: 'drain'; pool: string; undo: boolean }
  | { verb: 'scale'; pool: string; parked: number }
  /** `worker`: the number of a slot, `zygote`, or undefined for the keeper with all it has. */
  | { verb: 'kick'; pool: string; worker: string | undefined; force: boolean }
  /** The bounds are those of a recording that is turned on. */
  | { verb: 'record'; on: boolean; forMs: number; maxBytes: number }
  /** Of one validator, or of all. */
  | { verb: 'clearCache'; validator: string | undefined }
  | { verb: 'setProfile'; profile: ProfileChoice };

export type ControlVerb = ControlRequest['verb'];

export interface ControlError {
  code: 'badRequest' | 'unknownVerb' | 'unknownPool' | 'notAllowed' | 'busy' | 'impossible' | 'internal';
  message: string;
  remedy: string;
}

/** One of a row: what was told since the reply before. */
export interface EventsReply {
  happenings: ToldHappening[];
  /** Told and no longer kept when this reply could be sent: the operator reads too slowly. */
  lost: number;
  /** False: this is the last reply. */
  more: boolean;
}

export type ControlReply =
  | {
      ok: true;
      pid: number;
      status?: RunningStatus;
      events?: EventsReply;
      detail?: PoolDetail;
      planned?: Planned;
      reloaded?: Reloaded;
      restarted?: Restarted;
      recording?: RecordingStatus;
      /** What was done, in words. */
      done?: string;
    }
  | { ok: false; error: ControlError };
