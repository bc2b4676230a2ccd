/** The ready queue and the credits together: what comes waits, what may start is handed out, what has ended makes room. A
 *  validator that has no credit left is passed over, so one that hangs holds up nobody else. Pure. */
import { type CreditRules, Credits } from './credits.js';
import { type Popped, type Pushed, ReadyQueue, type ReadyQueueRules, type ReadyTask } from './ready-queue.js';

export class TaskScheduler<Task extends ReadyTask> {
  private readonly queue: ReadyQueue<Task>;
  private readonly credits: Credits;

  constructor(rules: ReadyQueueRules & CreditRules) {
    this.queue = new ReadyQueue(rules);
    this.credits = new Credits(rules);
  }

  /** Tasks that wait. */
  get size(): number {
    return this.queue.size;
  }

  /** When `expire` has something to hand out; Infinity: not before another task comes. */
  get nextDeadlineAtMs(): number {
    return this.queue.nextDeadlineAtMs;
  }

  /** How many tasks of the validator its workers take at a time; 0 until this is told, and while it has no worker. */
  allow(validator: string, max: number): void {
    this.credits.allow(validator, max);
    this.holdOrRelease(validator);
  }

  /** How many tasks of all validators together may be out. */
  allowInAll(totalMax: number): void {
    this.credits.allowInAll(totalMax);
  }

  /** It will not be heard of again; none of its tasks waits or is out. */
  forget(validator: string): void {
    this.credits.allow(validator, 0);
    this.queue.release(validator);
  }

  submit(task: Task, nowMs: number): Pushed<Task> {
    this.holdOrRelease(task.validator);
    return this.queue.push(task, nowMs);
  }

  /** The next one to start, which takes its credit: `ended` gives it back. To be asked until it has none. */
  next(nowMs: number): Popped<Task> {
    const { least } = this.credits;
    if (least === undefined) return { task: undefined, expired: this.queue.expire(nowMs) };
    const popped = this.queue.pop(nowMs, least);
    if (popped.task === undefined) return popped;
    const { validator, priority } = popped.task;
    if (!this.credits.take(validator, priority)) throw new Error(`${validator} was handed out without a credit`);
    this.holdOrRelease(validator);
    return popped;
  }

  /** One that was handed out to be started. */
  ended({ validator, priority }: Task): void {
    this.credits.giveBack(validator, priority);
    this.holdOrRelease(validator);
  }

  expire(nowMs: number): readonly Task[] {
    return this.queue.expire(nowMs);
  }

  /** Undefined: it waits no longer. */
  remove(id: string): Task | undefined {
    return this.queue.remove(id);
  }

  private holdOrRelease(validator: string): void {
    if (this.credits.has(validator)) this.queue.release(validator);
    else this.queue.hold(validator);
  }
}
