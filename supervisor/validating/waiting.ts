/** Tasks that wait for a worker, by the crew whose workers they wait for. */
import type { Task } from './asked.js';
import type { Crew } from './crew.js';

export class Waiting {
  private readonly byCrew = new Map<Crew, Set<Task>>();

  add(task: Task): void {
    const tasks = this.byCrew.get(task.crew) ?? new Set();
    this.byCrew.set(task.crew, tasks.add(task));
  }

  /** The last one's crew hears that nothing waits for it. */
  remove(task: Task): void {
    const tasks = this.byCrew.get(task.crew);
    if (tasks?.delete(task) !== true || tasks.size > 0) return;
    this.byCrew.delete(task.crew);
    task.crew.want(0);
  }

  has(crew: Crew): boolean {
    return this.byCrew.has(crew);
  }

  of(crew: Crew): Task[] {
    return [...(this.byCrew.get(crew) ?? [])];
  }

  /** Of the tasks that wait, how long the first has. */
  longestMs(nowMs: number): number {
    let sinceMs = nowMs;
    for (const tasks of this.byCrew.values()) {
      for (const { enqueuedAtMs } of tasks) sinceMs = Math.min(sinceMs, enqueuedAtMs);
    }
    return nowMs - sinceMs;
  }

  /** Each crew hears how many wait for it. */
  tell(): void {
    for (const [crew, { size }] of [...this.byCrew]) crew.want(size);
  }
}
