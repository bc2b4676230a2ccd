import { describe, expect, test } from 'vitest';
import type { Call } from '../../../supervisor/contract/call.js';
import { INHERITED_BYTES, ORDER_HEAD_BYTES, OrderFlag, START_HEAD_BYTES } from '../../../supervisor/contract/wire.js';
import { encodeStart } from '../../../supervisor/pool/order.js';

const call = { inherited: Buffer.alloc(INHERITED_BYTES, 7), mergedOutput: true } as unknown as Call;
const limits = { timeoutMs: 1500, cancelGraceMs: 10, outputMaxBytes: 2 ** 33, outputGraceMs: 20 };
const order = {
  mode: 1,
  programIndex: 2,
  path: '',
  argv: ['python3', '-u', 'h\xe9.py', ''],
  env: ['A=\xff', 'B=x\ny'],
};

describe('START payload', () => {
  const payload = encodeStart(call, order, Buffer.from('in'), true, limits);

  test('head carries limits, lengths and completeness', () => {
    expect(payload.readUInt32LE(0)).toBe(1500);
    expect(payload.readBigUInt64LE(8)).toBe(2n ** 33n);
    expect(payload.readUInt32LE(16)).toBe(payload.length - START_HEAD_BYTES - 2);
    expect(payload.readUInt32LE(20)).toBe(2);
    expect(payload.readUInt32LE(24)).toBe(1);
  });

  test('order head agrees with the blobs that follow', () => {
    const head = payload.subarray(START_HEAD_BYTES);
    expect(head.readUInt32LE(0)).toBe(payload.readUInt32LE(16));
    expect([head.readUInt32LE(4), head.readUInt32LE(8), head.readUInt32LE(12)]).toEqual([1, 1, 2]);
    expect([head.readUInt32LE(20), head.readUInt32LE(28)]).toEqual([4, 2]);
    expect(head.subarray(40, 40 + INHERITED_BYTES).every((byte) => byte === 7)).toBe(true);
  });

  test('flags are added to what the call asks for', () => {
    const flags = OrderFlag.RESIDENT | OrderFlag.PEER_ENDS;
    const resident = encodeStart(call, order, Buffer.alloc(0), false, limits, flags);
    expect(resident.readUInt32LE(START_HEAD_BYTES + 8)).toBe(flags | OrderFlag.MERGED_OUTPUT);
  });

  test('any byte of argv and environment goes through unchanged', () => {
    const blobs = payload.subarray(START_HEAD_BYTES + ORDER_HEAD_BYTES).toString('latin1');
    expect(blobs).toBe('python3\0-u\0h\xe9.py\0\0A=\xff\0B=x\ny\0in');
  });
});
