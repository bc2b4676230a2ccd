/** At which pace tasks leave, and so when one that was refused should be sent again. */
import { LIMITS } from '../../contract/limits.js';

/** Of the newest gap in the average. */
const NEWEST_PART = 0.1;
/** Of those that wait: at that point one that comes again finds room, also where others do the same. */
const PART_TO_LEAVE_FIRST = 0.1;

export class Pace {
  private lastAtMs: number | undefined;
  private gapMs: number | undefined;

  /** One has left, and `waiting` others are there. */
  left(nowMs: number, waiting: number): void {
    if (this.lastAtMs !== undefined) {
      const gapMs = nowMs - this.lastAtMs;
      this.gapMs = this.gapMs === undefined ? gapMs : this.gapMs + (gapMs - this.gapMs) * NEWEST_PART;
    }
    this.lastAtMs = waiting > 0 ? nowMs : undefined; // the time until more come says nothing of the pace
  }

  retryAfterMs(waiting: number): number {
    const estimateMs = (this.gapMs ?? 0) * waiting * PART_TO_LEAVE_FIRST;
    return Math.ceil(Math.min(Math.max(estimateMs, LIMITS.taskRetryAfterMinMs), LIMITS.taskRetryAfterMaxMs));
  }
}
