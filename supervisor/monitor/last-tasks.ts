/** What each pool has served lately: the newest few calls, for `supervisor status POOL`. */
import { LIMITS } from '../contract/limits.js';
import type { LastTask } from '../contract/pool-detail.js';
import type { CallRecord } from '../contract/records.js';

type Ended = Omit<CallRecord, 'endedAtMs'>;

export class LastTasks {
  private readonly byPool = new Map<string, LastTask[]>();

  /** @param wallMs milliseconds since 1970. */
  constructor(private readonly wallMs: () => number) {}

  add(pool: string, { handler, path, outcome, exitCode, signal, totalMs, pid }: Ended, agoMs = 0): void {
    const endedAtMs = Math.round(this.wallMs() - agoMs);
    const tasks = this.byPool.get(pool) ?? this.makeRoom(pool);
    tasks.push({ endedAtMs, handler, path, outcome, exitCode, signal, totalMs, pid });
    if (tasks.length > LIMITS.lastTasksKeptMax) tasks.shift();
  }

  /** Oldest first. */
  of(pool: string): LastTask[] {
    return [...(this.byPool.get(pool) ?? [])];
  }

  private makeRoom(pool: string): LastTask[] {
    const oldest = this.byPool.keys().next().value;
    if (this.byPool.size >= LIMITS.poolsMax && oldest !== undefined) this.byPool.delete(oldest);
    const tasks: LastTask[] = [];
    this.byPool.set(pool, tasks);
    return tasks;
  }
}
