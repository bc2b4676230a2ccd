/** Flow control of one call: how much stdin may be on its way to the hook, and when output taken by the client is
 *  credited to the keeper. Pure bookkeeping; the caller acts on the answers. */
import { CREDIT_WINDOW_BYTES } from '../contract/wire.js';

const CREDIT_STEP_BYTES = CREDIT_WINDOW_BYTES / 4;

export class StdinFlow {
  private inFlightBytes = 0;
  private history: Buffer[] | undefined = [];
  private historyBytes = 0;
  private ended = false;
  private paused = false;

  /** @returns true if the client's socket is to be left unread from now on. */
  sent(bytes: Buffer, last: boolean): boolean {
    this.inFlightBytes += bytes.length;
    this.ended ||= last;
    this.remember(bytes);
    if (this.paused || this.inFlightBytes < CREDIT_WINDOW_BYTES) return false;
    this.paused = true;
    return true;
  }

  /** @returns true if the client's socket is to be read again. */
  taken(bytes: number): boolean {
    this.inFlightBytes -= bytes;
    if (!this.paused || this.inFlightBytes > CREDIT_WINDOW_BYTES / 2) return false;
    this.paused = false;
    return true;
  }

  /** All stdin so far, to give to another worker; undefined once more has gone than an unstarted process can have taken
   *  (a pipe holds far less than a window, so by then the hook is running). */
  replay(): { bytes: Buffer; complete: boolean } | undefined {
    if (this.history === undefined) return undefined;
    this.inFlightBytes = this.historyBytes;
    return { bytes: Buffer.concat(this.history), complete: this.ended };
  }

  private remember(bytes: Buffer): void {
    if (this.history === undefined || bytes.length === 0) return;
    this.historyBytes += bytes.length;
    if (this.historyBytes > 2 * CREDIT_WINDOW_BYTES) this.history = undefined;
    else this.history.push(bytes);
  }
}

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
