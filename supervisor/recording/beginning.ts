/** The beginning of a stream of bytes, and how long it was. Bytes are copied: they come from memory that is used again. */

export interface Beginning {
  bytes: Uint8Array;
  totalBytes: number;
}

export class BeginningOf {
  private parts: Uint8Array[] = [];
  private keptBytes = 0;
  private totalBytes = 0;

  constructor(private readonly keepMaxBytes: number) {}

  /** @returns how many bytes more are held. */
  add(bytes: Uint8Array): number {
    this.totalBytes += bytes.length;
    const part = Uint8Array.prototype.slice.call(bytes, 0, this.keepMaxBytes - this.keptBytes);
    if (part.length === 0) return 0;
    this.parts.push(part);
    this.keptBytes += part.length;
    return part.length;
  }

  /** In memory of its own, which can be handed to another thread. */
  take(): Beginning {
    const bytes = new Uint8Array(this.keptBytes);
    let at = 0;
    for (const part of this.parts) {
      bytes.set(part, at);
      at += part.length;
    }
    this.parts = [];
    return { bytes, totalBytes: this.totalBytes };
  }
}
