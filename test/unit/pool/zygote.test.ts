import { expect, test } from 'vitest';
import { Zygote } from '../../../supervisor/pool/zygote.js';

/** @param numbers unsigned, or -1. */
function payload(...numbers: number[]): Buffer {
  return Buffer.from(Int32Array.from(numbers).buffer);
}
const CRASHED = 11;

test('a zygote that serves is shown, one that is down is not', () => {
  const zygote = new Zygote();
  expect(zygote.workers()).toEqual([]);
  expect(zygote.stateRecord(payload(900, 3, -1))).toBe(-1);
  expect(zygote.workers()).toMatchObject([{ pid: 900, kind: 'zygote', generation: 3 }]);
  expect(zygote.stateRecord(payload(0, 3, CRASHED))).toBe(CRASHED);
  expect(zygote.workers()).toEqual([]);
});

test('the end of a zygote is told once, though the next one says it again when it serves', () => {
  const zygote = new Zygote();
  expect(zygote.stateRecord(payload(0, 3, CRASHED))).toBe(CRASHED);
  expect(zygote.stateRecord(payload(901, 4, CRASHED))).toBe(-1);
  expect(zygote.workers()).toMatchObject([{ pid: 901, generation: 4 }]);
});

test('what a zygote has learned is shown until it dies or its keeper does; records of another length are ignored', () => {
  const zygote = new Zygote();
  zygote.stateRecord(payload(900, 1, -1));
  zygote.learnedRecord(payload(12, 3));
  zygote.learnedRecord(payload(13));
  expect(zygote.learned).toEqual({ scripts: 12, modules: 3 });
  zygote.stateRecord(payload(0, 1, CRASHED));
  expect(zygote.learned).toEqual({ scripts: 0, modules: 0 });
  zygote.learnedRecord(payload(12, 3));
  zygote.gone();
  expect(zygote.learned).toEqual({ scripts: 0, modules: 0 });
});
