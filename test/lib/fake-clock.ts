/** Time that passes when the test says so. */
import type { Clock } from '../../supervisor/contract/clock.js';

export class FakeClock implements Clock {
  now = 0;
  /** Those that have neither come nor been undone. */
  timers: { dueMs: number; callback: () => void }[] = [];

  nowMs(): number {
    return this.now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.now + delayMs, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  }

  pass(ms: number): void {
    this.now += ms;
    const due = this.timers.filter(({ dueMs }) => dueMs <= this.now);
    this.timers = this.timers.filter((timer) => !due.includes(timer));
    for (const { callback } of due) callback();
  }
}
