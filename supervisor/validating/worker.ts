/** One resident worker, as those see it who give it tasks. */
import type { FailureCause, ValidatorSpec } from '../contract/validating.js';
import type { Answered } from '../ring/resident-answer.js';
import type { Loaded, Wanted } from '../ring/resident-load.js';
import type { Question } from '../ring/resident-talk.js';

/** Why a worker is gone. */
export interface WorkerEnd {
  cause: Exclude<FailureCause, 'threw'>;
  /** In words, with what it has said last. */
  message: string;
  /** No other start of it will do. */
  isHopeless?: boolean;
  /** The doing of another, with whom it shared its process, or of the operator. */
  isAnothers?: boolean;
}

export interface WorkerEvents {
  ready(takesBatches: boolean): void;
  /** One answer for each event of the question. */
  answered(askId: number, answers: readonly Answered[]): void;
  /** It has had nothing to do, and has given no sign of life: it hangs. */
  silent(): void;
  /** Once, and nothing after it; also where it could not be started. */
  gone(end: WorkerEnd): void;
}

export interface Worker {
  /** Undefined while it is being started. */
  readonly pid: number | undefined;
  /** The number by which it is answered. Undefined: it takes no more, and is ended. */
  ask(question: Question): number | 'tooLong' | undefined;
  /** Nobody waits any more for that answer, which was to come by then. */
  forget(askId: number, deadlineAtMs: number): void;
  /** Who else has its process to itself at this moment. */
  heldUpBy?(): string | undefined;
  /** Once it has answered what it was asked; `kill`: at once. */
  end(how: 'drain' | 'kill'): void;
}

/** A worker's process that several validators share. */
export interface SharedWorker extends Worker {
  /** One more of them, by the number that is told. Undefined: it takes nothing. */
  load(wanted: Wanted, loaded: (loaded: Loaded) => void): number | undefined;
  /** The number of the one whose turn it is, or was when it died; 0: nobody's. */
  turn(): number;
}

export type StartWorker = (spec: ValidatorSpec, events: WorkerEvents) => Worker;

/** Tasks that one worker of a runtime has at a time: a Node waits for several things at once, the others do one by one. */
export const TASKS_AT_ONCE = { node: 16, python: 1, exec: 1 } as const;
