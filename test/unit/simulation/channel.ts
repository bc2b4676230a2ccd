/** The native channel of one simulated keeper: what the daemon has written and the keeper not yet taken, and what is on offer. */
import { RecordKind } from '../../../supervisor/contract/wire.js';
import type { Channel, RecordEvents } from '../../../supervisor/native.js';
import type { SimClock } from './clock.js';
import type { SimSwitchboard } from './switchboard.js';

export interface Written {
  kind: number;
  callId: number;
  slot: number;
  generation: number;
  payload: Buffer;
}

const EPROTO = 71;
const EPIPE = 32;

export class SimChannel implements Channel {
  readonly peerRingFd = -1;
  readonly memory = 'memfd';
  onWritten: () => void = () => {};
  /** A task is handed to the keeper. */
  onStart: () => void = () => {};
  readonly offered = new Set<string>();
  private events: RecordEvents | undefined;
  private readonly ring: Written[] = [];
  private written = 0;
  private taken = 0;
  private isOver = false;
  private isDistrusted = false;

  /** @param peerSocketFd tells the channel by which a keeper is spawned. */
  constructor(
    readonly peerSocketFd: number,
    private readonly clock: SimClock,
    private readonly switchboard: SimSwitchboard,
  ) {}

  setEvents(events: RecordEvents): void {
    this.events = events;
  }

  write(kind: number, _flags: number, callId: number, slot: number, generation: number, payload: Uint8Array): number {
    if (this.isOver) return -EPIPE;
    if (kind === RecordKind.START) this.onStart();
    this.ring.push({ kind, callId, slot, generation, payload: Buffer.from(payload) });
    this.onWritten();
    return ++this.written;
  }

  sendFds(): number {
    return this.isOver ? -EPIPE : 0;
  }

  offer(slot: number, generation: number): void {
    this.offered.add(`${slot}.${generation}`);
  }

  withdraw(slot: number, generation: number): boolean {
    return this.offered.delete(`${slot}.${generation}`);
  }

  settle(): void {
    this.switchboard.settle(this);
  }

  /** Calls may be given to it without asking. */
  get isTaking(): boolean {
    return !this.isOver && !this.isDistrusted && this.events !== undefined;
  }

  awaitAnswer(): void {}

  isConsumed(ordinal: number): boolean {
    return ordinal <= this.taken;
  }

  peerMark(): number {
    return 0;
  }

  counters() {
    return { recordsWritten: this.written, recordsRead: 0, wakeupsSent: 0, wakeupsReceived: 0 };
  }

  distrust(): void {
    this.isDistrusted = true;
    this.clock.after(0, () => this.closed(EPROTO));
  }

  closePeerEnds(): void {}

  close(): void {
    this.switchboard.settle(this);
    this.isOver = true;
    this.events = undefined;
  }

  /** By the keeper. */
  take(): Written | undefined {
    const record = this.ring.shift();
    if (record !== undefined) this.taken++;
    return record;
  }

  told(kind: number, callId: number, slot: number, generation: number, payload: Buffer): boolean {
    if (this.isDistrusted || this.events === undefined) return false;
    if (this.switchboard.passes(kind, callId, payload)) return true;
    this.switchboard.tellEnded(this);
    this.events?.onRecord(kind, 0, callId, slot, generation, payload);
    return true;
  }

  /** Its death is noticed a moment later. */
  peerDied(): void {
    this.clock.after(0.1, () => {
      if (!this.isDistrusted) this.closed(0);
      this.isOver = true;
    });
  }

  tellAnswered(...answered: Parameters<RecordEvents['onAnswered']>): void {
    this.events?.onAnswered(...answered);
  }

  private closed(errnum: number): void {
    this.switchboard.settle(this);
    this.events?.onClosed(errnum);
  }
}
