/** For authors of validators: `import { defineValidator } from 'hook-supervisor/validator'`. See docs/validators.md. */

/** One firing of an agent's hook. Names are those that the agent uses itself. */
export interface AgentEvent {
  agent: 'claude' | 'gemini' | 'codex' | 'cursor' | 'copilot';
  /** `PreToolUse`, `BeforeTool`, `beforeShellExecution`, ... */
  name: string;
  /** '' where the agent tells none. */
  sessionId: string;
  /** '' where the agent tells none. */
  cwd: string;
  /** What the agent's matcher looks at: mostly the tool's name. */
  matched: string;
  toolName: string | null;
  toolInput: Record<string, unknown> | null;
  /** All that the agent has sent. */
  raw: Record<string, unknown>;
}

export type Decision = 'deny' | 'defer' | 'ask' | 'allow';

/** No decision: nothing to say. Silence is no approval: the agent asks its user as ever. */
export interface Verdict {
  decision?: Decision;
  /** Why; told to whom the agent tells it. */
  reason?: string;
  /** Added to what the model knows. */
  context?: string;
  /** Replaces the input of the tool, whole. */
  updatedInput?: Record<string, unknown>;
}

/** Of the event's session, as far as this daemon has seen it; nothing of it for a batch. */
export interface SessionFacts {
  /** Before this one. */
  readonly events: number;
  /** The last few of those that there were, oldest first. */
  readonly decisions: readonly { event: string; tool: string | null; decision: Decision }[];
}

export interface ValidatorContext {
  /** As it is called in the configuration. */
  readonly name: string;
  /** `settings` of the configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Of the one event; '' for a batch, whose events have their own. */
  readonly cwd: string;
  readonly sessionId: string;
  /** The nearest folder at or above the event's that has the mark of a project; '' where there is none, for a batch, and where it
   *  could not be told in time. */
  readonly projectFolder: string;
  readonly session: SessionFacts;
  /** By performance.now(); Infinity without a deadline. */
  readonly deadlineAtMs: number;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
  /** A line on the worker's standard error, with the validator's name before it. */
  log(text: string): void;
}

/** As a worker gives it (docs/protocol.md). */
export interface WorkerContext {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly cwd: string;
  readonly sessionId: string;
  readonly projectFolder?: string;
  readonly session?: SessionFacts;
  readonly timeLeftMs?: number;
  readonly signal?: AbortSignal;
}

type Answer<T> = T | Promise<T>;

export interface ValidatorDefinition {
  name?: string;
  /** Nothing is no opinion. What it throws is a failure: the configuration's `onFailure` says what that means. */
  validate?(event: AgentEvent, context: ValidatorContext): Answer<Verdict | undefined>;
  /** As many verdicts as events, in their order. Used where the configuration has `batch`. */
  validateBatch?(events: readonly AgentEvent[], context: ValidatorContext): Answer<readonly (Verdict | undefined)[]>;
}

export interface Validator {
  readonly name?: string;
  readonly validate?: (event: AgentEvent, context: WorkerContext) => Answer<Verdict | undefined>;
  readonly validateBatch?: (
    events: readonly AgentEvent[],
    context: WorkerContext,
  ) => Answer<readonly (Verdict | undefined)[]>;
}

/** @throws TypeError that says what is wrong with the definition. */
export function defineValidator<D extends ValidatorDefinition>(
  definition: D,
): Validator & { readonly [K in keyof D & ('validate' | 'validateBatch')]-?: NonNullable<Validator[K]> };

export function allow(reason?: string): Verdict;
export function deny(reason: string): Verdict;
export function ask(reason: string): Verdict;
export function defer(reason?: string): Verdict;
export function nothing(): Verdict;
/** No decision, but something the model should know. */
export function inform(context: string): Verdict;
export function rewrite(updatedInput: Record<string, unknown>, reason?: string): Verdict;
/** Until the answer is late; 0 when it is. */
export function remainingMs(context: Pick<ValidatorContext, 'deadlineAtMs'>): number;
