/** What the hooks of all events may hold together: words that wait for their event to be answered, and hooks that run on after that. */
import { LIMITS } from '../contract/limits.js';

export class HookRoom {
  #bytes = 0;
  #left = 0;

  hold(bytes: number): boolean {
    if (this.#bytes + bytes > LIMITS.eventHooksHeldMaxBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }

  leave(): boolean {
    if (this.#left >= LIMITS.eventHooksLeftMax) return false;
    this.#left++;
    return true;
  }

  /** One that was left. */
  ended(): void {
    this.#left--;
  }
}
