/** What a keeper reports, byte for byte. */
import { expect, test } from 'vitest';
import { TASK_END_BYTES } from '../../../supervisor/contract/wire.js';
import { decodeTaskEnd, usageOf } from '../../../supervisor/pool/report.js';

/** Each field has a value of its own, so that none can be taken for another. */
function taskEnd(): Buffer {
  const payload = Buffer.alloc(TASK_END_BYTES);
  for (const [index, value] of [4, 2, 3, 9].entries()) payload.writeUInt32LE(value, 4 * index);
  for (const [index, value] of [11, 12, 13, 2 ** 33, 1500, 250].entries())
    payload.writeBigUInt64LE(BigInt(value), 16 + 8 * index);
  payload.writeUInt32LE(5, 64);
  payload.writeUInt32LE(7, 68);
  payload.writeUInt32LE(6, 72);
  return payload;
}

test('the end of a task: outcome, limit and every figure at its place', () => {
  expect(decodeTaskEnd(taskEnd())).toEqual({
    kind: 'limitHit',
    limit: 'pids',
    exitCode: 3,
    signal: 9,
    runNs: 11,
    stdoutBytes: 12,
    stderrBytes: 13,
    memoryPeakBytes: 2 ** 33,
    cpuUs: 1500,
    throttledUs: 250,
    oomKills: 5,
    pidsMaxHits: 7,
    denialsTold: 6,
  });
});

test('the end of a task of another length is refused', () => {
  expect(decodeTaskEnd(taskEnd().subarray(1))).toBeUndefined();
});

test('usage: bytes as they are, times in milliseconds', () => {
  const end = decodeTaskEnd(taskEnd());
  expect(end && usageOf(end)).toEqual({
    memoryPeakBytes: 2 ** 33,
    cpuMs: 1.5,
    throttledMs: 0.25,
    oomKills: 5,
    pidsMaxHits: 7,
    denialsTold: 6,
  });
});
