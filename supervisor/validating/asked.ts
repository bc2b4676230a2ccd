/** What is asked of validators, and what of it is given to a worker at once. */
import type { AgentEvent, Priority, ValidatorOutcome } from '../contract/validating.js';
import type { ReadyTask } from '../scheduler/ready-queue.js';
import type { Crew } from './crew.js';
import type { Round } from './round.js';

export interface Asking {
  event: AgentEvent;
  /** @param isAlone false: for several events, of several folders and sessions. */
  context(isAlone: boolean): Readonly<Record<string, unknown>>;
  /** The same for those that may be kept together in a batch. */
  affinityKey: string;
  sessionId: string;
  priority: Priority;
  deadlineAtMs: number;
}

/** One question, while nothing is known of its answer. */
export interface Item extends Asking {
  id: string;
  /** Nobody waits for it any more. */
  isGivenUp: boolean;
  /** It is part of; undefined while it is held for a batch. */
  task: Task | undefined;
  settle(outcome: ValidatorOutcome): void;
}

export interface Task extends ReadyTask {
  items: readonly Item[];
  crew: Crew;
  /** How often a worker was lost with it. */
  losses: number;
  /** How often another has taken the worker along that had it. */
  displacements: number;
  /** How often there was no room for it where there should have been. */
  misses: number;
  /** Out of a batcher, which is to hear of its end. */
  /** False again once its batcher has heard of its end. */
  isBatch: boolean;
  /** While it is with a worker. */
  round: Round | undefined;
}

export function taskOf(id: string, crew: Crew, items: readonly [Item, ...Item[]], isBatch: boolean, nowMs: number) {
  const [{ sessionId, priority }] = items; // no batch has critical ones beside others
  const task: Task = {
    ...{ id, validator: crew.key, sessionId, priority, items, crew, isBatch, losses: 0, displacements: 0 },
    ...{ misses: 0, round: undefined },
    enqueuedAtMs: nowMs,
    deadlineAtMs: earliest(items),
  };
  for (const item of items) item.task = task;
  return task;
}

/** Whoever has waited until now is told so, and waits no longer: no event of a batch has another's deadline.
 *  @returns the earliest deadline of the others; undefined: there are none. */
export function settleLate(task: Task, nowMs: number, outcome: (item: Item) => ValidatorOutcome): number | undefined {
  for (const item of task.items) {
    if (item.isGivenUp || item.deadlineAtMs > nowMs) continue;
    item.isGivenUp = true;
    item.settle(outcome(item));
  }
  const waiting = task.items.filter(({ isGivenUp }) => !isGivenUp);
  if (waiting.length === 0) return undefined;
  task.deadlineAtMs = earliest(waiting);
  return task.deadlineAtMs;
}

function earliest(items: readonly Item[]): number {
  return Math.min(...items.map(({ deadlineAtMs }) => deadlineAtMs));
}

export const NOT_WAITED_FOR: ValidatorOutcome = { kind: 'skipped', because: 'nobody waits for it any more' };

export function refused(message: string, retryAfterMs?: number): ValidatorOutcome {
  return { kind: 'failed', cause: 'refused', message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
