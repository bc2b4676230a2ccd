/** Where the daemon stands in its life, and how it ends: what runs may finish for a while, then its rooms are closed. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import { DAEMON, type DaemonInput, type DaemonState } from './daemon-state.js';

const LOOK_EVERY_MS = 10;

export class DaemonLife {
  private now: DaemonState = 'starting';
  private untilMs = Number.POSITIVE_INFINITY;
  private isSignalled = false;

  constructor(private readonly clock: Clock) {}

  get state(): DaemonState {
    return this.now;
  }

  /** No call is begun any more. What a daemon that was replaced has accepted, it answers. */
  get isStopping(): boolean {
    return this.now === 'draining' || this.now === 'closing' || this.now === 'stopped';
  }

  /** @returns whether that has changed anything. */
  input(input: DaemonInput): boolean {
    const before = this.now;
    this.now = DAEMON[before][input];
    return this.now !== before;
  }

  /** How long running hooks may still take. Who asks again can only make it shorter. */
  allow(budgetMs: number): void {
    this.untilMs = Math.min(this.untilMs, this.clock.nowMs() + budgetMs);
  }

  /** @returns what a signal leaves them: who sends a second one, or one to a daemon that is stopping, waits no longer. */
  signalled(): number {
    const isUrgent = this.isSignalled || this.isStopping;
    this.isSignalled = true;
    return isUrgent ? 0 : LIMITS.drainBudgetMs;
  }

  /** @param closeRooms one after the other, each settled before the next. */
  async end(isEmpty: () => boolean, closeRooms: readonly (() => unknown)[]): Promise<void> {
    let isOver = isEmpty();
    while (!isOver && this.clock.nowMs() < this.untilMs) {
      await new Promise<void>((done) => void this.clock.after(LOOK_EVERY_MS, done));
      isOver = isEmpty();
    }
    this.input(isOver ? 'empty' : 'overdue');
    for (const close of closeRooms) await close();
    this.input('closed');
  }
}
