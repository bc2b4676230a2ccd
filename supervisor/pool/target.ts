/** How many processes a keeper is to keep parked: the pool's share or what the operator wants at least, and one for each call
 *  that waits; none while the pool is drained. */
import { uint32s } from './report.js';

/** Why the calls of such a pool go elsewhere. */
export const DRAINED = 'the operator has drained the pool';
const LEAVING = 'the configuration of this pool is not in force any more';

/** What the operator wants of a pool; it outlives the pool. */
export interface Wish {
  /** Parked at least. */
  floor: number;
  isDrained: boolean;
}

export class Target {
  private waiting = 0;
  private floorCount = 0;
  private drained = false;
  private leaving = false;

  /** @param tell hands a struct target to the keeper, if there is one. */
  constructor(
    private shareCount: number,
    private readonly slots: number,
    private readonly tell: (payload: Buffer) => void,
  ) {}

  get share(): number {
    return this.isClosed ? 0 : Math.min(Math.max(this.shareCount, this.floorCount), this.slots);
  }

  /** Of the memory set aside, whatever the operator wants. */
  get granted(): number {
    return this.shareCount;
  }

  get floor(): number {
    return this.floorCount;
  }

  get isDrained(): boolean {
    return this.drained;
  }

  /** It takes no new calls. */
  get isClosed(): boolean {
    return this.drained || this.leaving;
  }

  get isLeaving(): boolean {
    return this.leaving;
  }

  /** Why it takes no new calls; undefined where it does. */
  get closedBecause(): string | undefined {
    if (this.leaving) return LEAVING;
    return this.drained ? DRAINED : undefined;
  }

  /** undefined: nothing but what follows from calls and memory. */
  get wish(): Wish | undefined {
    const { floorCount: floor, drained: isDrained } = this;
    return floor > 0 || isDrained ? { floor, isDrained } : undefined;
  }

  /** Of a pool of the same name before this one. */
  follow({ floor, isDrained }: Wish): void {
    this.setFloor(floor);
    this.setDrained(isDrained);
  }

  /** What the operator wants parked at least. */
  setFloor(count: number): void {
    this.floorCount = count;
    this.send();
  }

  setDrained(isDrained: boolean): void {
    this.drained = isDrained;
    this.send();
  }

  /** Another set of pools has taken its place: it keeps nothing parked, and goes with its last task. */
  leave(): void {
    this.leaving = true;
    this.send();
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

  /** The keeper knows it already. */
  repeat(): void {
    this.send();
  }

  private send(): void {
    const parked = this.isClosed ? 0 : Math.min(this.share + this.waiting, this.slots);
    this.tell(uint32s(parked, this.slots, Math.min(this.waiting, parked)));
  }
}
