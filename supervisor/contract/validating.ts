/** Validators: what is declared of them, what they are asked, what they answer, and what becomes of that. Validators run in
 *  resident workers, one process for many tasks; docs/validators.md is for those who write them. */

import type { Network } from './allow-list.js';
import type { Level } from './call.js';
import type { Need } from './isolation.js';
import type { OutcomeKind } from './outcome.js';
import type { StageCounts } from './stages.js';

/** Agents whose events can be answered with a merged verdict (`supervisor-hook event`). */
export const EVENT_AGENTS = ['claude', 'gemini', 'codex', 'cursor', 'copilot'] as const;
export type EventAgent = (typeof EVENT_AGENTS)[number];

/** Most urgent first. */
export const PRIORITIES = ['critical', 'high', 'normal', 'low', 'idle'] as const;
export type Priority = (typeof PRIORITIES)[number];

export const VALIDATOR_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** As an entry: one that comes with the product, workers/validators/builtin/NAME.mjs. */
export const BUILTIN_PREFIX = 'builtin:';
export const BUILTIN_VALIDATORS = [
  'command-safety',
  'path-policy',
  'secrets',
  'resource-heavy',
  'drift',
  'project-context',
] as const;

export const VALIDATOR_RUNTIMES = ['node', 'python', 'exec'] as const;
export type ValidatorRuntime = (typeof VALIDATOR_RUNTIMES)[number];

/** One firing of an agent's hook, as far as all agents agree. Names are those that the agent uses itself. */
export interface AgentEvent {
  agent: EventAgent;
  /** `PreToolUse`, `BeforeTool`, `beforeShellExecution`, ... */
  name: string;
  /** '' where the agent tells none. */
  sessionId: string;
  /** '' where the agent tells none. */
  cwd: string;
  /** What the agent's matcher for this event looks at: mostly the tool's name; '' where it looks at nothing. */
  matched: string;
  toolName: string | null;
  toolInput: Record<string, unknown> | null;
  /** All that the agent has sent. */
  raw: Record<string, unknown>;
}

/** What an event alone does not tell. */
export interface EventContext {
  /** The nearest folder at or above the event's with the mark of a project; '' where there is none, or it could not be told in time. */
  projectFolder: string;
  session: SessionFacts;
}

/** Of the session of an event, as far as this daemon has seen it. */
export interface SessionFacts {
  /** Before this one. */
  events: number;
  /** The last of those that there were, oldest first. */
  decisions: readonly { event: string; tool: string | null; decision: Decision }[];
}

/** Claude Code's order of precedence, strictest first. An agent without one of them is given the next stricter one. */
export const DECISIONS = ['deny', 'defer', 'ask', 'allow'] as const;
export type Decision = (typeof DECISIONS)[number];

/** What one validator thinks of one event. No decision: nothing to say. */
export interface Verdict {
  decision?: Decision;
  /** Why; told to whom the agent tells it. */
  reason?: string;
  /** Added to what the model knows. */
  context?: string;
  /** Replaces the input of the tool, whole. */
  updatedInput?: Record<string, unknown>;
}

/** `refused`: it was never started, since there was no room or no worker. `skipped`: a validator that it depends on failed, or
 *  the verdict was plain without it. */
export type FailureCause = 'threw' | 'crashed' | 'timedOut' | 'limitHit' | 'protocol' | 'refused';

export type ValidatorOutcome =
  | { kind: 'answered'; verdict: Verdict }
  | { kind: 'failed'; cause: FailureCause; message: string; retryAfterMs?: number }
  | { kind: 'skipped'; because: string };

/** Whose worker's fault such a failure is: those open a breaker. A deny is no failure. */
export const OPENS_BREAKER: Readonly<Record<FailureCause, boolean>> = {
  threw: true,
  crashed: true,
  timedOut: true,
  limitHit: true,
  protocol: true,
  refused: false,
};

export const CACHE_SCOPES = ['global', 'project', 'session'] as const;
export type CacheScope = (typeof CACHE_SCOPES)[number];

/** An answer is used again while all this is the same: validator, its code, its configuration, the declared inputs. */
export interface CacheRule {
  ttlMs: number;
  /** Paths into the event as it came, `tool_input.command`; empty: all of it but the names of session and firing. */
  fields: readonly string[];
  /** Files whose content counts: absolute, or `field:tool_input.file_path`. */
  files: readonly string[];
  /** Names of variables of the client that count. */
  env: readonly string[];
  /** `project`: the cwd counts; `session`: the session, too. */
  scope: CacheScope;
  /** Also answers without a decision. */
  negative: boolean;
}

export const BATCH_STRATEGIES = ['time', 'size', 'affinity', 'adaptive', 'deadline'] as const;
export type BatchStrategy = (typeof BATCH_STRATEGIES)[number];

export interface BatchRule {
  strategy: BatchStrategy;
  maxBatchSize: number;
  maxWaitMs: number;
}

export type OnFailure = 'continue' | 'block';

/** A validator as it is configured. */
export interface ValidatorSpec {
  name: string;
  runtime: ValidatorRuntime;
  /** Absolute path of module or program, or `builtin:NAME`. */
  entry: string;
  /** Of `exec`. */
  args: readonly string[];
  /** Empty: all of them. */
  agents: readonly EventAgent[];
  /** Names as agents use them; empty: all. */
  events: readonly string[];
  /** As in the agent's own settings: '' and `*` match all. */
  matcher: string;
  level: Level;
  network: Network | undefined;
  read: readonly string[];
  write: readonly string[];
  env: readonly string[];
  require: readonly Need[];
  allowDegraded: boolean;
  priority: Priority;
  timeoutMs: number;
  dependsOn: readonly string[];
  cache: CacheRule | null;
  batch: BatchRule | null;
  /** May be asked once more where a worker was lost with the question. */
  idempotent: boolean;
  /** What its failure is to the agent: nothing, or a deny. */
  onFailure: OnFailure;
  /** Resident workers at most. */
  workersMax: number;
  /** Handed to it with each event; JSON. */
  settings: Readonly<Record<string, unknown>>;
}

/** Events that are over, in `supervisor status --json`. */
export interface EventsStatus {
  total: number;
  /** Of those that were answered. */
  byDecision: Partial<Record<Decision | 'none', number>>;
  byOutcome: Partial<Record<OutcomeKind, number>>;
  stages: StageCounts[];
}

/** One validator in `supervisor status --json`. */
export interface ValidatorStatus {
  name: string;
  runtime: ValidatorRuntime;
  level: Level;
  entry: string;
  workers: { pid: number | null; state: string; tasks: number; answered: number; ageMs: number }[];
  asked: number;
  fromCache: number;
  denied: number;
  failed: number;
  /** Of its workers. */
  restarts: number;
  deaths: { cause: string; count: number }[];
  breaker: 'closed' | 'open' | 'halfOpen';
  /** Why it is not asked at present; '' where it is. */
  why: string;
}
