/** Programs that a warm interpreter has declined lately: they go to `exec` at once instead of costing a parked process
 *  each time. Forgotten after a while, since the cause (a module beside the script, say) may be gone. */
import type { Clock } from '../contract/clock.js';

const REMEMBER_MS = 10_000;
const REMEMBER_MAX = 256;

export class DeclinedPrograms {
  private readonly untilMs = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  add(key: string): void {
    this.untilMs.delete(key);
    this.untilMs.set(key, this.clock.nowMs() + REMEMBER_MS);
    const oldest = this.untilMs.keys().next().value;
    if (this.untilMs.size > REMEMBER_MAX && oldest !== undefined) this.untilMs.delete(oldest);
  }

  has(key: string): boolean {
    const untilMs = this.untilMs.get(key);
    if (untilMs === undefined) return false;
    if (untilMs > this.clock.nowMs()) return true;
    this.untilMs.delete(key);
    return false;
  }
}
