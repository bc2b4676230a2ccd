import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../../supervisor/contract/limits.js';
import { PRIORITIES } from '../../../../supervisor/contract/validating.js';
import type { ReadyTask } from '../../../../supervisor/scheduler/ready-queue.js';
import { popAll, queueOf, task } from './tasks.js';

const STEP_MS = LIMITS.taskRisesEveryMs;
const priority = fc.constantFrom(...PRIORITIES);

describe('urgency', () => {
  test('of one session: by priority, then by deadline, then as they came, whatever is added and taken in between', () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant('push' as const), priority, deadlineAtMs: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ what: fc.constantFrom('pop' as const, 'remove' as const), at: fc.nat(50) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const queue = queueOf();
        const model: ReadyTask[] = [];
        for (const one of steps) {
          if (one.what === 'push') {
            const pushed = task(one.priority, { deadlineAtMs: one.deadlineAtMs });
            queue.push(pushed, 0);
            model.push(pushed);
          } else if (one.what === 'pop') expect(queue.pop(0).task).toBe(takeFirst(model));
          else {
            const [removed] = model.splice(one.at, 1);
            expect(queue.remove(removed?.id ?? 'none')).toBe(removed);
          }
        }
        expect(popAll(queue)).toEqual(Array.from({ length: model.length }, () => takeFirst(model)));
      }),
    );
  });

  test('sessions and validators with one task each go by deadline', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 60, size: 'max' }), (deadlines) => {
        const tasks = deadlines.map((deadlineAtMs, at) => task('normal', { deadlineAtMs, sessionId: `s${at}` }));
        expect(popAll(queueOf(...tasks))).toEqual([...tasks].sort((a, b) => a.deadlineAtMs - b.deadlineAtMs));
        const apart = tasks.map((one, index) => ({ ...one, validator: `v${index}` }));
        expect(popAll(queueOf(...apart))).toEqual([...apart].sort((a, b) => a.deadlineAtMs - b.deadlineAtMs));
      }),
    );
  });

  test.each([0, STEP_MS, 30 * STEP_MS])(
    'a critical task behind 10,000 low ones that wait since %i ms is next',
    (sinceMs) => {
      const queue = queueOf(...Array.from({ length: 10_000 }, () => task('low')));
      for (let pops = 0; pops < 100; pops++) {
        queue.pop(sinceMs);
        const critical = task('critical', { enqueuedAtMs: sinceMs });
        queue.push(critical, sinceMs);
        expect(queue.pop(sinceMs).task).toBe(critical);
      }
    },
  );

  test('only what is as urgent as asked for is handed out, be it by waiting', () => {
    const queue = queueOf(task('normal'), task('low'));
    expect(queue.pop(0, 'high').task).toBeUndefined();
    expect(queue.pop(STEP_MS, 'high').task).toMatchObject({ priority: 'normal' });
    expect(queue.pop(STEP_MS, 'high').task).toBeUndefined();
    expect(queue.pop(2 * STEP_MS, 'high').task).toMatchObject({ priority: 'low' });
  });

  test('the tasks of a validator that is held are passed over, and go first when it is released', () => {
    const [first, second] = [task('high', { validator: 'a' }), task('low', { validator: 'b' })];
    const queue = queueOf(first, second);
    queue.hold('a');
    expect(popAll(queue)).toEqual([second]);
    queue.release('a');
    expect(popAll(queue)).toEqual([first]);
  });
});

