/** Of what the processes of a pool died, and how often lately: a death that is one too many of its cause puts the pool into
 *  quarantine. Bounded: of many causes the one seen longest ago is forgotten. */
import { LIMITS } from '../contract/limits.js';

interface Deaths {
  total: number;
  /** The last ones, oldest first; no more than it takes to be too many. */
  atMs: number[];
}

export class DeathTally {
  private readonly byCause = new Map<string, Deaths>();

  /** @returns whether that is more than may die of this cause in so short a time. */
  add(cause: string, nowMs: number): boolean {
    const deaths = this.count(cause);
    deaths.atMs = [...deaths.atMs, nowMs].slice(-(LIMITS.deathsMax + 1));
    return deaths.atMs.filter((one) => nowMs - one < LIMITS.deathsWindowMs).length > LIMITS.deathsMax;
  }

  /** One that is no sign of more to come. */
  count(cause: string): Deaths {
    const known = this.byCause.get(cause) ?? { total: 0, atMs: [] };
    const deaths = { ...known, total: known.total + 1 };
    this.byCause.delete(cause);
    this.byCause.set(cause, deaths);
    const oldest = this.byCause.keys().next().value;
    if (this.byCause.size > LIMITS.deathCausesMax && oldest !== undefined) this.byCause.delete(oldest);
    return deaths;
  }

  /** What is to be forgiven: deaths of `cause` were no row. The total stays. */
  interrupt(cause: (cause: string) => boolean): void {
    for (const [one, deaths] of this.byCause) if (cause(one)) deaths.atMs = [];
  }

  /** A new try begins with nothing held against it. */
  forgive(): void {
    this.interrupt(() => true);
  }

  counts(): { cause: string; count: number }[] {
    return [...this.byCause].map(([cause, { total }]) => ({ cause, count: total }));
  }
}
