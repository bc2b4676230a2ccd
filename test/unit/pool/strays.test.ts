import { expect, test } from 'vitest';
import type { Native } from '../../../supervisor/native.js';
import { watchStrays } from '../../../supervisor/pool/strays.js';

const clock = {
  nowMs: () => 0,
  after(_delayMs: number, callback: () => void) {
    queueMicrotask(callback);
    return () => {};
  },
};

/** A process table: pid -> the children it leaves to us when it dies. */
function machine(children: Map<number, number[]>) {
  const killed: number[] = [];
  const native = {
    children: () => [...children.keys()],
    kill: (pid: number) => void killed.push(pid),
    reap(pid: number) {
      for (const orphan of children.get(pid) ?? []) children.set(orphan, []);
      children.delete(pid);
    },
  } as unknown as Native;
  return { native, killed };
}

test('adopted processes and what they leave are killed; keepers and children from before are spared', async () => {
  const children = new Map<number, number[]>([[5, []]]);
  const { native, killed } = machine(children);
  const strays = watchStrays(native, clock, 100);
  children.set(10, []).set(20, [21]);
  expect(await strays.kill(() => new Set([10]))).toBe(2);
  expect(killed).toEqual([20, 21]);
});

test('as PID 1 nothing is killed: the orphans may be anybody’s', async () => {
  const children = new Map<number, number[]>();
  const { native, killed } = machine(children);
  const strays = watchStrays(native, clock, 1);
  children.set(20, []);
  expect(await strays.kill(() => new Set())).toBe(0);
  expect(killed).toEqual([]);
});
