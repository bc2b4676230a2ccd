/** How many tasks an adaptive batch gathers: more while full ones are answered well within the target, fewer where they take
 *  longer than that. */

const FACTOR = 1.2;
const FAST_PART = 0.8;
const SLOW_PART = 1.2;
const FIRST_SIZE = 10;

export class Sizer {
  /** Not whole: from 1 a step of a fifth must come to 2 some time. */
  private exact: number;

  constructor(
    public sizeMax: number,
    private readonly targetMs: number,
  ) {
    this.exact = Math.min(FIRST_SIZE, sizeMax);
  }

  get size(): number {
    return Math.max(1, Math.min(this.sizeMax, Math.round(this.exact)));
  }

  /** A batch of so many was answered, or has failed. That a smaller one is fast says nothing of a larger one. */
  ended(size: number, tookMs: number): void {
    if (tookMs < FAST_PART * this.targetMs && size >= this.size)
      this.exact = Math.min(this.exact * FACTOR, this.sizeMax);
    else if (tookMs > SLOW_PART * this.targetMs) this.exact = Math.max(this.exact / FACTOR, 1);
  }
}
