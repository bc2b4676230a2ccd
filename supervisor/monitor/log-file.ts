/** Where the log's lines go: a file with a bound and one predecessor. A disk that takes nothing costs lines and nothing else:
 *  what waits is bounded, what fails is dropped, and nobody waits for it to get better. */
import { closeSync, openSync, renameSync, statSync, write, writeSync } from 'node:fs';
import { LIMITS } from '../contract/limits.js';

export class LogFile {
  private fd: number | undefined;
  private writtenBytes: number;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private isWriting = false;
  private whenIdle: (() => void)[] = [];

  constructor(private readonly path: string) {
    this.fd = openToAppend(path);
    this.writtenBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    // Once, and whatever comes of it: an end that tries until the disk has room is no end.
    process.once('exit', () => this.writeLast());
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.waitingBytes + bytes.length > LIMITS.logWaitingMaxBytes) return;
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    this.writeNext();
  }

  /** Calls back when each line so far is written or lost. */
  flush(done: () => void): void {
    if (this.isWriting) this.whenIdle.push(done);
    else done();
  }

  private writeNext(): void {
    if (this.isWriting) return;
    if (this.waiting.length === 0 || this.fd === undefined) {
      this.forget();
      for (const done of this.whenIdle.splice(0)) done();
      return;
    }
    const bytes = Buffer.concat(this.waiting);
    this.forget();
    this.isWriting = true;
    // A part of it may be refused (the disk is full by now): the next line then begins behind half a one, as after a crash.
    write(this.fd, bytes, (_error, count = 0) => {
      this.isWriting = false;
      this.writtenBytes += count;
      if (this.writtenBytes >= LIMITS.logBytesMax) this.turnOver();
      this.writeNext();
    });
  }

  private forget(): void {
    this.waiting = [];
    this.waitingBytes = 0;
  }

  /** Where it cannot be done, the old file takes as much again. */
  private turnOver(): void {
    this.writtenBytes = 0;
    try {
      renameSync(this.path, `${this.path}.1`);
    } catch {
      return;
    }
    const before = this.fd;
    this.fd = openToAppend(this.path) ?? before;
    if (before !== undefined && this.fd !== before) closeSync(before);
  }

  private writeLast(): void {
    if (this.fd === undefined || this.waiting.length === 0) return;
    try {
      writeSync(this.fd, Buffer.concat(this.waiting));
    } catch {
      // It is lost.
    }
  }
}

/** Undefined where it cannot be had: hooks are answered without a log. */
function openToAppend(path: string): number | undefined {
  try {
    return openSync(path, 'a', 0o600);
  } catch {
    return undefined;
  }
}
