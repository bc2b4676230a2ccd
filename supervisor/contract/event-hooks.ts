/** Hook commands that are run for an agent's event beside its validators (`hooks` of the configuration). */
import type { Level } from './call.js';
import type { EventAgent, OnFailure } from './validating.js';

/** As it is configured. */
export interface EventHookSpec {
  name: string;
  /** A text for the agent's shell; a list is a program and its arguments. */
  command: string | readonly string[];
  /** Empty: all of them. */
  agents: readonly EventAgent[];
  /** Names as agents use them; empty: all. */
  events: readonly string[];
  /** As in the agent's own settings: '' and `*` match all. */
  matcher: string;
  /** Least level of it. */
  level: Level | undefined;
  timeoutMs: number;
  /** Undefined: its failure means what it means to the agent, and that it could not be run at all denies, since nobody runs it
   *  instead. */
  onFailure: OnFailure | undefined;
}

/** One of them in `supervisor status --json`. */
export interface EventHookStatus {
  name: string;
  /** As it is configured; a list as its words. */
  command: string;
  level: Level | null;
  /** Now. */
  running: number;
  /** Events for which it was run, or was to be; of them those that it denied, and those on which it failed. */
  asked: number;
  denied: number;
  failed: number;
}
