/** Peers that do not keep to the protocol, and the frames they send. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findPython } from '../lib/python.js';

export type Step = ['send', string] | ['fds', number, string] | ['drip', string, number] | ['end'] | ['uid', number];

export interface Heard {
  frames: { kind: number; payload: Buffer }[];
  /** By the daemon, within twelve seconds. */
  closed: boolean;
  ms: number;
}

const HEADER_BYTES = 16;
const CALL_HEAD_BYTES = 312;
const RLIMITS_OFFSET = 56;
const RLIMIT_BYTES = 16;

export async function peer(socketPath: string, ...steps: Step[]): Promise<Heard> {
  const args = ['-I', join(import.meta.dirname, 'peer.py'), socketPath, JSON.stringify(steps)];
  const { stdout } = await promisify(execFile)(findPython().executable, args);
  const { received, closed, ms } = JSON.parse(stdout) as { received: string; closed: boolean; ms: number };
  return { frames: split(Buffer.from(received, 'hex')), closed, ms };
}

function split(bytes: Buffer): Heard['frames'] {
  const frames: Heard['frames'] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const end = at + HEADER_BYTES + bytes.readUInt32LE(at);
    frames.push({ kind: bytes.readUInt16LE(at + 6), payload: bytes.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
  return frames;
}

export interface FrameOptions {
  version?: number;
  /** What the header says, whatever the payload is. */
  lengthBytes?: number;
}

/** As hexadecimal digits. */
export function frame(
  kind: number,
  payload: Buffer = Buffer.alloc(0),
  { version = 1, lengthBytes }: FrameOptions = {},
): string {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(lengthBytes ?? payload.length, 0);
  header.writeUInt16LE(version, 4);
  header.writeUInt16LE(kind, 6);
  return Buffer.concat([header, payload]).toString('hex');
}

/** This process's limits as the wire has them: the daemon, of the same user, can give them to a hook. */
function ownLimits(): Buffer {
  const limits = Buffer.alloc(CALL_HEAD_BYTES - RLIMITS_OFFSET);
  const [, ...lines] = readFileSync('/proc/self/limits', 'utf8').trimEnd().split('\n'); // in the order of RLIMIT_*
  for (const [index, line] of lines.entries()) {
    const values = /^Max .*? +(\d+|unlimited) +(\d+|unlimited)/.exec(line)?.slice(1) ?? [];
    const [soft = 0n, hard = 0n] = values.map((value) => (value === 'unlimited' ? 2n ** 64n - 1n : BigInt(value)));
    limits.writeBigUInt64LE(soft, index * RLIMIT_BYTES);
    limits.writeBigUInt64LE(hard, index * RLIMIT_BYTES + 8);
  }
  return limits;
}

/** The payload of a good CALL. */
export function call(argv: readonly string[]): Buffer {
  const head = Buffer.alloc(CALL_HEAD_BYTES);
  const words = Buffer.from(argv.map((word) => `${word}\0`).join(''));
  head.writeUInt32LE(255, 4); // level: unspecified
  head.writeUInt32LE(argv.length, 12);
  head.writeUInt32LE(words.length, 16);
  ownLimits().copy(head, RLIMITS_OFFSET);
  return Buffer.concat([head, words]);
}
