/** The last step of the daemon's end, which nothing holds up. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import { ExitCode } from '../contract/status.js';

export interface LeaveRooms {
  log: { flush(done: () => void): void };
  clock: Clock;
  leave(code: number): void;
}

export function leaver({ log, clock, leave }: LeaveRooms): () => void {
  const end = () => leave(ExitCode.OK);
  return () => {
    clock.after(LIMITS.logCloseBudgetMs, end);
    log.flush(end);
  };
}
