import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../../supervisor/contract/limits.js';
import { PRIORITIES, type Priority } from '../../../../supervisor/contract/validating.js';
import { READY_QUEUE_RULES, ReadyQueue, type ReadyTask } from '../../../../supervisor/scheduler/ready-queue.js';
import { popAll, queueOf, task } from './tasks.js';

const TASKS_MAX = 12;
const STEP_MS = LIMITS.taskRisesEveryMs;
const validators = ['v', 'w'];

const rankOf = (priority: Priority) => PRIORITIES.indexOf(priority);
const risesMax = (one: ReadyTask) => Math.max(1, rankOf(one.priority));
const stepsWaited = (one: ReadyTask, nowMs: number) => Math.floor((nowMs - one.enqueuedAtMs) / STEP_MS);
const levelOf = (one: ReadyTask, nowMs: number) =>
  one.priority === 'critical' ? 0 : Math.max(1, rankOf(one.priority) - stepsWaited(one, nowMs));

/** All that waits, and nothing more; it judges each answer of the queue by what was declared of the tasks. */
class Judge {
  readonly queue = new ReadyQueue<ReadyTask>({ ...READY_QUEUE_RULES, tasksMax: TASKS_MAX });
  private readonly waiting = new Set<ReadyTask>();
  private readonly held = new Set<string>();
  private nowMs = 0;

  pass(byMs: number): void {
    this.nowMs += byMs;
  }

  toggleHold(validator: string): void {
    if (this.held.delete(validator)) this.queue.release(validator);
    else {
      this.held.add(validator);
      this.queue.hold(validator);
    }
  }

  push(priority: Priority, rest: { validator: string; sessionId: string }, leftMs: number): void {
    const one = task(priority, { ...rest, enqueuedAtMs: this.nowMs, deadlineAtMs: this.nowMs + leftMs });
    const ranks = [...this.waiting].map((other) => rankOf(other.priority));
    const pushed = this.queue.push(one, this.nowMs);
    if (pushed.kind === 'expired') expect(leftMs).toBe(0);
    else if (pushed.kind === 'full') {
      expect(this.waiting.size).toBe(TASKS_MAX);
      expect([...this.waiting].filter((other) => other.deadlineAtMs <= this.nowMs)).toEqual([]);
      if (priority !== 'critical') expect(Math.max(...ranks)).toBeLessThanOrEqual(rankOf(priority));
      else expect(Math.max(...ranks)).toBe(0);
    } else {
      this.waiting.add(one);
      if (pushed.kind === 'tookPlaceOf') this.made(pushed, rankOf(priority), Math.max(...ranks));
    }
    this.check();
  }

  pop(least: Priority): void {
    const { task: popped, expired } = this.queue.pop(this.nowMs, least);
    this.expired(expired);
    if (popped !== undefined) this.leaves(popped);
    const others = [...this.waiting].filter((one) => !this.held.has(one.validator));
    const levels = others.map((one) => levelOf(one, this.nowMs));
    if (popped === undefined) expect(Math.min(...levels, Infinity)).toBeGreaterThan(rankOf(least));
    else {
      expect(this.held.has(popped.validator)).toBe(false);
      expect(levelOf(popped, this.nowMs)).toBeLessThanOrEqual(rankOf(least));
      const isOverdue = stepsWaited(popped, this.nowMs) >= risesMax(popped);
      if (!isOverdue) expect(levelOf(popped, this.nowMs)).toBeLessThanOrEqual(Math.min(...levels, Infinity));
    }
    this.check();
  }

  expire(): void {
    this.expired(this.queue.expire(this.nowMs));
    this.check();
  }

  remove(at: number): void {
    const one = [...this.waiting][at];
    if (one === undefined) return;
    expect(this.queue.remove(one.id)).toBe(one);
    this.waiting.delete(one);
    expect(this.queue.remove(one.id)).toBeUndefined();
    this.check();
  }

  end(): void {
    for (const validator of this.held) this.queue.release(validator);
    this.held.clear();
    while (this.waiting.size > 0) this.pop('idle');
    expect(this.queue.pop(this.nowMs)).toEqual({ task: undefined, expired: [] });
  }

  private made(
    { task: gone, wasExpired }: { task: ReadyTask; wasExpired: boolean },
    rank: number,
    lowest: number,
  ): void {
    expect(this.waiting.delete(gone)).toBe(true);
    expect(gone.deadlineAtMs <= this.nowMs).toBe(wasExpired);
    if (wasExpired) return;
    expect(gone.priority).not.toBe('critical');
    expect(rankOf(gone.priority)).toBe(lowest);
    expect(rankOf(gone.priority)).toBeGreaterThanOrEqual(rank);
  }

  private expired(tasks: readonly ReadyTask[]): void {
    for (const one of tasks) {
      expect(one.deadlineAtMs).toBeLessThanOrEqual(this.nowMs);
      this.waiting.delete(one);
    }
    expect([...this.waiting].filter((one) => one.deadlineAtMs <= this.nowMs)).toEqual([]);
  }

  /** Not twice, and not after its deadline. */
  private leaves(one: ReadyTask): void {
    expect(this.waiting.delete(one)).toBe(true);
    expect(one.deadlineAtMs).toBeGreaterThan(this.nowMs);
  }

