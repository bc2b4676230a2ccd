/** What the thread of a recording runs: masks secrets and writes, so that neither takes the daemon's time. */
import { writeSync } from 'node:fs';
import { RECORDING_SCHEMA, type RecordingHead } from '../contract/recording.js';
import type { HeardCall } from './heard-call.js';
import { lineOf } from './line.js';

export interface WriteRequest {
  /** Opened and closed by the daemon: descriptors belong to the process. */
  fd: number;
  /** With the first calls. */
  head: Omit<RecordingHead, 'schema'> | undefined;
  calls: HeardCall[];
  /** So much may be written. */
  roomBytes: number;
}

/** `isFull`: the next line had no room. */
export type WriteReply =
  | { ok: true; written: number; bytes: number; isFull: boolean }
  | { ok: false; written: number; bytes: number; why: string };

export default function write({ fd, head, calls, roomBytes }: WriteRequest): WriteReply {
  let bytes = 0;
  let written = 0;
  try {
    if (head !== undefined) bytes += writeWhole(fd, `${JSON.stringify({ schema: RECORDING_SCHEMA, ...head })}\n`);
    for (const call of calls) {
      const line = Buffer.from(lineOf(call));
      if (bytes + line.length > roomBytes) return { ok: true, written, bytes, isFull: true };
      bytes += writeWhole(fd, line);
      written++;
    }
    return { ok: true, written, bytes, isFull: false };
  } catch (error) {
    return { ok: false, written, bytes, why: (error as Error).message };
  }
}

function writeWhole(fd: number, line: string | Buffer): number {
  const bytes = Buffer.from(line);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  return bytes.length;
}
