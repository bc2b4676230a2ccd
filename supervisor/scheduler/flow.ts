/** Flow control of one call: how much stdin may be on its way to the hook, and when output taken by the client is
 *  credited to the keeper. Pure bookkeeping; the caller acts on the answers. */
import { CREDIT_WINDOW_BYTES } from '../contract/wire.js';

const CREDIT_STEP_BYTES = CREDIT_WINDOW_BYTES / 4;

/** What a process that has not begun can have taken of its stdin lies in its pipe: far less than this. */
const RESTART_MAX_BYTES = 2 * CREDIT_WINDOW_BYTES;

export class StdinFlow {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private inFlightBytes = 0;
  private ended = false;
  private endSent = false;
  private paused = false;
  /** Everything sent, to send it again; undefined once it is too much for that. */
  private sent: Buffer[] | undefined = [];
  private sentBytes = 0;

  /** Takes what the client sent. @returns true if its socket is to be left unread from now on. */
  offer(bytes: Buffer, last: boolean): boolean {
    if (bytes.length > 0) this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    this.ended ||= last;
    if (this.paused || this.waitingBytes + this.inFlightBytes < CREDIT_WINDOW_BYTES) return false;
    this.paused = true;
    return true;
  }

  /** The next piece to send now, or undefined: nothing is there, or the window is full. */
  next(): { bytes: Buffer; last: boolean } | undefined {
    const room = CREDIT_WINDOW_BYTES - this.inFlightBytes;
    const first = this.waiting[0];
    if (first === undefined) {
      if (!this.ended || this.endSent) return undefined;
      this.endSent = true;
      return { bytes: EMPTY, last: true };
    }
    if (room <= 0) return undefined;
    const bytes = first.subarray(0, room);
    if (bytes.length === first.length) this.waiting.shift();
    else this.waiting[0] = first.subarray(bytes.length);
    this.waitingBytes -= bytes.length;
    this.inFlightBytes += bytes.length;
    this.remember(bytes);
    this.endSent = this.ended && this.waitingBytes === 0;
    return { bytes, last: this.endSent };
  }

  /** The hook has taken `bytes`. @returns true if the client's socket is to be read again. */
  taken(bytes: number): boolean {
    this.inFlightBytes -= bytes;
    if (!this.paused || this.waitingBytes + this.inFlightBytes > CREDIT_WINDOW_BYTES / 2) return false;
    this.paused = false;
    return true;
  }

  get canRestart(): boolean {
    return this.sent !== undefined;
  }

  /** Puts everything back, for another worker. False: so much was taken that the hook must have begun. */
  restart(): boolean {
    if (this.sent === undefined) return false;
    this.waiting = [...this.sent, ...this.waiting];
    this.waitingBytes += this.sentBytes;
    this.sent = [];
    this.sentBytes = 0;
    this.inFlightBytes = 0;
    this.endSent = false;
    return true;
  }

  private remember(bytes: Buffer): void {
    this.sentBytes += bytes.length;
    if (this.sentBytes > RESTART_MAX_BYTES) this.sent = undefined;
    else this.sent?.push(bytes);
  }
}

const EMPTY = Buffer.alloc(0);

export class OutputFlow {
  private uncreditedBytes = 0;

  /** @param taken whether the client's socket has taken it all.
   *  @returns bytes to credit now, 0 for none. */
  passed(bytes: number, taken: boolean): number {
    this.uncreditedBytes += bytes;
    return taken && this.uncreditedBytes >= CREDIT_STEP_BYTES ? this.drained() : 0;
  }

  drained(): number {
    const bytes = this.uncreditedBytes;
    this.uncreditedBytes = 0;
    return bytes;
  }
}
