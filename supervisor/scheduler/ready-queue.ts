/** Tasks of validators that are ready to run, and which is next: the most urgent priority first (waiting makes more urgent,
 *  ready/ages.ts), in it validators and sessions by turns (ready/turns.ts), of one session the earliest deadline. Full, it makes
 *  room from `idle` up (ready/worth.ts). A task whose deadline has passed is handed out as expired, never to be run.
 *  Pure: moments are handed in. All that is done to one task takes O(log n). */
import { LIMITS } from '../contract/limits.js';
import { PRIORITIES, type Priority } from '../contract/validating.js';
import { type AgeingRules, Ages } from './ready/ages.js';
import { type Entry, isDueBefore, type ReadyTask, rankOf } from './ready/entry.js';
import { PlacedHeap } from './ready/heap.js';
import { Level } from './ready/level.js';
import { Pace } from './ready/pace.js';
import { Worth } from './ready/worth.js';

export type { ReadyTask } from './ready/entry.js';

export interface ReadyQueueRules extends AgeingRules {
  tasksMax: number;
}

export const READY_QUEUE_RULES: Readonly<ReadyQueueRules> = {
  tasksMax: LIMITS.tasksWaitingMax,
  risesEveryMs: LIMITS.taskRisesEveryMs,
  passedOverMax: LIMITS.overduePassedOverMax,
  passedOverByCriticalMax: LIMITS.overduePassedOverByCriticalMax,
};

export type Pushed<Task> =
  | { kind: 'queued' }
  | { kind: 'expired' }
  | { kind: 'full'; retryAfterMs: number }
  /** It is queued, and `task` no longer: it was worth less, and may come again, or its time was up. */
  | { kind: 'tookPlaceOf'; task: Task; wasExpired: boolean; retryAfterMs: number };

export interface Popped<Task> {
  task: Task | undefined;
  /** Came to their deadline before they were started. */
  expired: readonly Task[];
}

const NONE: readonly never[] = [];

export class ReadyQueue<Task extends ReadyTask> {
  private readonly entries = new Map<string, Entry<Task>>();
  private readonly held = new Set<string>();
  private readonly levels = PRIORITIES.map(() => new Level<Task>(this.held));
  private readonly deadlines = new PlacedHeap<Entry<Task>>(isDueBefore);
  private readonly worth = new Worth<Task>();
  private readonly pace = new Pace();
  private readonly ages: Ages<Task>;
  private pushed = 0;

  constructor(private readonly rules: ReadyQueueRules) {
    this.ages = new Ages(rules, this.held);
  }

  get size(): number {
    return this.entries.size;
  }

  /** When `expire` has something to hand out; Infinity: not before another task comes. */
  get nextDeadlineAtMs(): number {
    return this.deadlines.first?.task.deadlineAtMs ?? Number.POSITIVE_INFINITY;
  }

  push(task: Task, nowMs: number): Pushed<Task> {
    if (this.entries.has(task.id)) throw new Error(`task ${task.id} waits already`);
    if (task.deadlineAtMs <= nowMs) return { kind: 'expired' };
    if (this.entries.size < this.rules.tasksMax) {
      this.insert(task);
      return { kind: 'queued' };
    }
    const retryAfterMs = this.pace.retryAfterMs(this.size);
    const outOfTime = this.outOfTime(nowMs);
    const goes = outOfTime ?? this.worth.leastWorth(task, rankOf(task.priority));
    if (goes === undefined) return { kind: 'full', retryAfterMs };
    this.forget(goes);
    this.insert(task);
    return { kind: 'tookPlaceOf', task: goes.task, wasExpired: goes === outOfTime, retryAfterMs };
  }

  /** @param least of this priority or a more urgent one, be it by waiting. */
  pop(nowMs: number, least: Priority = 'idle'): Popped<Task> {
    const expired = this.expire(nowMs);
    for (let entry = this.ages.nextToRise(nowMs); entry !== undefined; entry = this.ages.nextToRise(nowMs)) {
      this.levelOf(entry).remove(entry, false);
      entry.level--;
      this.levelOf(entry).add(entry);
    }
    const lowest = rankOf(least);
    const head = this.levels.find((level, rank) => rank <= lowest && level.head !== undefined)?.head;
    if (head === undefined) return { task: undefined, expired };
    const chosen = lowest === PRIORITIES.length - 1 ? this.ages.choose(head) : head;
    this.forget(chosen, chosen === head); // one that is overdue is taken out of turn
    this.pace.left(nowMs, this.size);
    return { task: chosen.task, expired };
  }

  /** Hands out those whose time is up. */
  expire(nowMs: number): readonly Task[] {
    let entry = this.outOfTime(nowMs);
    if (entry === undefined) return NONE;
    const expired: Task[] = [];
    for (; entry !== undefined; entry = this.outOfTime(nowMs)) {
      this.forget(entry);
      expired.push(entry.task);
    }
    return expired;
  }

  /** Undefined: it waits no longer. */
  remove(id: string): Task | undefined {
    const entry = this.entries.get(id);
    if (entry !== undefined) this.forget(entry);
    return entry?.task;
  }

  /** Its tasks stay and age, and none is handed out to be run, so that it holds up nobody else. */
  hold(validator: string): void {
    if (this.held.has(validator)) return;
    this.held.add(validator);
    for (const level of this.levels) level.heldChanged(validator);
  }

  release(validator: string): void {
    if (!this.held.delete(validator)) return;
    for (const level of this.levels) level.heldChanged(validator);
  }

  private insert(task: Task): void {
    const entry = this.ages.entryOf(task, this.pushed++);
    this.entries.set(task.id, entry);
    this.levelOf(entry).add(entry);
    this.worth.add(entry);
    entry.inDeadlines = this.deadlines.add(entry);
  }

  private forget(entry: Entry<Task>, wasItsTurn = false): void {
    this.entries.delete(entry.task.id);
    this.levelOf(entry).remove(entry, wasItsTurn);
    this.worth.remove(entry);
    this.ages.remove(entry);
    if (entry.inDeadlines !== undefined) this.deadlines.remove(entry.inDeadlines);
  }

  private outOfTime(nowMs: number): Entry<Task> | undefined {
    const { first } = this.deadlines;
    return first !== undefined && first.task.deadlineAtMs <= nowMs ? first : undefined;
  }

  private levelOf({ level }: Entry<Task>): Level<Task> {
    const found = this.levels[level];
    if (found === undefined) throw new RangeError(`no level ${level}`);
    return found;
  }
}
