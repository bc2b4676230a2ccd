/** The daemon's log as it lies on the disk: its newest lines, and those that come. It is renamed when it is full. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../contract/config.js';

/** Where the daemon writes it: see openLogs. */
export function logPaths({ stateFolder, runtimeFolder }: Config): string[] {
  return [join(stateFolder, 'daemon.log'), join(runtimeFolder, 'daemon.log')];
}

/** The newest `linesMax` that `isWanted`, oldest first. */
export function lastLines(path: string, linesMax: number, isWanted: (line: string) => boolean): string[] {
  const newest = linesOf(path).filter(isWanted);
  if (newest.length >= linesMax) return newest.slice(-linesMax);
  return [...linesOf(`${path}.1`).filter(isWanted), ...newest].slice(-linesMax);
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

/** Reads on from the end of a file that grows and is replaced. */
export class LogFollower {
  private fd: number | undefined;
  private atBytes = 0;
  /** A line whose end has not come yet. */
  private begun = '';

  constructor(private readonly path: string) {
    this.open();
    if (this.fd !== undefined) this.atBytes = fstatSync(this.fd).size;
  }

  /** Whole lines that have come since. */
  read(): string[] {
    const lines = this.readOn();
    if (!this.isReplaced()) return lines;
    this.close();
    this.open();
    return [...lines, ...this.readOn()];
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
    this.atBytes = 0;
    this.begun = '';
  }

  private open(): void {
    try {
      this.fd = openSync(this.path, 'r');
    } catch {
      // not there yet: looked for again with the next read
    }
  }

  private isReplaced(): boolean {
    const there = statSync(this.path, { throwIfNoEntry: false });
    return there !== undefined && (this.fd === undefined || fstatSync(this.fd).ino !== there.ino);
  }

  private readOn(): string[] {
    if (this.fd === undefined) return [];
    const sizeBytes = fstatSync(this.fd).size;
    if (sizeBytes < this.atBytes) this.atBytes = 0; // emptied by its owner
    const bytes = Buffer.alloc(sizeBytes - this.atBytes);
    this.atBytes += readSync(this.fd, bytes, 0, bytes.length, this.atBytes);
    const lines = (this.begun + bytes.toString('utf8')).split('\n');
    this.begun = lines.pop() ?? '';
    return lines.filter(Boolean);
  }
}
