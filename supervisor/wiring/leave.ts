/** The last step of the daemon's end, which nothing holds up. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';

export interface LeaveRooms {
  log: { flush(done: () => void): void };
  clock: Clock;
  leave(code: number): void;
}

export function leaver({ log, clock, leave }: LeaveRooms): (code: number) => void {
  return (code) => {
    const end = () => leave(code);
    clock.after(LIMITS.logCloseBudgetMs, end);
    log.flush(end);
  };
}
