/** All pools: that of `exec`, and one for each interpreter key and each sandbox, made on first sight and bounded; the least
 *  recently used idle one makes room. Those of interpreters share the memory for parked processes. */
import type { Clock } from '../contract/clock.js';
import type { Happening } from '../contract/happening.js';
import type { HostRoom } from '../contract/host-room.js';
import { LIMITS } from '../contract/limits.js';
import type { PoolSpec } from './keeper-argv.js';
import { type HeldPool, Pool, type PoolEvents, type PoolOptions } from './pool.js';
import type { RingUse } from './ring-use.js';
import { Scaler } from './scaler.js';
import { scaledHappening } from './scaling.js';
import { Shares } from './shares.js';
import type { Wish } from './target.js';

/** What is told beyond this file. */
export type PoolsEvents = Omit<PoolEvents, 'used' | 'costChanged'> & { scaled(happening: Happening): void };

/** What parked processes of interpreters may take up. */
export interface ParkingRoom {
  clock: Clock;
  memoryMaxBytes: number;
  readRoom(): Promise<HostRoom>;
}

/** Of a pool that had to make room: coming back does not end its quarantine, nor what the operator wants of it. */
interface Remembered {
  held: HeldPool | undefined;
  wish: Wish | undefined;
}

export class Pools {
  private readonly warm = new Map<string, Pool>();
  private readonly leaving = new Set<Pool>();
  private readonly remembered = new Map<string, Remembered>();
  private readonly clock: Clock;
  private readonly shares: Shares;
  private readonly scaler: Scaler;
  readonly exec: Pool;

  constructor(
    execSpec: PoolSpec,
    private readonly warmMax: number,
    { clock, memoryMaxBytes, readRoom }: ParkingRoom,
    private readonly options: (spec: PoolSpec) => PoolOptions,
    private readonly events: PoolsEvents,
    /** Of several that live at the same time. */
    readonly set = 1,
  ) {
    this.clock = clock;
    this.shares = new Shares(
      memoryMaxBytes,
      () => clock.nowMs(),
      (pool, scaling) => this.events.scaled(scaledHappening(pool, scaling, clock.nowMs())),
    );
    this.scaler = new Scaler(clock, this.shares, readRoom);
    this.exec = this.make(execSpec);
    this.shares.join(this.exec);
  }

  /** The pool of `id`, made from `spec()` and started if it is new. A string says why there is none.
   *  @param isOnlyWay a call that does not get it is refused: any pool that is idle makes room, and one is always allowed. */
  forKey(id: string, spec: () => PoolSpec, isOnlyWay: boolean): Pool | string {
    const known = this.warm.get(id);
    if (known !== undefined) {
      if (known.closedBecause !== undefined) return known.closedBecause;
      known.use();
      return known;
    }
    // Its keeper's group is still being emptied: a new keeper in it would be killed as well.
    for (const old of this.leaving) if (old.spec.id === id) return 'the pool for this call is being stopped';
    // One that was wanted lately, or is still warming, is worth more than a newcomer that has another way: else two pools too
    // many would take turns and none ever be warm.
    const idleMs = isOnlyWay ? 0 : LIMITS.poolIdleBeforeEvictionMs;
    const max = Math.max(this.warmMax, isOnlyWay ? 1 : 0);
    if (this.warm.size >= max && !this.dropOldestIdle(idleMs)) {
      return 'all pools are busy';
    }
    const pool = this.make(spec(), this.remembered.get(id));
    this.remembered.delete(id);
    this.warm.set(id, pool);
    pool.start();
    if (pool.heldBecause !== undefined) return pool.heldBecause;
    this.shares.join(pool);
    this.scaler.soon();
    return pool.closedBecause ?? pool;
  }

  /** For a call that no interpreter is kept warm for. */
  forAnyCommand(): Pool {
    this.exec.use();
    return this.exec;
  }

  all(): Pool[] {
    return [this.exec, ...this.warm.values(), ...this.leaving];
  }

  get parkedMemoryBytes(): number {
    return this.all().reduce((sum, pool) => sum + pool.parkedMemoryBytes, 0);
  }

  keepers(): { pid: number; pool: string }[] {
    return this.all().flatMap(({ keeperPid, spec }) =>
      keeperPid === undefined ? [] : [{ pid: keeperPid, pool: spec.id }],
    );
  }

  ringCounters(): RingUse {
    const sum = { records: 0, wakeups: 0 };
    for (const pool of this.all()) {
      const { records, wakeups } = pool.ringCounters();
      sum.records += records;
      sum.wakeups += wakeups;
    }
    return sum;
  }

  stopAll(): Promise<void> {
    this.scaler.stop();
    return Promise.all(this.all().map((pool) => new Promise<void>((done) => pool.stop(done)))).then(() => {});
  }

  /** What the operator wants of the pools of `before`. Their quarantines go with the configuration that they came from. */
  followWishesOf(before: Pools): void {
    for (const [id, { wish }] of before.remembered) this.remember(id, { held: undefined, wish });
    for (const { spec, target } of before.warm.values()) this.remember(spec.id, { held: undefined, wish: target.wish });
    const ofExec = before.exec.target.wish;
    if (ofExec !== undefined) this.exec.target.follow(ofExec);
  }

  private make(spec: PoolSpec, before?: Remembered): Pool {
    const events: PoolEvents = {
      ...this.events,
      used: (pool, isMoreWanted) => {
        this.shares.used(pool);
        if (isMoreWanted) this.scaler.soon();
      },
      costChanged: () => this.shares.divide(),
      held: (pool, cause, holdMs) => {
        this.shares.leave(pool);
        this.events.held(pool, cause, holdMs);
      },
      released: (pool) => {
        if (pool === this.exec || this.warm.get(pool.spec.id) === pool) this.shares.join(pool);
        this.events.released(pool);
      },
    };
    const pool = new Pool(spec, this.options(spec), events, before?.held);
    if (before?.wish !== undefined) pool.target.follow(before.wish);
    return pool;
  }

  private remember(id: string, what: Remembered): void {
    if (what.held === undefined && what.wish === undefined) return;
    this.remembered.set(id, what);
    const oldest = this.remembered.keys().next().value;
    if (this.remembered.size > LIMITS.poolsRememberedMax && oldest !== undefined) this.remembered.delete(oldest);
  }

  private dropOldestIdle(idleMs: number): boolean {
    const idleMsOf = (pool: Pool) => pool.demand.idleMs(this.clock.nowMs());
    const idle = [...this.warm.values()]
      .filter((pool) => pool.activeTasks === 0 && idleMsOf(pool) >= idleMs)
      .sort((a, b) => idleMsOf(b) - idleMsOf(a));
    const oldest = idle[0];
    if (oldest === undefined) return false;
    this.warm.delete(oldest.spec.id);
    this.remember(oldest.spec.id, { held: oldest.held, wish: oldest.target.wish });
    this.leaving.add(oldest);
    this.shares.leave(oldest);
    oldest.stop(() => this.leaving.delete(oldest));
    return true;
  }
}