  private check(): void {
    expect(this.queue.size).toBe(this.waiting.size);
    expect(this.queue.size).toBeLessThanOrEqual(TASKS_MAX);
    expect(this.queue.nextDeadlineAtMs).toBe(Math.min(Infinity, ...[...this.waiting].map((one) => one.deadlineAtMs)));
  }
}

test('each task leaves once: started in order and in time, expired, removed, or worth least of all; and bounds hold', () => {
  const priority = fc.constantFrom(...PRIORITIES);
  const push = fc.record({
    priority,
    rest: fc.record({ validator: fc.constantFrom(...validators), sessionId: fc.constantFrom('a', 'b', 'c') }),
    leftMs: fc.nat(9 * STEP_MS),
  });
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: push.map(
        ({ priority, rest, leftMs }) =>
          (judge: Judge) =>
            judge.push(priority, rest, leftMs),
      ),
    },
    { weight: 3, arbitrary: priority.map((least) => (judge: Judge) => judge.pop(least)) },
    { weight: 2, arbitrary: fc.nat(2 * STEP_MS).map((byMs) => (judge: Judge) => judge.pass(byMs)) },
    fc.constant((judge: Judge) => judge.expire()),
    fc.nat(TASKS_MAX).map((at) => (judge: Judge) => judge.remove(at)),
    fc.constantFrom(...validators).map((validator) => (judge: Judge) => judge.toggleHold(validator)),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
      const judge = new Judge();
      for (const one of steps) one(judge);
      judge.end();
    }),
    { numRuns: 300 },
  );
});

describe('a full queue', () => {
  const fullOf = (...tasks: ReadyTask[]) => {
    const queue = new ReadyQueue<ReadyTask>({ ...READY_QUEUE_RULES, tasksMax: tasks.length });
    for (const one of tasks) queue.push(one, 0);
    return queue;
  };

  test('of the lowest priority the one of the session that holds most goes, its latest deadline first', () => {
    const flood = [10, 30, 20].map((deadlineAtMs) => task('low', { sessionId: 'flood', deadlineAtMs }));
    const queue = fullOf(task('high'), task('low', { deadlineAtMs: 99 }), ...flood);
    expect(queue.push(task('normal'), 0)).toMatchObject({ kind: 'tookPlaceOf', task: flood[1], wasExpired: false });
  });

  test.each(['sessionId', 'validator'] as const)('a flood of one %s leaves another its places', (key) => {
    const queue = fullOf(...Array.from({ length: 10 }, () => task('normal', { [key]: 'flood' })));
    const kinds = Array.from({ length: 10 }, () => queue.push(task('normal', { [key]: 'other' }), 0).kind);
    expect(kinds.filter((kind) => kind === 'tookPlaceOf')).toHaveLength(5);
    expect(queue.push(task('normal', { [key]: 'flood' }), 0).kind).toBe('full');
  });

  test('critical tasks make room when their time is up, and not before', () => {
    const queue = fullOf(task('critical', { deadlineAtMs: 10 }), task('critical', { deadlineAtMs: 20 }));
    expect(queue.push(task('critical', { sessionId: 'other' }), 9).kind).toBe('full');
    expect(queue.push(task('idle', { sessionId: 'other' }), 10)).toMatchObject({
      kind: 'tookPlaceOf',
      wasExpired: true,
    });
  });

  test('a refused task is told the time in which a tenth of the queue leaves, between two bounds', () => {
    const retryAfterMs = (everyMs: number) => {
      const queue = fullOf(...Array.from({ length: 100 }, () => task('critical')));
      for (let pops = 0; pops < 50; pops++) {
        queue.pop(pops * everyMs);
        queue.push(task('critical', { deadlineAtMs: 1e9 }), pops * everyMs);
      }
      return queue.push(task('low', { deadlineAtMs: 1e9 }), 0);
    };
    expect(retryAfterMs(20)).toEqual({ kind: 'full', retryAfterMs: 200 });
    expect(retryAfterMs(0.1)).toEqual({ kind: 'full', retryAfterMs: LIMITS.taskRetryAfterMinMs });
    expect(retryAfterMs(1_000)).toEqual({ kind: 'full', retryAfterMs: LIMITS.taskRetryAfterMaxMs });
  });

  test('a time without any task is no part of the pace at which they leave', () => {
    const queue = new ReadyQueue<ReadyTask>({ ...READY_QUEUE_RULES, tasksMax: 1 });
    for (const nowMs of [0, 1_000_000]) {
      queue.push(task('critical', { deadlineAtMs: 1e9 }), nowMs);
      queue.pop(nowMs);
    }
    queue.push(task('critical', { deadlineAtMs: 1e9 }), 1_000_000);
    expect(queue.push(task('low', { deadlineAtMs: 1e9 }), 1_000_000)).toEqual({
      kind: 'full',
      retryAfterMs: LIMITS.taskRetryAfterMinMs,
    });
  });
});

test('a task whose time is up when it comes is not queued, one that waits twice is a bug', () => {
  const queue = queueOf();
  const one = task('high', { deadlineAtMs: 10 });
  expect(queue.push(one, 10)).toEqual({ kind: 'expired' });
  queue.push(one, 9);
  expect(() => queue.push(one, 9)).toThrow('waits already');
  expect(popAll(queue, 9)).toEqual([one]);
});
