/** Requests of a program that wait until there is room for them: the daemon refuses what goes beyond its bounds. */
import { LIMITS } from '../contract/limits.js';
import { type Amount, Load } from './load.js';

interface Waiting {
  amount: Amount;
  go(): void;
}

export class Room {
  private readonly load = new Load({
    events: LIMITS.libraryEventsPerConnectionMax,
    bytes: LIMITS.libraryBytesPerConnectionMax,
  });
  private readonly waiting = new Set<Waiting>();

  /** @returns undefined: too many wait already. Otherwise once there is room; `false`: the signal came first. */
  enter(amount: Amount, signal?: AbortSignal): Promise<boolean> | undefined {
    if (this.waiting.size === 0 && this.load.hasRoomFor(amount)) {
      this.load.add(amount);
      return Promise.resolve(true);
    }
    if (this.waiting.size >= LIMITS.libraryWaitingMax) return undefined;
    return new Promise((resolve) => {
      const one: Waiting = {
        amount,
        go: () => {
          signal?.removeEventListener('abort', onAbort);
          this.load.add(amount);
          resolve(true);
        },
      };
      const onAbort = () => {
        if (this.waiting.delete(one)) resolve(false);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.waiting.add(one);
    });
  }

  leave(amount: Amount): void {
    this.load.remove(amount);
    for (const one of this.waiting) {
      if (!this.load.hasRoomFor(one.amount)) return;
      this.waiting.delete(one);
      one.go();
    }
  }
}
