/** The pools of the configuration in force, and those of earlier ones, which go as their calls end. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { PoolPlace } from '../contract/pool-place.js';
import type { Pool } from '../pool/pool.js';
import type { Pools } from '../pool/pools.js';
import type { RingUse } from '../pool/ring-use.js';

const LOOK_EVERY_MS = 20;

export class PoolSets {
  private readonly leaving = new Set<Pools>();
  /** Not yet for calls; its keepers are not strays. */
  private coming: Pools | undefined;
  private readonly finished: RingUse = { records: 0, wakeups: 0 };

  constructor(
    private now: Pools,
    private readonly clock: Clock,
  ) {}

  get current(): Pools {
    return this.now;
  }

  get isFull(): boolean {
    return this.leaving.size >= LIMITS.leavingPoolSetsMax;
  }

  /** Counted among ours while it is found out whether it will do. */
  async attempt(next: Pools, whyNot: () => Promise<string | undefined>): Promise<string | undefined> {
    this.coming = next;
    const why = await whyNot();
    if (why === undefined) this.replace(next);
    else await next.stopAll();
    this.coming = undefined;
    return why;
  }

  /** Calls that have not begun, and all new ones, are served by `next` from here on. */
  private replace(next: Pools): void {
    const before = this.now;
    this.now = next;
    this.leaving.add(before);
    for (const pool of before.all()) {
      pool.settle(); // what the switchboard runs is to be waited for
      pool.target.leave();
    }
    void this.letGo(before);
  }

  /** Whether its free processes are for calls. */
  serves(pool: Pool): boolean {
    return this.now.all().includes(pool);
  }

  /** The pool that has its place now; itself, where none has. */
  standIn(pool: Pool): Pool {
    if (this.leaving.size === 0 || this.serves(pool)) return pool;
    return this.now.all().find(({ spec }) => spec.id === pool.spec.id) ?? pool;
  }

  placeOf(pool: Pool): PoolPlace {
    const its = this.sets().find((set) => set.all().includes(pool)) ?? this.now;
    const standing = this.leaving.has(its) ? 'leaving' : its === this.now ? 'serving' : 'coming';
    return { set: its.set, standing };
  }

  all(): Pool[] {
    return this.sets().flatMap((set) => set.all());
  }

  keepers(): { pid: number; pool: string }[] {
    return this.sets().flatMap((set) => set.keepers());
  }

  get parkedMemoryBytes(): number {
    return this.sets().reduce((sum, set) => sum + set.parkedMemoryBytes, 0);
  }

  ringCounters(): RingUse {
    return this.sets()
      .map((set) => set.ringCounters())
      .reduce(sumOf, this.finished);
  }

  /** Settled when the last task has ended and all pools have gone with theirs. */
  async drained(): Promise<void> {
    await Promise.all(this.sets().map((set) => this.emptied(set)));
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.sets().map((set) => set.stopAll()));
  }

  private sets(): Pools[] {
    const coming = this.coming === undefined || this.coming === this.now ? [] : [this.coming];
    return [this.now, ...this.leaving, ...coming];
  }

  /** Each pool ends once its last call has; a call may take as long as its own deadline allows. */
  private async letGo(set: Pools): Promise<void> {
    await this.emptied(set);
    Object.assign(this.finished, sumOf(this.finished, set.ringCounters()));
    this.leaving.delete(set);
  }

  private async emptied(set: Pools): Promise<void> {
    const isDone = (pool: Pool) => new Promise<void>((done) => pool.stop(done));
    await Promise.all(
      set.all().map(async (pool) => {
        while (pool.activeTasks > 0) {
          await new Promise<void>((done) => void this.clock.after(LOOK_EVERY_MS, done));
        }
        await isDone(pool);
      }),
    );
    await set.stopAll(); // what came meanwhile, and the set's own timers
  }
}

function sumOf(a: RingUse, b: RingUse): RingUse {
  return { records: a.records + b.records, wakeups: a.wakeups + b.wakeups };
}
