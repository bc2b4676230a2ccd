import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { Crew } from '../../../supervisor/validating/crew.js';
import { toolEvent } from '../../lib/validators.js';
import { allowed, isPending, Stage, settled } from './workers.js';

let stage: Stage;
let crew: Crew;
beforeEach(() => {
  stage = new Stage();
  crew = stage.crew();
});

const events = (worker = stage.worker) => worker.commands();
const asking = (command: string, made = {}) => stage.ask(crew, { event: toolEvent('Bash', { command }), ...made });
/** Entries of all its maps and sets. */
function keptBy(value: unknown, seen = new Set<unknown>()): number {
  if (typeof value !== 'object' || value === null || seen.has(value)) return 0;
  seen.add(value);
  const own = value instanceof Map || value instanceof Set ? value.size : 0;
  return Object.values(value).reduce((sum, one) => sum + keptBy(one, seen), own);
}

const LOST = { kind: 'failed', cause: 'crashed', message: 'its worker ended by signal 11' };

test('a question starts a worker, and is answered by it', async () => {
  const asked = asking('a');
  stage.worker.ready().answer();
  expect(await asked).toEqual(allowed);
  // That of a worker that rests.
  expect(stage.clock.timers).toMatchObject([{ dueMs: LIMITS.residentIdleMs }]);
});

test('more urgent ones go first, the others as they came', async () => {
  const [low, normal, critical] = [
    asking('low', { priority: 'low' }),
    asking('normal'),
    asking('critical', { priority: 'critical' }),
  ];
  stage.worker.ready();
  for (const one of [critical, normal, low]) {
    stage.worker.answer();
    await one;
  }
  expect(events()).toEqual([['critical'], ['normal'], ['low']]);
});

describe('a deadline', () => {
  test('that passes at the worker: timed out, and the next waits for another worker', async () => {
    const [late, next] = [asking('late', { withinMs: 100 }), asking('next')];
    stage.worker.ready();
    stage.clock.pass(100);
    expect(await late).toEqual({ kind: 'failed', cause: 'timedOut', message: 'no answer within 100 ms' });
    expect(stage.worker.ends).toEqual(['kill']);
    expect(await isPending(next)).toBe(true);
    stage.worker.die();
    stage.worker.ready().answer();
    expect(await next).toEqual(allowed);
    expect(events()).toEqual([['next']]);
  });

  test('that passes before: refused, since it was never asked, with the trouble of its workers', async () => {
    const first = asking('a');
    stage.worker.ready().die();
    await first;
    const asked = asking('b', { withinMs: 40 });
    stage.clock.pass(40);
    const message = 'its time was over before a worker came free: its worker ended by signal 11';
    expect(await asked).toEqual({ kind: 'failed', cause: 'refused', message });
    stage.clock.pass(10);
    expect(stage.asker.load, 'it waits no longer').toEqual({ tasks: 0, longestWaitMs: 0 });
  });
});

describe('a worker that dies with a question', () => {
  test('that may not be asked twice: crashed, and no other is asked', async () => {
    const asked = asking('a');
    stage.worker.ready().die();
    expect(await asked).toEqual(LOST);
    expect(stage.workers).toHaveLength(1);
  });

  test('of an idempotent one: asked once more, and not a third time', async () => {
    crew = stage.crew({ idempotent: true });
    const asked = asking('a');
    stage.worker.ready().die();
    expect(await isPending(asked)).toBe(true);
    expect(stage.workers).toHaveLength(2);
    stage.worker.ready().die();
    expect(await asked).toEqual(LOST);
  });

  test('with the protocol broken is not asked again', async () => {
    crew = stage.crew({ idempotent: true });
    const asked = asking('a');
    stage.worker.ready().die({ cause: 'protocol', message: 'garbage' });
    expect(await asked).toEqual({ kind: 'failed', cause: 'protocol', message: 'garbage' });
  });
});

