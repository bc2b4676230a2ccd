import { expect, test } from 'vitest';
import { Target } from '../../../supervisor/pool/target.js';

/** A target of a pool with 8 slots, and what its keeper was told: parked, slots, waiting. */
function target(share: number): { target: Target; told: number[][] } {
  const told: number[][] = [];
  const tell = (payload: Buffer) => told.push([0, 4, 8].map((offset) => payload.readUInt32LE(offset)));
  return { target: new Target(share, 8, tell), told };
}

test('the share and one for each call that waits, told when either changes', () => {
  const { target: made, told } = target(4);
  made.setShare(4);
  made.setWaiting(0);
  expect(told).toEqual([]);
  made.setWaiting(2);
  made.setShare(0);
  made.setWaiting(2);
  made.setWaiting(0);
  expect(told).toEqual([
    [6, 8, 2],
    [2, 8, 2],
    [0, 8, 0],
  ]);
});

test('never more than there are slots, also where more calls wait', () => {
  const { target: made, told } = target(4);
  made.setWaiting(20);
  expect(told).toEqual([[8, 8, 8]]);
});

test('a new keeper is told again of calls that wait', () => {
  const { target: made, told } = target(4);
  made.setWaiting(1);
  made.begin();
  made.setWaiting(1);
  expect(told).toEqual([
    [5, 8, 1],
    [5, 8, 1],
  ]);
});

test('what the operator wants at least counts where the share is less, up to the slots', () => {
  const { target: made, told } = target(4);
  made.setFloor(6);
  made.setWaiting(1);
  made.setFloor(20);
  made.setFloor(0);
  expect(told).toEqual([
    [6, 8, 0],
    [7, 8, 1],
    [8, 8, 1],
    [5, 8, 1],
  ]);
  expect(made.share).toBe(4);
  made.setFloor(20);
  expect(made.share).toBe(8);
});

test('of a configuration before: none, whatever the operator says, who is told so', () => {
  const { target: made, told } = target(4);
  made.setFloor(6);
  made.leave();
  made.setDrained(true);
  made.setDrained(false);
  expect([made.share, made.isClosed, made.isDrained]).toEqual([0, true, false]);
  expect(made.closedBecause).toBe('the configuration of this pool is not in force any more');
  expect(told.slice(1)).toEqual([
    [0, 8, 0],
    [0, 8, 0],
    [0, 8, 0],
  ]);
  expect(made.wish).toEqual({ floor: 6, isDrained: false });
});

test('drained: none, whatever share, floor and calls say; then all as before', () => {
  const { target: made, told } = target(4);
  made.setDrained(true);
  made.setFloor(6);
  made.setWaiting(1);
  expect([made.share, made.isDrained]).toEqual([0, true]);
  made.setDrained(false);
  expect(told).toEqual([
    [0, 8, 0],
    [0, 8, 0],
    [0, 8, 0],
    [7, 8, 1],
  ]);
});
