/** Whether a keeper still takes records out of its ring. Pure. Counts looks, not time: after a freeze of the whole machine the
 *  clock has moved on though nobody has run. */
import { LIMITS } from '../contract/limits.js';

export class UnreadWatch<Sent> {
  private oldest: Sent | undefined;
  private looks = 0;

  /** @param newest the last record in the ring, by now; undefined: none was yet.
   *  @returns true where one has been unread for too many looks. */
  isStuck(newest: Sent | undefined, isConsumed: (sent: Sent) => boolean): boolean {
    if (this.oldest === undefined || isConsumed(this.oldest)) {
      this.oldest = newest === undefined || isConsumed(newest) ? undefined : newest;
      this.looks = 0;
      return false;
    }
    this.looks++;
    return this.looks >= LIMITS.keeperUnreadLooksMax;
  }
}
