/** Records on their way to the writer: gathered until there are enough or the first has waited long enough, handed over one
 *  batch at a time and no more than a few in a second, kept until the writer has them. What waits is bounded. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { AuditRecord, CallRecord } from '../contract/records.js';
import type { Batch } from './insert.js';
import type { WriterReply } from './writer.js';

export interface BatchSettings {
  /** So many calls are written without waiting any longer. */
  rowsMax: number;
  delayMs: number;
}

interface WaitingAudit {
  record: AuditRecord;
  resolve(isWritten: boolean): void;
}

export class Batches {
  private readonly calls: CallRecord[] = [];
  private readonly kept: CallRecord[] = [];
  private readonly audits: WaitingAudit[] = [];
  private timer: { atMs: number; undo: () => void } | undefined;
  private failures = 0;
  private isClosing = false;
  private onIdle: (() => void) | undefined;
  /** Of the batch that the writer has. */
  private sinceMs: number | undefined;
  private lastAtMs = Number.NEGATIVE_INFINITY;
  private isOver = false;
  readonly counts = { written: 0, dropped: 0, bad: 0 };

  constructor(
    private readonly clock: Clock,
    private readonly settings: BatchSettings,
    private readonly write: (batch: Batch) => Promise<WriterReply>,
    private readonly told: (reply: WriterReply) => void,
  ) {}

  get waiting(): number {
    return this.calls.length + this.kept.length + this.audits.length;
  }

  /** How long the writer has been busy with what it was given. */
  get busyMs(): number {
    return this.sinceMs === undefined ? 0 : this.clock.nowMs() - this.sinceMs;
  }

  call(record: CallRecord): void {
    if (this.isOver || this.calls.length >= LIMITS.recordsWaitingMax) {
      this.counts.dropped++;
      return;
    }
    this.calls.push(record);
    this.next();
  }

  /** As a call; but it is written at once, and on the disk when it is. */
  keep(record: CallRecord): void {
    if (this.isOver || this.kept.length >= LIMITS.auditsWaitingMax) {
      this.counts.dropped++;
      return;
    }
    this.kept.push(record);
    this.next();
  }

  /** @returns true once it is on disk; false: it will never be, or too many wait. */
  audit(record: AuditRecord): Promise<boolean> {
    if (this.isOver || this.audits.length >= LIMITS.auditsWaitingMax) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.audits.push({ record, resolve });
      this.next();
    });
  }

  /** Settled when nothing waits any more, or what waits cannot be written. */
  drained(): Promise<void> {
    this.isClosing = true;
    return new Promise((resolve) => {
      this.onIdle = resolve;
      if (this.failures > 0) this.giveUp();
      else this.next();
    });
  }

  private next(): void {
    if (this.sinceMs !== undefined || this.failures > 0) return;
    if (this.isClosing && this.waiting === 0) this.onIdle?.();
    const isDurable = this.audits.length + this.kept.length > 0;
    const isUrgent = this.isClosing || isDurable || this.calls.length >= LIMITS.recordsWrittenAtOnceMax;
    const pauseMs = this.lastAtMs + LIMITS.recordsBatchEveryMs - this.clock.nowMs();
    const isEnough = this.calls.length >= this.settings.rowsMax;
    if (isUrgent || (isEnough && pauseMs <= 0)) this.flush();
    else if (this.waiting > 0) this.flushWithin(isEnough ? pauseMs : this.settings.delayMs);
  }

  private flushWithin(delayMs: number): void {
    const atMs = this.clock.nowMs() + delayMs;
    if (this.timer !== undefined && this.timer.atMs <= atMs) return;
    this.undoTimer();
    this.timer = { atMs, undo: this.clock.after(delayMs, () => this.flush()) };
  }

  private undoTimer(): void {
    this.timer?.undo();
    this.timer = undefined;
  }

  private flush(): void {
    this.undoTimer();
    const calls = this.calls.slice(0, LIMITS.recordsWrittenAtOnceMax);
    const kept = this.kept.slice(0, LIMITS.recordsWrittenAtOnceMax);
    const audits = this.audits.slice(0, LIMITS.recordsWrittenAtOnceMax);
    if (calls.length + kept.length + audits.length === 0) return;
    this.lastAtMs = this.sinceMs = this.clock.nowMs();
    void this.write({ calls: [...kept, ...calls], audits: audits.map(({ record }) => record) }).then((reply) => {
      this.sinceMs = undefined;
      this.settle(reply, calls.length, kept.length, audits.length);
      this.told(reply);
    });
  }

  private settle(reply: WriterReply, calls: number, kept: number, audits: number): void {
    switch (reply.kind) {
      case 'written':
        this.failures = 0;
        this.calls.splice(0, calls);
        this.kept.splice(0, kept);
        for (const { resolve } of this.audits.splice(0, audits)) resolve(true);
        this.counts.bad += reply.bad;
        this.counts.written += calls + kept + audits - reply.bad;
        this.next();
        return;
      case 'trouble': {
        const delayMs = Math.min(LIMITS.recordsRetryMaxMs, LIMITS.recordsFirstRetryMs * 2 ** this.failures);
        this.failures++;
        if (this.isClosing) this.giveUp();
        else this.flushWithin(delayMs);
        return;
      }
      case 'unusable':
        this.giveUp();
    }
  }

  private giveUp(): void {
    this.isOver = true;
    this.undoTimer();
    this.counts.dropped += this.calls.splice(0).length + this.kept.splice(0).length;
    for (const { resolve } of this.audits.splice(0)) resolve(false);
    this.onIdle?.();
  }
}
