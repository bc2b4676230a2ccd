/** Ageing: a task that waits rises by one priority in each step, up to `high`. What has waited a step longer than that is overdue,
 *  and one pop in a few belongs to the one that has been overdue longest, so that nothing starves, whatever comes after it and
 *  whatever its deadline is. Nothing rises to `critical`: thousands that have waited long would stand before one such task. */
import { CRITICAL, Entry, type ReadyTask, risesBefore } from './entry.js';
import { PlacedHeap } from './heap.js';

const HIGHEST_TO_RISE_TO = CRITICAL + 1;

export interface AgeingRules {
  risesEveryMs: number;
  /** Pops that may pass over the longest overdue task. */
  passedOverMax: number;
  /** And where they are `critical` ones: such a task that comes alone is never behind an overdue one. */
  passedOverByCriticalMax: number;
}

export class Ages<Task extends ReadyTask> {
  private readonly rising = new PlacedHeap<Entry<Task>>(risesBefore);
  /** By validator; few, so the oldest of all is looked for among them. */
  private readonly overdue = new Map<string, PlacedHeap<Entry<Task>>>();
  private passedOver = 0;

  constructor(
    private readonly rules: AgeingRules,
    private readonly held: ReadonlySet<string>,
  ) {}

  entryOf(task: Task, order: number): Entry<Task> {
    const entry = new Entry(task, order, task.enqueuedAtMs + this.rules.risesEveryMs);
    entry.inAges = this.rising.add(entry);
    return entry;
  }

  remove(entry: Entry<Task>): void {
    if (entry.inAges !== undefined) this.rising.remove(entry.inAges);
    if (entry.inOverdue === undefined) return;
    const { validator } = entry.task;
    const tasks = this.overdue.get(validator);
    tasks?.remove(entry.inOverdue);
    if (tasks?.size === 0) this.overdue.delete(validator);
    if (this.overdue.size === 0) this.passedOver = 0;
  }

  /** One that is to be taken a level up; undefined: none any more, at this moment. */
  nextToRise(nowMs: number): Entry<Task> | undefined {
    for (let entry = this.rising.first; entry !== undefined; entry = this.rising.first) {
      if (entry.inAges === undefined || entry.risesAtMs > nowMs) return undefined;
      if (entry.level > HIGHEST_TO_RISE_TO) {
        entry.risesAtMs += this.rules.risesEveryMs;
        this.rising.moved(entry.inAges);
        return entry;
      }
      this.rising.remove(entry.inAges);
      entry.inAges = undefined;
      this.becomesOverdue(entry);
    }
    return undefined;
  }

  /** Which of the two goes now. @param head the first by urgency and turns. */
  choose(head: Entry<Task>): Entry<Task> {
    const oldest = this.oldest();
    if (oldest === undefined) return head;
    const max = head.level === CRITICAL ? this.rules.passedOverByCriticalMax : this.rules.passedOverMax;
    const chosen = this.passedOver < max ? head : oldest;
    this.passedOver = chosen === oldest ? 0 : this.passedOver + 1;
    return chosen;
  }

  private becomesOverdue(entry: Entry<Task>): void {
    const { validator } = entry.task;
    const tasks = this.overdue.get(validator) ?? new PlacedHeap<Entry<Task>>(risesBefore);
    this.overdue.set(validator, tasks);
    entry.inOverdue = tasks.add(entry);
  }

  private oldest(): Entry<Task> | undefined {
    let oldest: Entry<Task> | undefined;
    for (const [validator, { first }] of this.overdue) {
      if (first === undefined || this.held.has(validator)) continue;
      if (oldest === undefined || risesBefore(first, oldest)) oldest = first;
    }
    return oldest;
  }
}
