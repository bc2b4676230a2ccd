/** A task as the ready queue knows it. */
import { PRIORITIES, type Priority } from '../../contract/validating.js';
import type { Place } from './heap.js';

export interface ReadyTask {
  /** No two that wait have the same. */
  id: string;
  validator: string;
  priority: Priority;
  sessionId: string;
  /** As are all moments here: monotonic milliseconds of one clock. */
  deadlineAtMs: number;
  enqueuedAtMs: number;
}

/** 0 is the most urgent. */
export type Rank = number;

export const CRITICAL: Rank = 0;
export const RANKS: readonly Rank[] = PRIORITIES.map((_, rank) => rank);

export function rankOf(priority: Priority): Rank {
  return PRIORITIES.indexOf(priority);
}

/** One task, with its place in each order that it stands in. */
export class Entry<Task extends ReadyTask> {
  /** What was declared. */
  readonly rank: Rank;
  /** Where waiting has brought it. */
  level: Rank;
  inSession: Place<Entry<Task>> | undefined;
  inWorth: Place<Entry<Task>> | undefined;
  inDeadlines: Place<Entry<Task>> | undefined;
  /** Undefined once it can rise no more. */
  inAges: Place<Entry<Task>> | undefined;
  /** Undefined until then. */
  inOverdue: Place<Entry<Task>> | undefined;

  constructor(
    readonly task: Task,
    /** Counts up: of two that are equal in all else the first comes first. */
    readonly order: number,
    /** When waiting brings it further. */
    public risesAtMs: number,
  ) {
    this.rank = this.level = rankOf(task.priority);
  }
}

export function isDueBefore(a: Entry<ReadyTask>, b: Entry<ReadyTask>): boolean {
  const differenceMs = a.task.deadlineAtMs - b.task.deadlineAtMs;
  return differenceMs === 0 ? a.order < b.order : differenceMs < 0;
}

export function risesBefore(a: Entry<ReadyTask>, b: Entry<ReadyTask>): boolean {
  return a.risesAtMs === b.risesAtMs ? a.order < b.order : a.risesAtMs < b.risesAtMs;
}
