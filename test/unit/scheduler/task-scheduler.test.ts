import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PRIORITIES } from '../../../supervisor/contract/validating.js';
import { Credits } from '../../../supervisor/scheduler/credits.js';
import { READY_QUEUE_RULES, type ReadyTask } from '../../../supervisor/scheduler/ready-queue.js';
import { TaskScheduler } from '../../../supervisor/scheduler/task-scheduler.js';
import { task } from './ready/tasks.js';

function schedulerOf(rules: { totalMax: number; keptForCritical: number }, allowed: Record<string, number>) {
  const scheduler = new TaskScheduler<ReadyTask>({ ...READY_QUEUE_RULES, ...rules });
  for (const [validator, max] of Object.entries(allowed)) scheduler.allow(validator, max);
  return scheduler;
}

function startAll(scheduler: TaskScheduler<ReadyTask>): ReadyTask[] {
  const started: ReadyTask[] = [];
  for (let { task } = scheduler.next(0); task !== undefined; { task } = scheduler.next(0)) started.push(task);
  return started;
}

test('no more are out than credits allow, none stays behind while there is a credit for it, each starts once', () => {
  const validator = fc.constantFrom('v', 'w', 'x');
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        what: fc.constant('submit' as const),
        validator,
        priority: fc.constantFrom(...PRIORITIES),
      }),
    },
    { weight: 2, arbitrary: fc.record({ what: fc.constant('end' as const), at: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('allow' as const), validator, max: fc.nat(4) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: 'max' }), fc.nat(2), (steps, keptForCritical) => {
      const scheduler = schedulerOf({ totalMax: 6, keptForCritical }, { v: 3, w: 3, x: 3 });
      const allowed = new Map(['v', 'w', 'x'].map((name) => [name, 3]));
      const waiting = new Set<ReadyTask>();
      const out: ReadyTask[] = [];
      const othersOut = () => out.filter((one) => one.priority !== 'critical').length;
      const outOf = (name: string) => out.filter((one) => one.validator === name).length;
      for (const one of steps) {
        if (one.what === 'submit') {
          const submitted = task(one.priority, { validator: one.validator });
          waiting.add(submitted);
          scheduler.submit(submitted, 0);
        } else if (one.what === 'end') {
          const [ended] = out.splice(one.at, 1);
          if (ended !== undefined) scheduler.ended(ended);
        } else {
          scheduler.allow(one.validator, one.max);
          allowed.set(one.validator, one.max);
        }
        for (const started of startAll(scheduler)) {
          expect(waiting.delete(started)).toBe(true);
          out.push(started);
          expect(outOf(started.validator)).toBeLessThanOrEqual(allowed.get(started.validator) ?? 0);
          expect(out.length).toBeLessThanOrEqual(6);
          expect(othersOut()).toBeLessThanOrEqual(6 - keptForCritical);
        }
        const mayStart = [...waiting].filter(
          ({ validator, priority }) =>
            outOf(validator) < (allowed.get(validator) ?? 0) &&
            out.length < 6 &&
            (priority === 'critical' || othersOut() < 6 - keptForCritical),
        );
        expect(mayStart).toEqual([]);
        expect(scheduler.size).toBe(waiting.size);
      }
    }),
  );
});

describe('tasks and credits', () => {
  test('a validator that hangs holds up nobody else', () => {
    const scheduler = schedulerOf({ totalMax: 8, keptForCritical: 1 }, { hangs: 1, works: 1 });
    for (let n = 0; n < 100; n++) scheduler.submit(task('critical', { validator: 'hangs' }), 0);
    expect(startAll(scheduler)).toHaveLength(1);
    for (let n = 0; n < 100; n++) {
      const one = task('idle', { validator: 'works' });
      scheduler.submit(one, 0);
      expect(startAll(scheduler)).toEqual([one]);
      scheduler.ended(one);
    }
  });

  test('while all other credits are out a critical task starts, and what is out of time is handed out', () => {
    const scheduler = schedulerOf({ totalMax: 3, keptForCritical: 1 }, { v: 9 });
    const late = task('high', { deadlineAtMs: 5 });
    for (const one of [task('high', { deadlineAtMs: 1 }), task('high', { deadlineAtMs: 2 }), late])
      scheduler.submit(one, 0);
    expect(startAll(scheduler)).toHaveLength(2);
    const critical = task('critical');
    scheduler.submit(critical, 0);
    expect(startAll(scheduler)).toEqual([critical]);
    expect(scheduler.next(5)).toEqual({ task: undefined, expired: [late] });
  });

  test('a validator that was forgotten has no credits until it gets new ones', () => {
    const scheduler = schedulerOf({ totalMax: 3, keptForCritical: 1 }, { v: 9 });
    scheduler.forget('v');
    const one = task('high');
    scheduler.submit(one, 0);
    expect(startAll(scheduler)).toEqual([]);
    scheduler.allow('v', 1);
    expect(startAll(scheduler)).toEqual([one]);
  });

  test('among ever new critical tasks that take all credits, one that is overdue starts', () => {
    const scheduler = schedulerOf({ totalMax: 3, keptForCritical: 1 }, { v: 9 });
    const nowMs = 5 * READY_QUEUE_RULES.risesEveryMs;
    const overdue = task('idle');
    scheduler.submit(overdue, 0);
    const out: ReadyTask[] = [];
    for (let n = 0; !out.includes(overdue) && n < 30; n++) {
      scheduler.submit(task('critical', { enqueuedAtMs: nowMs }), nowMs);
      scheduler.submit(task('critical', { enqueuedAtMs: nowMs }), nowMs);
      const ended = out.length === 3 ? out.shift() : undefined;
      if (ended !== undefined) scheduler.ended(ended);
      const { task: started } = scheduler.next(nowMs);
      if (started !== undefined) out.push(started);
    }
    expect(out).toContain(overdue);
  });
});

test('a credit is not taken where there is none, nor given back where none was taken', () => {
  const credits = new Credits({ totalMax: 4, keptForCritical: 1 });
  const takeAll = (...priorities: ('low' | 'critical')[]) => priorities.map((one) => credits.take('v', one));
  expect(takeAll('critical')).toEqual([false]);
  credits.allow('v', 2);
  expect(takeAll('low', 'low', 'critical')).toEqual([true, true, false]);
  credits.allow('v', 9);
  expect(takeAll('low', 'low', 'critical', 'critical')).toEqual([true, false, true, false]);
  for (const priority of ['low', 'low', 'low', 'critical'] as const) credits.giveBack('v', priority);
  expect(() => credits.giveBack('v', 'low')).toThrow('more than it has taken');
});

test('another number in all holds at once: what is out stays out, and more start where there may be more', () => {
  const scheduler = schedulerOf({ totalMax: 2, keptForCritical: 0 }, { v: 9 });
  for (let at = 0; at < 6; at++) scheduler.submit(task('normal', { validator: 'v' }), 0);
  const [first, second] = startAll(scheduler);
  scheduler.allowInAll(1);
  if (first !== undefined) scheduler.ended(first);
  expect(startAll(scheduler)).toHaveLength(0);
  if (second !== undefined) scheduler.ended(second);
  expect(startAll(scheduler)).toHaveLength(1);
  scheduler.allowInAll(3);
  expect(startAll(scheduler)).toHaveLength(2);
});
