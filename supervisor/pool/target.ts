/** How many processes a keeper is to keep parked: the pool's share, and one for each call that waits. */
import { uint32s } from './report.js';

export class Target {
  private waiting = 0;

  /** @param tell hands a struct target to the keeper, if there is one. */
  constructor(
    private shareCount: number,
    private readonly slots: number,
    private readonly tell: (payload: Buffer) => void,
  ) {}

  get share(): number {
    return this.shareCount;
  }

  /** How many may stay parked while nobody waits; more are ended. */
  setShare(count: number): void {
    if (count === this.shareCount) return;
    this.shareCount = count;
    this.send();
  }

  setWaiting(calls: number): void {
    if (calls === this.waiting) return;
    this.waiting = calls;
    this.send();
  }

  /** A new keeper has been started with the share, and knows of no call. */
  begin(): void {
    this.waiting = 0;
  }

  private send(): void {
    const parked = Math.min(this.shareCount + this.waiting, this.slots);
    this.tell(uint32s(parked, this.slots, Math.min(this.waiting, parked)));
  }
}
