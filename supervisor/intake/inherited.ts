/** Whether a process of ours can take on the state its caller would have handed to the hook. A limit or a priority, once
 *  lowered, cannot be raised again without a capability: such a call is refused before it starts, and the client runs it. */
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { INHERITED_BYTES } from '../contract/wire.js';

/** struct inherited in wire.h. */
const UMASK_OFFSET = 0;
const NICE_OFFSET = 4;
const RLIMITS_OFFSET = 16;
const RLIMIT_BYTES = 16;
const UNLIMITED = 2n ** 64n - 1n;
const CAP_SYS_NICE = 23n;
const CAP_SYS_RESOURCE = 24n;

export interface OwnState {
  /** Hard limits in the order of RLIMIT_*. */
  hardLimits: readonly bigint[];
  nice: number;
  /** 16 hex digits, as /proc/PID/status has it. */
  capEff: string;
}

/** @returns what stands in the way, or undefined. */
export function cannotInherit(inherited: Buffer, own: OwnState): string | undefined {
  const has = (capability: bigint) => ((BigInt(`0x${own.capEff}`) >> capability) & 1n) === 1n;
  if (inherited.readInt32LE(NICE_OFFSET) < own.nice && !has(CAP_SYS_NICE)) {
    return `the daemon runs at nice ${own.nice} and cannot go below`;
  }
  if (has(CAP_SYS_RESOURCE)) return undefined;
  for (const [limit, ownHard] of own.hardLimits.entries()) {
    const hard = inherited.readBigUInt64LE(RLIMITS_OFFSET + limit * RLIMIT_BYTES + 8);
    if (hard > ownHard) return `resource limit ${limit} of the daemon is lower than the caller's`;
  }
  return undefined;
}

/** /proc/self/limits, whose lines are in the order of RLIMIT_*. */
export function parseHardLimits(text: string): bigint[] {
  return parseLimits(text, HARD_COLUMN);
}

/** "Limit" takes 26 columns, "Soft Limit" 21. */
const SOFT_COLUMN = 26;
const HARD_COLUMN = 47;

function parseLimits(text: string, column: number): bigint[] {
  return text
    .split('\n')
    .slice(1)
    .filter(Boolean)
    .map((line) => line.slice(column).trim().split(/\s+/)[0] ?? '')
    .map((limit) => (limit === 'unlimited' ? UNLIMITED : BigInt(limit)));
}

/** What a program would inherit from this process: for calls without a client. No signal is ignored. */
export function ownInherited(): Buffer {
  const limits = readFileSync('/proc/self/limits', 'latin1');
  const [soft, hard] = [parseLimits(limits, SOFT_COLUMN), parseLimits(limits, HARD_COLUMN)];
  const umask = /^Umask:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '077';
  const inherited = Buffer.alloc(INHERITED_BYTES);
  inherited.writeUInt32LE(Number.parseInt(umask, 8), UMASK_OFFSET);
  inherited.writeInt32LE(getPriority(), NICE_OFFSET);
  for (const [at, value] of soft.entries()) {
    inherited.writeBigUInt64LE(value, RLIMITS_OFFSET + at * RLIMIT_BYTES);
    inherited.writeBigUInt64LE(hard[at] ?? value, RLIMITS_OFFSET + at * RLIMIT_BYTES + 8);
  }
  return inherited;
}

export function ownState(nice: number, capEff: string): OwnState {
  return { hardLimits: parseHardLimits(readFileSync('/proc/self/limits', 'latin1')), nice, capEff };
}
