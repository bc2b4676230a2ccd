import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LaterRoom } from '../../../../supervisor/validating/after/room.js';

const MAX = { tasks: 40, bytes: 4_000 };
const NAMES = ['a', 'b', 'c'];

test('one alone has three quarters, and however much is held there is room for a small one of another', () => {
  const room = new LaterRoom(MAX);
  const fill = (name: string, bytes: number) => {
    for (; room.hasFor(name, bytes); room.add(name, bytes));
    return room.tasksOf(name);
  };
  expect(fill('a', 10)).toBe(30);
  expect(fill('b', 10)).toBe(7);
  expect(room.hasFor('c', 10)).toBe(true);
  const large = new LaterRoom(MAX);
  for (; large.hasFor('a', 500); large.add('a', 500));
  expect(large.tasksOf('a')).toBe(6);
  expect([large.hasFor('b', 500), large.hasFor('b', 1_001)]).toEqual([true, false]);
});

test('whatever comes and goes, neither all together nor one of them hold more than they may', () => {
  const step = fc.record({
    name: fc.constantFrom(...NAMES),
    bytes: fc.integer({ min: 1, max: 900 }),
    goes: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      const room = new LaterRoom(MAX);
      const held = new Map<string, number[]>(NAMES.map((name) => [name, []]));
      const sumOf = (all: readonly number[]) => all.reduce((sum, bytes) => sum + bytes, 0);
      for (const { name, bytes, goes } of steps) {
        const own = held.get(name) ?? [];
        if (goes) {
          const gone = own.pop();
          if (gone !== undefined) room.remove(name, gone);
        } else if (room.hasFor(name, bytes)) {
          room.add(name, bytes);
          own.push(bytes);
          const all = [...held.values()].flat();
          expect(own.length).toBeLessThanOrEqual(3 * (MAX.tasks - all.length));
          expect(sumOf(own)).toBeLessThanOrEqual(3 * (MAX.bytes - sumOf(all)));
        }
        expect(room.tasksOf(name)).toBe(own.length);
      }
    }),
  );
});
