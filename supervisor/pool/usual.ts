/** How long something of one kind usually takes: the latest times, and their median. Pure. */
import { LIMITS } from '../contract/limits.js';

export class UsualTime {
  private readonly latestMs = new Float64Array(LIMITS.usualTimesKept);
  private count = 0;

  add(tookMs: number): void {
    this.latestMs[this.count++ % this.latestMs.length] = tookMs;
  }

  /** @returns the usual time, where `tookMs` is far above it; undefined where it is not, or too little is known. */
  exceededBy(tookMs: number): number | undefined {
    if (tookMs < LIMITS.slowMinMs || this.count < LIMITS.usualTimesMin) return undefined;
    const known = this.latestMs.slice(0, this.count).sort();
    const medianMs = known[known.length >> 1] ?? 0;
    return tookMs > LIMITS.slowFactor * medianMs ? medianMs : undefined;
  }
}
