import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { describe, expect, test } from 'vitest';
import { INHERITED_BYTES } from '../../../supervisor/contract/wire.js';
import {
  cannotInherit,
  type OwnState,
  ownInherited,
  ownState,
  parseHardLimits,
} from '../../../supervisor/intake/inherited.js';

const UNLIMITED = 2n ** 64n - 1n;
const NO_CAPS = '0000000000000000';
const own: OwnState = { hardLimits: Array.from({ length: 16 }, () => 4096n), nice: 5, capEff: NO_CAPS };

function inherited(nice: number, hard: bigint): Buffer {
  const bytes = Buffer.alloc(INHERITED_BYTES);
  bytes.writeInt32LE(nice, 4);
  for (let limit = 0; limit < 16; limit++) bytes.writeBigUInt64LE(hard, 16 + limit * 16 + 8);
  return bytes;
}

describe('state that cannot be inherited', () => {
  test('same or lower limits and priority -> nothing in the way', () => {
    expect(cannotInherit(inherited(5, 4096n), own)).toBeUndefined();
    expect(cannotInherit(inherited(19, 10n), own)).toBeUndefined();
  });

  test('a higher hard limit -> named, unless CAP_SYS_RESOURCE is there', () => {
    expect(cannotInherit(inherited(5, UNLIMITED), own)).toContain('resource limit 0');
    expect(cannotInherit(inherited(5, UNLIMITED), { ...own, capEff: '0000000001000000' })).toBeUndefined();
  });

  test('a better priority -> named, unless CAP_SYS_NICE is there', () => {
    expect(cannotInherit(inherited(0, 10n), own)).toContain('nice 5');
    expect(cannotInherit(inherited(0, 10n), { ...own, capEff: '0000000000800000' })).toBeUndefined();
  });
});

test('the kernel’s own table: sixteen limits, in the order of RLIMIT_*', () => {
  const text = readFileSync('/proc/self/limits', 'latin1');
  const limits = parseHardLimits(text);
  expect(limits).toHaveLength(16);
  const openFiles = /Max open files\s+\S+\s+(\S+)/.exec(text)?.[1] ?? '';
  expect(limits[7]).toBe(openFiles === 'unlimited' ? UNLIMITED : BigInt(openFiles));
});

test('what this process hands on is what its children have', () => {
  const own = ownInherited();
  const child = spawnSync('/bin/sh', ['-c', 'umask; ulimit -S -c; ulimit -H -n; ulimit -S -n'], { encoding: 'latin1' });
  const [umask, coreBlocks, hardFiles, softFiles] = child.stdout.split('\n');
  const limit = (at: number) => {
    const value = own.readBigUInt64LE(16 + at * 8);
    return value === UNLIMITED ? 'unlimited' : String(value);
  };
  expect(own.readUInt32LE(0)).toBe(Number.parseInt(umask ?? '', 8));
  expect(own.readInt32LE(4)).toBe(getPriority());
  expect(own.readBigUInt64LE(8)).toBe(0n);
  expect([limit(2 * 7), limit(2 * 7 + 1)]).toEqual([softFiles, hardFiles]);
  expect(limit(2 * 4) === '0').toBe(coreBlocks === '0');
  expect(cannotInherit(own, ownState(getPriority(), NO_CAPS))).toBeUndefined();
});
