import { expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { headRoom } from '../../../supervisor/pool/head-room.js';

const FREE = { spareMemoryBytes: 1000, memoryPressurePercent: 0, cpuPressurePercent: 0 };
const pressed = LIMITS.memoryPressureMaxPercent;

test.each([
  ['a host not looked at yet -> what is set aside', undefined, 100],
  [
    'a host that says nothing -> what is set aside',
    { ...FREE, spareMemoryBytes: null, memoryPressurePercent: null },
    100,
  ],
  ['much spare -> what is set aside', FREE, 100],
  ['little spare -> what is parked and that', { ...FREE, spareMemoryBytes: 20 }, 50],
  ['some missing -> so much less than is parked', { ...FREE, spareMemoryBytes: -20 }, 10],
  ['more missing than is parked -> nothing', { ...FREE, spareMemoryBytes: -40 }, 0],
  ['pressure on memory -> what may be parked already', { ...FREE, memoryPressurePercent: pressed }, 60],
  ['pressure below the bound -> what is set aside', { ...FREE, memoryPressurePercent: pressed - 0.01 }, 100],
  ['both -> the smaller one', { ...FREE, spareMemoryBytes: 20, memoryPressurePercent: pressed }, 50],
])('%s', (_name, room, maxBytes) => {
  const head = headRoom(100, 30, 60, room);
  expect(head).toMatchObject({ maxBytes, isOneByOne: false });
  expect(head.why === undefined).toBe(maxBytes === 100);
});

test('busy processors leave the memory as it is, and only slow down', () => {
  const busy = { ...FREE, cpuPressurePercent: LIMITS.cpuPressureMaxPercent };
  expect(headRoom(100, 30, 60, busy)).toEqual({ maxBytes: 100, isOneByOne: true, why: undefined });
});