describe('held back', () => {
  async function hold(): Promise<void> {
    for (let at = 0; at <= LIMITS.deathsMax; at++) {
      const asked = asking('a');
      stage.clock.pass(4_999);
      stage.worker.ready().die();
      expect(await asked).toEqual(LOST);
    }
  }

  test('those that wait are refused with the cause, and so are others until it is over', async () => {
    await hold();
    const refused = { kind: 'failed', cause: 'refused', message: 'held back: its worker ended by signal 11' };
    expect(await asking('b')).toEqual({ ...refused, retryAfterMs: LIMITS.quarantineFirstMs });
    stage.clock.pass(LIMITS.quarantineFirstMs);
    const again = asking('c');
    stage.worker.ready().answer();
    expect(await again).toEqual(allowed);
  });

  test('an idempotent one whose worker is the last to die before that is not asked again, and fails long before its deadline', async () => {
    crew = stage.crew({ idempotent: true });
    let asked: Promise<unknown> = Promise.resolve();
    for (let deaths = 0; deaths <= LIMITS.deathsMax; deaths++) {
      // Each second one ends a question; the first of them was of none.
      if (deaths % 2 === 1 || deaths === 0) asked = asking('a');
      stage.clock.pass(2_000);
      const worker = stage.worker.ready();
      if (deaths === 0) worker.answer();
      worker.die();
    }
    expect(await isPending(asked)).toBe(false);
    expect(await asked).toEqual(LOST);
  });

  test('a validator whose worker cannot be started fails with the reason, long before its deadline', async () => {
    const asked = asking('a');
    const end = { cause: 'refused', message: 'there is no file /x' } as const;
    stage.worker.die(end);
    stage.worker.die(end);
    expect(await asked).toMatchObject({ cause: 'refused', message: 'no worker of it starts: there is no file /x' });
    expect(stage.clock.now).toBe(0);
  });
});

describe('nobody waits any more', () => {
  test('before it began: it is taken out, and its worker does something else', async () => {
    const over = new AbortController();
    const [asked, next] = [asking('a', { signal: over.signal }), asking('b')];
    over.abort();
    expect(await asked).toMatchObject({ kind: 'skipped' });
    stage.worker.ready().answer();
    expect(await next).toEqual(allowed);
    expect(events()).toEqual([['b']]);
  });

  test('before it was asked at all: nothing is started', async () => {
    expect(await asking('a', { signal: AbortSignal.abort() })).toMatchObject({ kind: 'skipped' });
    expect(stage.workers).toEqual([]);
  });

  test('a worker that does one thing at a time goes on: a deny of another is no reason to end it', async () => {
    const over = new AbortController();
    const [asked, next] = [asking('a', { signal: over.signal }), asking('b')];
    stage.worker.ready();
    over.abort();
    expect(await asked).toMatchObject({ kind: 'skipped' });
    expect(stage.worker).toMatchObject({ ends: [], forgotten: [] });
    stage.worker.answer();
    stage.worker.answer();
    expect(await next).toEqual(allowed);
    expect(stage.workers).toHaveLength(1);
  });

  test('but not beyond the deadline', async () => {
    const over = new AbortController();
    const asked = asking('a', { signal: over.signal, withinMs: 100 });
    stage.worker.ready();
    over.abort();
    await asked;
    stage.clock.pass(100);
    expect(stage.worker.ends).toEqual(['kill']);
  });

  test('a Node is told to forget it, and it counts as skipped, not as failed', async () => {
    crew = stage.crew({ runtime: 'node' });
    const over = new AbortController();
    const asked = asking('a', { signal: over.signal, withinMs: 700 });
    stage.worker.ready();
    over.abort();
    expect(await asked).toMatchObject({ kind: 'skipped' });
    expect(stage.worker).toMatchObject({ ends: [], forgotten: [1], deadlines: [700] });
  });
});

test('what waits, and how long the first of it has, is told; what a worker has waits no more', () => {
  void asking('a');
  stage.clock.pass(30);
  void asking('b');
  stage.clock.pass(10);
  expect(stage.asker.load).toEqual({ tasks: 2, longestWaitMs: 40 });
  stage.worker.ready();
  expect(stage.asker.load).toEqual({ tasks: 1, longestWaitMs: 10 });
});

