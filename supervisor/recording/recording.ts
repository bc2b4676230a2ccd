/** One recording from its beginning to its end: what may be held, what goes to the writer, and when it is over. Calls are
 *  never held up by it: what finds no room is dropped and counted. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { RecordingEnd, RecordingStatus } from '../contract/recording.js';
import type { HeardCall } from './heard-call.js';
import type { TapEnds } from './tap.js';
import type { RecordingThread } from './thread.js';
import type { WriteReply } from './writer.js';

export interface RecordingBounds {
  forMs: number;
  maxBytes: number;
}

export interface RecordingRooms {
  clock: Clock;
  wallMs(): number;
  version: string;
  thread: RecordingThread;
  file: string;
  fd: number;
  closeFile(fd: number): void;
  /** @param dropped since it was told last. */
  tellDropped(dropped: number): void;
  /** All is written that can be, and its file is closed. */
  over(status: RecordingStatus): void;
}

export class Recording implements TapEnds {
  private heldBytes = 0;
  private readonly waiting: HeardCall[] = [];
  private isWriting = false;
  private headWritten = false;
  private readonly endsAtMs: number;
  private readonly undoTimer: () => void;
  private readonly counts = { written: 0, dropped: 0, unseen: 0, bytes: 0 };
  private open = 0;
  private untold = 0;
  private toldAtMs = Number.NEGATIVE_INFINITY;
  private ended: RecordingEnd | null = null;
  private reason = '';
  /** Settled when its file is closed. */
  readonly closed: Promise<void>;
  private close: () => void = () => {};

  constructor(
    private readonly rooms: RecordingRooms,
    private readonly bounds: RecordingBounds,
  ) {
    const { clock } = rooms;
    this.endsAtMs = clock.nowMs() + bounds.forMs;
    this.undoTimer = clock.after(bounds.forMs, () => this.end('time'));
    this.closed = new Promise((resolve) => {
      this.close = resolve;
    });
    this.write();
  }

  get isOn(): boolean {
    return this.ended === null;
  }

  status(): RecordingStatus {
    const { counts, ended, reason, rooms, bounds, isOn } = this;
    const endsInMs = isOn ? Math.max(0, Math.round(this.endsAtMs - rooms.clock.nowMs())) : null;
    return { isOn, file: rooms.file, endsInMs, ended, reason, ...counts, maxBytes: bounds.maxBytes };
  }

  wallMs(): number {
    return Math.round(this.rooms.wallMs());
  }

  /** A call is listened to from here on. */
  begun(): void {
    this.open++;
  }

  hold(bytes: number): boolean {
    if (!this.isOn || this.heldBytes + bytes > LIMITS.recordingHeldMaxBytes) return false;
    this.heldBytes += bytes;
    return true;
  }

  heard(call: HeardCall): void {
    if (!this.isOn) return;
    this.open--;
    this.waiting.push(call);
    this.write();
  }

  unseen(heldBytes: number): void {
    if (!this.isOn) return;
    this.open--;
    this.heldBytes -= heldBytes;
    this.counts.unseen++;
  }

  lost(heldBytes: number): void {
    if (!this.isOn) return;
    this.open--;
    this.heldBytes -= heldBytes;
    this.drop(1);
  }

  end(why: RecordingEnd, reason = ''): void {
    if (!this.isOn) return;
    this.undoTimer();
    this.ended = why;
    this.reason = reason;
    // What runs now has no place in it; the taps find nobody any more.
    this.counts.dropped += this.open;
    if (why === 'failed' || why === 'size') this.counts.dropped += this.waiting.splice(0).length;
    this.write();
  }

  private drop(calls: number): void {
    this.counts.dropped += calls;
    this.untold += calls;
    const nowMs = this.rooms.clock.nowMs();
    if (nowMs - this.toldAtMs < LIMITS.recordingDropsToldEveryMs) return;
    this.toldAtMs = nowMs;
    this.rooms.tellDropped(this.untold);
    this.untold = 0;
  }

  /** The head first, then whatever waits; the file is closed after the last of it. */
  private write(): void {
    if (this.isWriting) return;
    const calls = this.waiting.splice(0, LIMITS.recordingWrittenAtOnceMax);
    if (calls.length === 0 && this.headWritten) {
      if (!this.isOn) this.finish();
      return;
    }
    const { fd, thread, version } = this.rooms;
    const head = this.headWritten ? undefined : { startedAtMs: this.wallMs(), version };
    this.headWritten = true;
    this.isWriting = true;
    const heldBytes = calls.reduce((sum, call) => sum + call.heldBytes, 0);
    const roomBytes = this.bounds.maxBytes - this.counts.bytes;
    void thread.write({ fd, head, calls, roomBytes }).then((reply) => {
      this.isWriting = false;
      this.heldBytes -= heldBytes;
      this.settle(reply, calls.length);
      this.write();
    });
  }

  private settle(reply: WriteReply, calls: number): void {
    this.counts.written += reply.written;
    this.counts.bytes += reply.bytes;
    this.counts.dropped += calls - reply.written;
    if (!reply.ok) this.end('failed', reply.why);
    else if (reply.isFull) this.end('size');
  }

  private finish(): void {
    this.isWriting = true; // never again
    void this.rooms.thread.close().then(() => {
      this.rooms.closeFile(this.rooms.fd);
      this.rooms.over(this.status());
      this.close();
    });
  }
}
