/** The daemon's end: nothing new is taken, what runs may finish for a while, then the rooms are closed in reverse order. */
import type { Clock } from '../contract/clock.js';

const LOOK_EVERY_MS = 10;

/** How long running hooks may still take. Who asks again can only make it shorter. */
export class Drain {
  #untilMs = Number.POSITIVE_INFINITY;

  constructor(private readonly clock: Clock) {}

  allow(budgetMs: number): void {
    this.#untilMs = Math.min(this.#untilMs, this.clock.nowMs() + budgetMs);
  }

  isOver(): boolean {
    return this.clock.nowMs() >= this.#untilMs;
  }
}

export interface ShutdownRooms {
  settle(): void;
  closeIntake(): void;
  activeCalls(): number;
  clock: Clock;
  drain: Drain;
  /** One after the other, each settled before the next. */
  closeRooms: readonly (() => Promise<unknown>)[];
}

export async function stopInOrder({ settle, closeIntake, activeCalls, clock, drain, closeRooms }: ShutdownRooms) {
  settle();
  closeIntake();
  while (activeCalls() > 0 && !drain.isOver()) {
    await new Promise<void>((done) => void clock.after(LOOK_EVERY_MS, done));
  }
  for (const close of closeRooms) await close();
}
