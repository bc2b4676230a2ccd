/** Who may keep how many processes parked: kept up to date as pools come, are used, turn out dearer, and go. */
import { apportion, isInUse } from './budget.js';
import type { Pool } from './pool.js';

export type Sharer = {
  readonly target: Pick<Pool['target'], 'setShare'>;
  readonly spec: Pick<Pool['spec'], 'parked'>;
  readonly cost: Pick<Pool['cost'], 'steadyBytes'>;
};

export class Shares {
  private readonly uses = new Map<Sharer, { usedAt: number; inUseSince: number }>();
  /** Calls of warm interpreters so far. */
  private now = 0;
  /** Some pool has fewer than it is configured for: only then does it matter which one is used. */
  private isScarce = false;

  constructor(private readonly maxBytes: number) {}

  /** A new pool is made for a call. */
  join(pool: Sharer): void {
    this.now++;
    this.uses.set(pool, { usedAt: this.now, inUseSince: this.now });
    this.divide();
  }

  used(pool: Sharer): void {
    const use = this.uses.get(pool);
    if (use === undefined) return;
    this.now++;
    if (!isInUse(use, this.now)) use.inUseSince = this.now;
    use.usedAt = this.now;
    if (this.isScarce) this.divide();
  }

  leave(pool: Sharer): void {
    if (this.uses.delete(pool)) this.divide();
  }

  /** After a change of what a process costs. */
  divide(): void {
    const pools = [...this.uses];
    const claims = pools.map(([pool, use]) => ({
      countMax: pool.spec.parked,
      costBytes: pool.cost.steadyBytes,
      ...use,
    }));
    const counts = apportion(claims, this.maxBytes, this.now);
    this.isScarce = false;
    for (const [index, [pool]] of pools.entries()) {
      const count = counts[index] ?? 0;
      this.isScarce ||= count < pool.spec.parked;
      pool.target.setShare(count);
    }
  }
}