describe('too much', () => {
  test('beyond the bound the ones worth least are refused, and none waits for ever', async () => {
    const asked = Array.from({ length: LIMITS.tasksWaitingMax }, () => asking('x', { priority: 'idle' }));
    const more = asking('urgent', { priority: 'critical' });
    const shed = await Promise.race(asked);
    expect(shed).toMatchObject({ cause: 'refused', message: expect.stringContaining('make room') });
    expect(await asking('y', { priority: 'idle' })).toMatchObject({ cause: 'refused', message: 'too many tasks wait' });
    stage.worker.ready().answer();
    expect(await more).toEqual(allowed);
    stage.clock.pass(5_000);
    for (const one of asked) expect(await one).toMatchObject({ kind: 'failed' });
  });

  test('an event that is too long for a worker is refused alone', async () => {
    const asked = asking('a');
    stage.worker.takes = 'tooLong';
    stage.worker.ready();
    expect(await asked).toMatchObject({ cause: 'refused', message: 'such an event is too long for it' });
    stage.worker.takes = 'all';
    const next = asking('b');
    stage.worker.answer();
    expect(await next).toEqual(allowed);
  });
});

describe('renewal', () => {
  test('a question right after it waits for the new worker, and does not fail', async () => {
    const first = asking('a');
    stage.worker.ready().answer();
    await first;
    crew.renew();
    const second = asking('b');
    expect(await isPending(second)).toBe(true);
    expect(stage.workers).toHaveLength(2);
    stage.worker.ready().answer();
    expect(await second).toEqual(allowed);
  });

  test('a retired crew serves what waits, and takes nothing from its successor', async () => {
    const old = crew;
    const waits = asking('old');
    old.retire();
    const [oldWorker] = stage.workers;
    crew = stage.crew();
    const fresh = asking('new');
    const freshWorker = stage.worker.ready();
    oldWorker?.ready();
    oldWorker?.answer();
    expect(await waits).toEqual(allowed);
    expect(oldWorker?.ends).toEqual(['drain']);
    oldWorker?.die();
    freshWorker.answer();
    expect(await fresh).toEqual(allowed);
    const next = asking('next');
    freshWorker.answer();
    expect(await next).toEqual(allowed);
    expect(events(freshWorker)).toEqual([['new'], ['next']]);
  });

  test('nothing is kept of crews that are gone, however many there were', async () => {
    for (let at = 0; at < 2 * LIMITS.turnsRememberedMax; at++) {
      crew = stage.crew({ batch: { strategy: 'time', maxBatchSize: 10, maxWaitMs: 50 } });
      const first = asking('a');
      stage.worker.ready(true).answer();
      await first;
      const second = asking('b');
      stage.clock.pass(50);
      crew.retire();
      stage.worker.answer();
      expect(await second).toEqual(allowed);
      expect(stage.worker.ends).toEqual(['drain']);
      stage.worker.die();
    }
    expect(keptBy(stage.asker)).toBeLessThanOrEqual(LIMITS.turnsRememberedMax);
  });

  test('a worker that takes no questions: asked of another', async () => {
    const asked = asking('a');
    stage.worker.takes = undefined;
    stage.worker.ready();
    expect(await isPending(asked)).toBe(true);
    expect(stage.worker.ends).toEqual(['kill']);
    stage.worker.die();
    stage.worker.ready().answer();
    expect(await asked).toEqual(allowed);
  });
});

test('an exception of ours fails one question, and the next is asked', async () => {
  const asked = asking('a');
  const worker = stage.worker;
  const { ask } = worker;
  worker.ask = () => {
    throw new Error('ours');
  };
  worker.ready();
  expect(await asked).toEqual({ kind: 'failed', cause: 'crashed', message: 'it could not be asked: ours' });
  worker.ask = ask;
  const next = asking('b');
  worker.answer();
  expect(await next).toEqual(allowed);
  await settled();
});
