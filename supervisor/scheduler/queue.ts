/** Calls that wait for a worker: first come, first served per pool, bounded per pool and over all. */

export interface QueueBounds {
  perPoolMax: number;
  totalMax: number;
}

export class WaitingCalls<T> {
  private readonly queues = new Map<string, T[]>();
  private total = 0;

  constructor(private readonly bounds: QueueBounds) {}

  /** False: full, the call is to be refused or sent elsewhere. */
  add(poolId: string, item: T): boolean {
    const queue = this.queues.get(poolId) ?? [];
    if (queue.length >= this.bounds.perPoolMax || this.total >= this.bounds.totalMax) return false;
    queue.push(item);
    this.queues.set(poolId, queue);
    this.total++;
    return true;
  }

  next(poolId: string): T | undefined {
    const queue = this.queues.get(poolId);
    const item = queue?.shift();
    if (item === undefined) return undefined;
    this.forget(poolId, queue);
    return item;
  }

  /** False: it was no longer there. */
  remove(poolId: string, item: T): boolean {
    const queue = this.queues.get(poolId);
    const at = queue?.indexOf(item) ?? -1;
    if (at < 0) return false;
    queue?.splice(at, 1);
    this.forget(poolId, queue);
    return true;
  }

  /** Of all pools; nothing waits any more. */
  takeAll(): T[] {
    const all = [...this.queues.values()].flat();
    this.queues.clear();
    this.total = 0;
    return all;
  }

  waiting(poolId: string): number {
    return this.queues.get(poolId)?.length ?? 0;
  }

  get size(): number {
    return this.total;
  }

  private forget(poolId: string, queue: T[] | undefined): void {
    this.total--;
    if (queue?.length === 0) this.queues.delete(poolId);
  }
}
