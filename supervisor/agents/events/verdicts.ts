/** What validators and hooks say of one event, what becomes of it together, and what the agent is told. */
import type { AgentEvent, Decision, OnFailure, ValidatorOutcome, Verdict } from '../../contract/validating.js';
import type { Fields } from '../json/fields.js';

/** How a command hook ended. */
export interface CommandEnd {
  /** Null: by a signal. */
  exitCode: number | null;
  stdout: Buffer;
  stderr: Buffer;
}

/** A command hook can say more than a validator. */
export interface Saying extends Verdict {
  /** Ends the agent's turn, and beats every decision. Why; may be ''. */
  stops?: string;
  userMessage?: string;
  others?: Others;
}

/** Fields of a hook's JSON that no verdict has (`watchPaths`, `llm_request`), as they are: at its top, and inside of
 *  `hookSpecificOutput` or what the agent has in its place. */
export interface Others {
  top: Fields;
  specific: Fields;
}

export type Outcome = Exclude<ValidatorOutcome, { kind: 'answered' }> | { kind: 'answered'; verdict: Saying };

export interface Opinion {
  name: string;
  /** Place among all that are declared; of equal ones the name decides. */
  order: number;
  outcome: Outcome;
  onFailure: OnFailure;
  /** A hook command: agents tell their user of one that fails. */
  isHook?: boolean;
}

export interface Merged {
  decision?: Decision;
  /** Never '' beside a deny. */
  reason?: string;
  contexts: readonly string[];
  updatedInput?: Fields;
  userMessages: readonly string[];
  stops?: string;
  others: Others;
  notes: readonly Note[];
}

/** For whoever asked, not for the agent. `failed`: and its failure is not to matter. */
export interface Note {
  kind: 'failed' | 'skipped' | 'conflict';
  name: string;
  text: string;
}

/** What an agent can be told on one of its events. */
export interface Abilities {
  decisions: readonly Decision[];
  /** A deny prevents what the event is about, so nothing said beside it matters. Elsewhere it is only a further word to
   *  the model. */
  denyEnds: boolean;
  /** A hook can end the turn there, which beats a deny. */
  canEndTurn: boolean;
  /** Without an answer the agent asks its user, so that an `ask` is said by silence. */
  silenceAsks: boolean;
  rewrite: Rewriting;
  hasContext: boolean;
  hasUserMessage: boolean;
  /** A validator that fails may deny. Not where a deny keeps the agent from ever ending. */
  failureDenies: boolean;
}

/** `whole`: replaces the input. `merged`: no key of the input can be taken away. `besideAllow`: needs an `allow` that
 *  approves nothing. `ifAllowed`: needs an `allow` that approves. `never`: it cannot be said, and would matter. `void`:
 *  there is no input to come. */
export type Rewriting = 'whole' | 'merged' | 'besideAllow' | 'ifAllowed' | 'never' | 'void';

/** A merged verdict, cut down to what the agent can be told. */
export interface Said {
  decision?: Decision;
  reason: string;
  context: string;
  updatedInput?: Fields;
  userMessage: string;
  stops?: string;
  others: Others;
}

export interface Answer {
  exitCode: number;
  stdout: Buffer;
  stderr: Buffer;
}

export type EventParts = Omit<AgentEvent, 'agent' | 'raw'>;

/** One agent's events: how it tells them, what its hooks mean, what it is told. */
export interface EventRules {
  /** Whether an event with these fields is this agent's, which nobody has said. */
  isSender(raw: Fields): boolean;
  /** @param name as the caller has it, '' if not. Undefined: the fields do not tell which event it is. */
  parts(raw: Fields, name: string): EventParts | undefined;
  can(event: AgentEvent): Abilities;
  read(event: AgentEvent, end: CommandEnd): Outcome;
  /** Whether a hook is not to be waited for, by what it has said so far; undefined: not yet known. Absent: none can say so. */
  isAsync?(stdout: Buffer): boolean | undefined;
  write(event: AgentEvent, said: Said): Answer;
}
