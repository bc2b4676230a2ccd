/** When it is decided anew how many processes are parked: soon after a burst that wants more, then every few seconds as long
 *  as fewer might do. One timer, none while every pool is at its least. */
import type { Clock } from '../contract/clock.js';
import type { HostRoom } from '../contract/host-room.js';
import { LIMITS } from '../contract/limits.js';

export interface Scalable {
  readonly isUnsettled: boolean;
  reconsider(room: HostRoom): void;
}

const UNKNOWN: HostRoom = { spareMemoryBytes: null, memoryPressurePercent: null, cpuPressurePercent: null };

export class Scaler {
  private undo = () => {};
  private dueMs = Number.POSITIVE_INFINITY;
  private room = UNKNOWN;
  private lookedAtMs = Number.NEGATIVE_INFINITY;
  private isStopped = false;

  /** @param readRoom asks the host, without holding up the event loop; it does not fail. */
  constructor(
    private readonly clock: Clock,
    private readonly scalable: Scalable,
    private readonly readRoom: () => Promise<HostRoom>,
  ) {}

  /** More is wanted, or a pool has come. */
  soon(): void {
    this.decideAfter(LIMITS.scalingDelayMs);
  }

  stop(): void {
    this.isStopped = true;
    this.undo();
  }

  private decideAfter(delayMs: number): void {
    const dueMs = this.clock.nowMs() + delayMs;
    if (this.isStopped || dueMs >= this.dueMs) return;
    this.undo();
    this.dueMs = dueMs;
    this.undo = this.clock.after(delayMs, () => {
      this.dueMs = Number.POSITIVE_INFINITY;
      void this.decide();
    });
  }

  private async decide(): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (nowMs - this.lookedAtMs >= LIMITS.hostRoomReadEveryMs) {
      this.lookedAtMs = nowMs;
      this.room = await this.readRoom();
    }
    if (this.isStopped) return;
    this.scalable.reconsider(this.room);
    if (this.scalable.isUnsettled) this.decideAfter(LIMITS.scalingTickMs);
  }
}
