import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../../supervisor/contract/limits.js';
import type { ReadyTask } from '../../../../supervisor/scheduler/ready-queue.js';
import { popAll, queueOf, task } from './tasks.js';

const EACH = 30;
const sessionIds = ['a', 'b', 'c'];

/** Of each so many, deadlines drawn. */
const backlog = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: EACH, maxLength: EACH });

describe.each(['sessionId', 'validator'] as const)('turns by %s', (key) => {
  test('those that have tasks all the time get as many each, one more or less, whatever their deadlines are', () => {
    fc.assert(
      fc.property(fc.tuple(backlog, backlog, backlog), (deadlines) => {
        const tasks = sessionIds.flatMap((name, at) =>
          (deadlines[at] ?? []).map((deadlineAtMs) => task('normal', { [key]: name, deadlineAtMs })),
        );
        const counts = new Map(sessionIds.map((name) => [name, 0]));
        for (const popped of popAll(queueOf(...tasks))) {
          counts.set(popped[key], (counts.get(popped[key]) ?? 0) + 1);
          expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
        }
        expect([...counts.values()]).toEqual([EACH, EACH, EACH]);
      }),
    );
  });

  test('one that comes to a flood has its n-th task started within two rounds of n', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 20 }), fc.nat(2), (before, count, others) => {
        const names = Array.from({ length: others + 1 }, (_, at) => `flood ${at}`);
        const queue = queueOf(...names.flatMap((name) => floodOf(key, name)));
        for (let pops = 0; pops < before; pops++) queue.pop(0);
        const comers = Array.from({ length: count }, () => task('normal', { [key]: 'comer' }));
        for (const comer of comers) queue.push(comer, 0);
        const popped = popAll(queue);
        for (const [index, comer] of comers.entries())
          expect(popped.indexOf(comer)).toBeLessThan((names.length + 1) * (index + 2));
      }),
      { numRuns: 30 },
    );
  });

  test('one that comes again after each task has no more turns than one that keeps many waiting', () => {
    const queue = queueOf(...floodOf(key, 'flood'));
    let came = 0;
    for (let pops = 0; pops < 100; pops++) {
      const comer = task('normal', { [key]: 'comer', deadlineAtMs: 2 });
      queue.push(comer, 0);
      const popped = queue.pop(0).task;
      if (popped === comer) came++;
      else queue.remove(comer.id);
    }
    expect(came).toBeLessThanOrEqual(51);
  });

  test('ever new ones pass over one that waits for no longer than two rounds', () => {
    const waiting = task('normal', { [key]: 'flood', deadlineAtMs: 9 });
    const queue = queueOf(...floodOf(key, 'flood').slice(0, 1), waiting);
    queue.pop(0);
    const popped: unknown[] = [];
    for (let pops = 0; pops < 2 * LIMITS.turnsRememberedMax + 2; pops++) {
      queue.push(task('normal', { [key]: `new ${pops}`, deadlineAtMs: 2 }), 0);
      popped.push(queue.pop(0).task);
    }
    expect(popped).toContain(waiting);
  });
});

test('a validator that was held has saved up no turns', () => {
  const queue = queueOf(...floodOf('validator', 'held'), ...floodOf('validator', 'other'));
  queue.hold('held');
  for (let pops = 0; pops < 50; pops++) queue.pop(0);
  queue.release('held');
  const next = Array.from({ length: 10 }, () => queue.pop(0).task?.validator);
  expect(next.filter((name) => name === 'held').length).toBeLessThanOrEqual(6);
});

function floodOf(key: 'sessionId' | 'validator', name: string): ReadyTask[] {
  return Array.from({ length: 300 }, () => task('normal', { [key]: name, deadlineAtMs: 1 }));
}
