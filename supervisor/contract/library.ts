/** What passes over library.sock: requests of programs that ask validators themselves, and what they are told. Each message is
 *  UTF-8 JSON in one frame; docs/library.md. */

import type { Decision, EventAgent, Priority, ValidatorOutcome } from './validating.js';

/** In the runtime folder. */
export const LIBRARY_SOCKET = 'library.sock';

/** One event, and how it is to be asked about. */
export interface LibraryAsk {
  /** As the agent gives it to its hooks. */
  event: Record<string, unknown>;
  /** By default told by the event. */
  agent?: EventAgent;
  /** Of the validators that the event concerns only these. */
  validators?: readonly string[];
  /** In place of that of each validator. */
  priority?: Priority;
  /** Until all of them have answered; each has its own bound, too. */
  timeoutMs?: number;
}

export const LIBRARY_ASK_FIELDS = ['event', 'agent', 'validators', 'priority', 'timeoutMs'] as const;

/** What asking again in the same way would not change. */
export interface Refused {
  kind: 'refused';
  code: 'badRequest' | 'badEvent' | 'unknownValidator' | 'tooLarge' | 'badGraph';
  message: string;
  remedy: string;
}

export interface Decided {
  kind: 'decided';
  /** The strictest of all; absent: nobody has one. */
  decision?: Decision;
  reason?: string;
  contexts: readonly string[];
  updatedInput?: Record<string, unknown>;
  /** What does not show in the verdict: failures that were not to matter, rewrites in conflict. */
  notes: readonly { kind: string; name: string; text: string }[];
  /** Of each validator that the event concerns, in declared order. */
  validators: readonly { name: string; outcome: ValidatorOutcome }[];
}

/** `id` counts from 1 on each connection, and is not used again. An abort has no reply, and neither has what it aborts. */
export type LibraryRequest = { id: number; asks: readonly LibraryAsk[] } | { id: number; abort: true };

export interface LibraryError {
  code: 'badRequest' | 'tooLarge' | 'busy' | 'stopping' | 'restarting' | 'notAllowed' | 'internal';
  message: string;
  remedy: string;
  retryAfterMs?: number;
}

/** One for each request. An error with id 0 is about the connection: it takes nothing more. */
export type LibraryReply =
  | { id: number; outcomes: readonly (Decided | Refused)[] }
  | { id: number; error: LibraryError };

export interface LibraryStatus {
  connections: number;
  /** Events. */
  inFlight: number;
}
