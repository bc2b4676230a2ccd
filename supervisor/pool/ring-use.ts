/** How much has gone through the rings of a pool, over all its keepers. */
import type { ChannelCounters } from '../native.js';

export interface RingUse {
  records: number;
  wakeups: number;
}

/** @param now of the ring in use; undefined where there is none. */
export function withCounters(before: RingUse, now: ChannelCounters | undefined): RingUse {
  if (now === undefined) return before;
  return {
    records: before.records + now.recordsWritten + now.recordsRead,
    wakeups: before.wakeups + now.wakeupsSent + now.wakeupsReceived,
  };
}
