/** Who may keep how many processes parked: kept up to date as pools come, are used, want more or less, turn out dearer, and
 *  go. Those of `exec` cost next to nothing: they get what they want. */
import type { HostRoom } from '../contract/host-room.js';
import { apportion, type Claim, isInUse } from './budget.js';
import { type HeadRoom, headRoom } from './head-room.js';
import type { Pool } from './pool.js';
import type { Scaling } from './scaling.js';

export type Sharer = {
  readonly target: Pick<Pool['target'], 'share' | 'setShare'>;
  readonly demand: Pick<Pool['demand'], 'counts' | 'wantedAt' | 'timesWanted' | 'settle' | 'figures'>;
  readonly spec: Pick<Pool['spec'], 'runtime'>;
  readonly cost: Pick<Pool['cost'], 'steadyBytes'>;
  readonly parkedMemoryBytes: number;
};

interface Use {
  usedAt: number;
  inUseSince: number;
  /** As it was told last; undefined: never. */
  wanted: number | undefined;
}

export class Shares<P extends Sharer = Pool> {
  private readonly uses = new Map<P, Use>();
  /** Calls of warm interpreters so far. */
  private now = 0;
  /** There is not room for all: only then does it matter which one is used. */
  private isScarce = false;
  /** Some pool has fewer than it wants. */
  private isAnyShort = false;
  private room: HostRoom | undefined;

  /** @param told of every decision. */
  constructor(
    private readonly setAsideBytes: number,
    private readonly nowMs: () => number,
    private readonly told: (pool: P, scaling: Scaling) => void,
  ) {}

  /** A new pool, made for a call. */
  join(pool: P): void {
    this.now++;
    this.uses.set(pool, { usedAt: this.now, inUseSince: this.now, wanted: undefined });
    this.divide();
  }

  used(pool: P): void {
    const use = this.uses.get(pool);
    if (use === undefined || isFree(pool)) return;
    this.now++;
    if (!isInUse(use, this.now)) use.inUseSince = this.now;
    use.usedAt = this.now;
    if (this.isScarce) this.divide();
  }

  leave(pool: P): void {
    if (this.uses.delete(pool)) this.divide();
  }

  /** Demand has changed, or may have grown old; the host was looked at. */
  reconsider(room: HostRoom): void {
    this.room = room;
    for (const pool of this.uses.keys()) pool.demand.settle(this.nowMs());
    this.divide();
  }

  /** Whether time alone may change something: then it is to be looked at again. */
  get isUnsettled(): boolean {
    return this.isAnyShort || [...this.uses.keys()].some(({ target, demand }) => target.share > demand.counts.min);
  }

  /** After a change of what a process costs. */
  divide(): void {
    const pools = [...this.uses.keys()];
    const costly = pools.filter((pool) => !isFree(pool));
    const head = this.headRoom(costly);
    const claims = costly.map((pool) => this.claimOf(pool, head));
    const counts = apportion(claims, head.maxBytes, this.now);
    this.isScarce = claims.some(({ wanted }, index) => (counts[index] ?? 0) < wanted);
    this.isAnyShort = false;
    for (const pool of pools) {
      const wanted = pool.demand.wantedAt(this.nowMs());
      const count = isFree(pool) ? wanted : (counts[costly.indexOf(pool)] ?? 0);
      this.isAnyShort ||= count < wanted;
      this.give(pool, count, wanted, head);
    }
  }

  private headRoom(pools: readonly P[]): HeadRoom {
    const sum = (bytesOf: (pool: P) => number) => pools.reduce((bytes, pool) => bytes + bytesOf(pool), 0);
    const parkedBytes = sum((pool) => pool.parkedMemoryBytes);
    const sharedBytes = sum(({ target, cost }) => target.share * cost.steadyBytes);
    return headRoom(this.setAsideBytes, parkedBytes, sharedBytes, this.room);
  }

  private claimOf(pool: P, { isOneByOne }: HeadRoom): Claim {
    const { demand, target, cost } = pool;
    const { usedAt = 0, inUseSince = 0 } = this.uses.get(pool) ?? {};
    const wanted = demand.wantedAt(this.nowMs());
    const least = Math.min(demand.counts.min, wanted);
    return {
      least,
      wanted: isOneByOne ? Math.max(least, Math.min(wanted, target.share + 1)) : wanted,
      timesWanted: (n) => demand.timesWanted(n),
      costBytes: cost.steadyBytes,
      usedAt,
      inUseSince,
    };
  }

  private give(pool: P, count: number, wanted: number, head: HeadRoom): void {
    const use = this.uses.get(pool);
    const before = pool.target.share;
    pool.target.setShare(count);
    if (use === undefined || (count === before && wanted === use.wanted)) return;
    const wantedBefore = use.wanted;
    use.wanted = wanted;
    this.told(pool, { before, after: count, wanted, wantedBefore, head, room: this.room });
  }
}

function isFree({ spec }: Sharer): boolean {
  return spec.runtime === 'exec';
}
