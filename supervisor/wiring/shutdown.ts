/** The daemon's end: nothing new is taken, what runs may finish for a while, then the rooms are closed in reverse order. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';

const LOOK_EVERY_MS = 10;

export interface ShutdownRooms {
  settle(): void;
  closeIntake(): void;
  activeCalls(): number;
  clock: Clock;
  /** One after the other, each settled before the next. */
  closeRooms: readonly (() => Promise<unknown>)[];
}

export async function stopInOrder({ settle, closeIntake, activeCalls, clock, closeRooms }: ShutdownRooms) {
  settle();
  closeIntake();
  const drainUntilMs = clock.nowMs() + LIMITS.drainBudgetMs;
  while (activeCalls() > 0 && clock.nowMs() < drainUntilMs) {
    await new Promise<void>((done) => void clock.after(LOOK_EVERY_MS, done));
  }
  for (const close of closeRooms) await close();
}
