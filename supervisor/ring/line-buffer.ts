/** A line that comes in pieces, as small as a worker likes to make them: it takes twice its own bytes at most, where a list of its
 *  pieces would take a hundred for each byte. */
const LEAST_BYTES = 256;
/** From one line to the next. */
const KEPT_MAX_BYTES = 16 * 1024;

export class LineBuffer {
  private room = Buffer.alloc(0);
  private count = 0;

  /** Of the line so far. */
  get bytes(): number {
    return this.count;
  }

  /** That it has taken of the memory. */
  get heldBytes(): number {
    return this.room.length;
  }

  /** @param piece is copied. */
  add(piece: Buffer): void {
    const needed = this.count + piece.length;
    if (needed > this.room.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * this.room.length, needed, LEAST_BYTES));
      this.room.copy(grown, 0, 0, this.count);
      this.room = grown;
    }
    piece.copy(this.room, this.count);
    this.count = needed;
  }

  /** It begins anew. */
  take(): string {
    const text = this.room.toString('utf8', 0, this.count);
    this.count = 0;
    if (this.room.length > KEPT_MAX_BYTES) this.room = Buffer.alloc(0);
    return text;
  }
}
