/** The daemon's own life in the records: that it began and that it stops. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { Store } from './store.js';

export interface RecordedLife {
  /** Once it is ready. The first calls come before the database is opened for this. */
  began(): void;
  /** Settled when all is written that can be. */
  stopping(why: string): Promise<void>;
}

export function recordLife(store: Pick<Store, 'audit' | 'close'>, clock: Clock, about: string): RecordedLife {
  let isStartRecorded = false;
  const recordStart = () => {
    if (!isStartRecorded) void store.audit('started', about);
    isStartRecorded = true;
  };
  return {
    began: () => void clock.after(LIMITS.recordsOpenDelayMs, recordStart),
    stopping(why) {
      recordStart(); // should it have been that short
      void store.audit('stopping', why);
      return store.close();
    },
  };
}
