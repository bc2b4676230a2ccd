/** Time and chance of a simulation: timers come one by one in order, and one seed gives one course of things. */
import type { Clock } from '../../../supervisor/contract/clock.js';

interface Timer {
  dueMs: number;
  order: number;
  callback: () => void;
}

export class SimClock implements Clock {
  private now = 0;
  private ordered = 0;
  private readonly timers = new Set<Timer>();

  nowMs(): number {
    return this.now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.now + Math.max(0, delayMs), order: this.ordered++, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  get waiting(): number {
    return this.timers.size;
  }

  /** Lets the next timer come, if it is due by then. */
  step(untilMs: number): boolean {
    let first: Timer | undefined;
    for (const timer of this.timers) {
      const isEarlier =
        first === undefined || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.order < first.order);
      if (isEarlier) first = timer;
    }
    if (first === undefined || first.dueMs > untilMs) {
      this.now = untilMs;
      return false;
    }
    this.timers.delete(first);
    this.now = first.dueMs;
    first.callback();
    return true;
  }
}

/** Seeded: mulberry32. */
export class Chance {
  constructor(private state: number) {}

  /** 0 <= value < 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  in(share: number): boolean {
    return this.next() < share;
  }

  /** Small ones are as likely as large ones. */
  between(min: number, max: number): number {
    return min * (max / min) ** this.next();
  }

  of<T>(all: readonly T[]): T {
    return all[Math.floor(this.next() * all.length)] as T;
  }
}
