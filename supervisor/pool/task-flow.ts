/** What a task's keeper may still say of it: output within its window, credit for no more than was sent, and that it did not
 *  start only before it has said anything else. Holds what the daemon keeps for a client that reads slowly. */
import { CREDIT_WINDOW_BYTES, RecordKind } from '../contract/wire.js';

export class TaskFlow {
  private hasBegun: boolean;

  /** @param stdinBytes on their way to the hook.
   *  @param outputBytes passed on and not yet credited. */
  constructor(
    private stdinBytes: number,
    private outputBytes: number,
  ) {
    this.hasBegun = outputBytes > 0;
  }

  stdinSent(bytes: number): void {
    this.stdinBytes += bytes;
  }

  outputCredited(bytes: number): void {
    this.outputBytes -= bytes;
  }

  /** Takes note of a record of the right form. @returns what is wrong with it; undefined: nothing. */
  faultOf(kind: number, payload: Buffer): string | undefined {
    switch (kind) {
      case RecordKind.STDOUT:
      case RecordKind.STDERR:
        this.hasBegun = true;
        this.outputBytes += payload.length;
        return this.outputBytes > CREDIT_WINDOW_BYTES ? 'output beyond its window' : undefined;
      case RecordKind.STDIN_CREDIT: {
        const bytes = payload.readUInt32LE(0);
        this.stdinBytes -= bytes;
        return bytes === 0 || this.stdinBytes < 0 ? 'credit for input never sent' : undefined;
      }
      case RecordKind.NOT_STARTED:
        return this.hasBegun ? 'not started, after output' : undefined;
      default:
        return undefined;
    }
  }
}