describe('ageing', () => {
  test.each([
    ['normal', 1],
    ['low', 2],
    ['idle', 3],
  ] as const)('a %s task is as urgent as a high one after %i steps, and not before', (declared, steps) => {
    const old = task(declared, { deadlineAtMs: 50_000 });
    for (const [nowMs, expected] of [
      [steps * STEP_MS - 1, 'high'],
      [steps * STEP_MS, declared],
    ] as const) {
      const queue = queueOf(old, task('high', { enqueuedAtMs: nowMs }));
      expect(queue.pop(nowMs).task?.priority).toBe(expected);
    }
  });

  test('a task that is overdue is next within the bound, whatever comes after it and is more urgent', () => {
    const flood = fc.record({
      priority,
      validator: fc.constantFrom('v', 'w'),
      sessionId: fc.string({ maxLength: 1 }),
      leftMs: fc.integer({ min: 1, max: 900_000 }),
    });
    fc.assert(
      fc.property(priority, fc.array(flood, { minLength: 40, maxLength: 80, size: 'max' }), (declared, comers) => {
        const oldest = task(declared, { deadlineAtMs: 1_000_000 });
        const queue = queueOf(oldest);
        const nowMs = Math.max(1, PRIORITIES.indexOf(declared)) * STEP_MS;
        let pops = 0;
        for (const { leftMs, ...comer } of comers) {
          const at = { enqueuedAtMs: nowMs, deadlineAtMs: nowMs + leftMs };
          queue.push(task('critical', at), nowMs);
          queue.push(task(comer.priority, { ...comer, ...at }), nowMs);
          pops++;
          if (queue.pop(nowMs).task === oldest) break;
        }
        expect(pops).toBeLessThanOrEqual(LIMITS.overduePassedOverByCriticalMax + 1);
      }),
    );
  });

  test('one in five goes to those that are overdue, longest first, where no critical task waits', () => {
    const overdue = Array.from({ length: 20 }, (_, at) => task('idle', { enqueuedAtMs: at }));
    const queue = queueOf(...overdue);
    const nowMs = 5 * STEP_MS;
    const got: ReadyTask[] = [];
    for (let pops = 0; pops < 100; pops++) {
      queue.push(task('high', { enqueuedAtMs: nowMs, deadlineAtMs: nowMs + 1, sessionId: `new ${pops}` }), nowMs);
      const popped = queue.pop(nowMs).task;
      if (popped?.priority === 'idle') got.push(popped);
    }
    expect(got).toEqual(overdue);
  });

  test('among ever new critical tasks one in seventeen is overdue, longest first of all validators that are not held', () => {
    const overdue = Array.from({ length: 6 }, (_, at) => task('idle', { enqueuedAtMs: at, validator: `v${at % 3}` }));
    const queue = queueOf(...overdue);
    queue.hold('v1');
    const nowMs = 5 * STEP_MS;
    const starts = Array.from({ length: 70 }, () => {
      queue.push(task('critical', { enqueuedAtMs: nowMs }), nowMs);
      queue.push(task('critical', { enqueuedAtMs: nowMs }), nowMs);
      return queue.pop(nowMs).task;
    });
    const max = LIMITS.overduePassedOverByCriticalMax;
    const found = starts.flatMap((one, at) => (one?.priority === 'idle' ? [[at, one]] : []));
    expect(found).toEqual([0, 2, 3, 5].map((which, nth) => [max + nth * (max + 1), overdue[which]]));
  });

  test('a critical task that comes alone is next though the turn is at one that is overdue', () => {
    const nowMs = 5 * STEP_MS;
    const queue = queueOf(task('idle'));
    for (let pops = 0; pops < LIMITS.overduePassedOverMax; pops++) {
      queue.push(task('high', { enqueuedAtMs: nowMs, deadlineAtMs: nowMs + 1, sessionId: `new ${pops}` }), nowMs);
      expect(queue.pop(nowMs).task?.priority).toBe('high');
    }
    queue.push(task('critical', { enqueuedAtMs: nowMs }), nowMs);
    queue.push(task('high', { enqueuedAtMs: nowMs, deadlineAtMs: nowMs + 1, sessionId: 'new' }), nowMs);
    const next = Array.from({ length: 3 }, () => queue.pop(nowMs).task?.priority);
    expect(next).toEqual(['critical', 'idle', 'high']);
  });

  test('where only critical tasks are asked for none that is overdue comes instead', () => {
    const nowMs = 5 * STEP_MS;
    const queue = queueOf(task('idle'));
    for (let pops = 0; pops < 40; pops++) {
      queue.push(task('critical', { enqueuedAtMs: nowMs }), nowMs);
      expect(queue.pop(nowMs, 'critical').task?.priority).toBe('critical');
    }
  });
});

function takeFirst(tasks: ReadyTask[]): ReadyTask | undefined {
  const rank = (one: ReadyTask) => PRIORITIES.indexOf(one.priority);
  const [first] = [...tasks].sort((a, b) => rank(a) - rank(b) || a.deadlineAtMs - b.deadlineAtMs);
  if (first !== undefined) tasks.splice(tasks.indexOf(first), 1);
  return first;
}
