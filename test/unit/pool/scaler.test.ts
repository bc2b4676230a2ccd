import { beforeEach, expect, test } from 'vitest';
import type { HostRoom } from '../../../supervisor/contract/host-room.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { Scaler } from '../../../supervisor/pool/scaler.js';
import { FakeClock } from '../../lib/fake-clock.js';

const ROOM: HostRoom = { spareMemoryBytes: 1, memoryPressurePercent: 2, cpuPressurePercent: 3 };
let clock: FakeClock;
let reads: number[];
let rooms: HostRoom[];
let scalable: { isUnsettled: boolean; reconsider(room: HostRoom): void };
let scaler: Scaler;

beforeEach(() => {
  clock = new FakeClock();
  reads = [];
  rooms = [];
  scalable = { isUnsettled: false, reconsider: (room) => void rooms.push(room) };
  scaler = new Scaler(clock, scalable, async () => {
    reads.push(clock.now);
    return ROOM;
  });
});

async function pass(ms: number): Promise<void> {
  clock.pass(ms);
  await new Promise((done) => setImmediate(done));
}

test('the calls of one burst bring one decision, after it, with what the host says', async () => {
  for (let call = 0; call < 8; call++) scaler.soon();
  expect(clock.timers).toHaveLength(1);
  await pass(LIMITS.scalingDelayMs - 1);
  expect(rooms).toEqual([]);
  await pass(1);
  expect(rooms).toEqual([ROOM]);
});

test('calls that go on do not put the decision off', async () => {
  for (let call = 0; call < 5; call++) {
    scaler.soon();
    await pass(LIMITS.scalingDelayMs / 4);
  }
  expect(rooms).toHaveLength(1);
});

test('while nothing is to be settled no timer runs; while something is, one does, and a burst need not wait for it', async () => {
  scaler.soon();
  await pass(LIMITS.scalingDelayMs);
  expect(clock.timers).toEqual([]);
  scalable.isUnsettled = true;
  scaler.soon();
  await pass(LIMITS.scalingDelayMs);
  expect(clock.timers.map(({ dueMs }) => dueMs - clock.now)).toEqual([LIMITS.scalingTickMs]);
  scaler.soon();
  expect(clock.timers.map(({ dueMs }) => dueMs - clock.now)).toEqual([LIMITS.scalingDelayMs]);
});

test('the host is asked once in a second at most', async () => {
  for (let decision = 0; decision < 8; decision++) {
    scaler.soon();
    await pass(LIMITS.scalingDelayMs);
  }
  expect(rooms).toHaveLength(8);
  expect(reads).toEqual([250, 1250]);
});

test('after the stop nothing is decided, also if the host answers only then', async () => {
  scaler.soon();
  clock.pass(LIMITS.scalingDelayMs);
  scaler.stop();
  await pass(0);
  scaler.soon();
  expect([rooms, clock.timers]).toEqual([[], []]);
});
