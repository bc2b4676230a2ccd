/** The schedule of restarts, told once more in other words: judges when each keeper of a pool is started. */
import { LIMITS } from '../../../supervisor/contract/limits.js';

const SLACK_MS = 0.001;

export class ScheduleJudge {
  private failures = 0;
  private readyAtMs: number | undefined;
  private served = 0;
  private notBeforeMs = 0;
  private holds = 0;
  private isHeld = false;
  private isProbing = false;
  private lastAtMs: number[] = [];

  /** @param before of the pool of the same name that had to make room: its quarantine goes on. */
  constructor(
    private readonly fail: (what: string) => void,
    before: ScheduleJudge | undefined,
  ) {
    if (before === undefined || !(before.isHeld || before.isProbing)) return;
    this.isHeld = true;
    this.holds = before.holds;
    this.notBeforeMs = before.notBeforeMs;
  }

  spawned(nowMs: number): void {
    if (nowMs < this.notBeforeMs - SLACK_MS)
      this.fail(`a keeper was started ${this.notBeforeMs - nowMs} ms before its time`);
    this.readyAtMs = undefined;
    this.served = 0;
  }

  parked(nowMs: number): void {
    this.readyAtMs ??= nowMs;
    this.isProbing = false;
  }

  taskEnded(): void {
    this.served++;
  }

  /** The operator wants a new one now, and what those before have died of is forgiven. */
  kicked(nowMs: number): void {
    this.failures = 0;
    this.readyAtMs = undefined;
    this.served = 0;
    this.notBeforeMs = Math.min(this.notBeforeMs, nowMs);
    this.lastAtMs = [];
  }

  restarting(delayMs: number, nowMs: number): void {
    this.failures = this.isHealthy(nowMs) ? 1 : this.failures + 1;
    if (this.isHealthy(nowMs)) this.holds = 0;
    if (this.isProbing) this.fail('a try failed, and the pool was not held');
    const step = Math.min(this.failures, 7) - 2;
    const wholeMs = this.failures === 1 ? 0 : 100 * 300 ** (step / 5);
    if (delayMs < wholeMs / 2 - 1 || delayMs > wholeMs + 1)
      this.fail(`restart ${this.failures} in a row after ${delayMs} ms instead of ${wholeMs / 2} to ${wholeMs}`);
    this.notBeforeMs = nowMs + delayMs;
    this.died(nowMs);
  }

  held(holdMs: number, nowMs: number): void {
    if (this.isHealthy(nowMs) && !this.isProbing) this.holds = 0;
    const expectedMs = Math.min(30_000 * 2 ** this.holds, LIMITS.quarantineMaxMs);
    if (Math.abs(holdMs - expectedMs) > 1) this.fail(`held for ${holdMs} ms instead of ${expectedMs}`);
    this.holds++;
    this.notBeforeMs = nowMs + holdMs;
    this.isHeld = true;
    this.isProbing = false;
  }

  probing(): void {
    this.isProbing = true;
    this.isHeld = false;
    this.lastAtMs = [];
  }

  /** Whatever the causes: of each no more than five in a minute, and there are not many. */
  private died(nowMs: number): void {
    this.lastAtMs = [...this.lastAtMs, nowMs].filter((atMs) => nowMs - atMs < 60_000);
    if (this.lastAtMs.length > 5 * 4) this.fail(`${this.lastAtMs.length} deaths in a minute and no quarantine`);
  }

  private isHealthy(nowMs: number): boolean {
    return this.served >= 50 || (this.readyAtMs !== undefined && nowMs - this.readyAtMs >= 60_000);
  }
}
