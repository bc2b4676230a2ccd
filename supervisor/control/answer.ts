/** A request -> what is done and said. */
import type { Planned, Reloaded, Restarted } from '../contract/changes.js';
import type { PoolDetail } from '../contract/pool-detail.js';
import type { ProfileChoice } from '../contract/profiles.js';
import type { RecordingStatus } from '../contract/recording.js';
import type { RunningStatus } from '../contract/status.js';
import type { HappeningSource } from './event-stream.js';
import type { ControlError, ControlReply, ControlRequest } from './messages.js';

/** What was done, in words, or why it was not. */
export type Done = { ok: true; done: string } | { ok: false; error: ControlError };

/** How the recording stands afterwards. */
export type Recorded = { ok: true; recording: RecordingStatus } | { ok: false; error: ControlError };

export interface ControlHandlers {
  status(): RunningStatus;
  /** Begins an orderly stop. Called once the reply is on its way; its failure is the caller's to report. */
  stop(drainMs: number): Promise<void>;
  /** What a reload would change. */
  plan(): Planned;
  reload(): Promise<Reloaded>;
  /** Starts the daemon anew and hands everything over to it. */
  restart(): Promise<Restarted>;
  happenings: HappeningSource;
  /** undefined: there is no such pool. */
  pool(id: string): PoolDetail | undefined;
  drain(request: Extract<ControlRequest, { verb: 'drain' }>): Done;
  scale(request: Extract<ControlRequest, { verb: 'scale' }>): Done;
  kick(request: Extract<ControlRequest, { verb: 'kick' }>): Done;
  record(request: Extract<ControlRequest, { verb: 'record' }>): Promise<Recorded>;
  clearCache(validator: string | undefined): Done;
  /** Until the daemon ends. */
  setProfile(profile: ProfileChoice): Promise<Reloaded>;
}

export type Answer =
  | { kind: 'reply'; reply: ControlReply; afterwards?: () => void }
  | { kind: 'later'; reply: Promise<ControlReply> }
  | { kind: 'events'; request: Extract<ControlRequest, { verb: 'events' }> };

export function answerTo(request: ControlRequest, handlers: ControlHandlers, pid: number): Answer {
  const reply = (rest: object): Answer => ({ kind: 'reply', reply: { ok: true, pid, ...rest } });
  switch (request.verb) {
    case 'ping':
      return reply({});
    case 'status':
      return reply({ status: handlers.status() });
    case 'stop':
      return { kind: 'reply', reply: { ok: true, pid }, afterwards: () => void handlers.stop(request.drainMs) };
    case 'plan':
      return reply({ planned: handlers.plan() });
    case 'reload':
      return reloadAnswer(handlers.reload(), pid);
    case 'setProfile':
      return reloadAnswer(handlers.setProfile(request.profile), pid);
    case 'restart':
      return { kind: 'later', reply: handlers.restart().then((restarted) => ({ ok: true, pid, restarted })) };
    case 'events':
      return { kind: 'events', request };
    case 'pool': {
      const detail = handlers.pool(request.pool);
      return detail === undefined ? failure(unknownPool(request.pool)) : reply({ detail });
    }
    case 'drain':
      return doneAnswer(handlers.drain(request), pid);
    case 'scale':
      return doneAnswer(handlers.scale(request), pid);
    case 'kick':
      return doneAnswer(handlers.kick(request), pid);
    case 'clearCache':
      return doneAnswer(handlers.clearCache(request.validator), pid);
    case 'record': {
      const replyOf = (recorded: Recorded): ControlReply => (recorded.ok ? { ...recorded, pid } : recorded);
      return { kind: 'later', reply: handlers.record(request).then(replyOf) };
    }
  }
}

export function unknownPool(id: string): ControlError {
  const remedy = 'supervisor status lists them; one that is idle makes room for others';
  return { code: 'unknownPool', message: `there is no pool ${id}`, remedy };
}

export function failure(error: ControlError): Answer {
  return { kind: 'reply', reply: { ok: false, error } };
}

function reloadAnswer(reloading: Promise<Reloaded>, pid: number): Answer {
  return { kind: 'later', reply: reloading.then((reloaded) => ({ ok: true, pid, reloaded })) };
}

function doneAnswer(done: Done, pid: number): Answer {
  return { kind: 'reply', reply: done.ok ? { ok: true, pid, done: done.done } : done };
}
