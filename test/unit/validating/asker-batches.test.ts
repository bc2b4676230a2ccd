/** Events that are asked about together. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Crew } from '../../../supervisor/validating/crew.js';
import { toolEvent } from '../../lib/validators.js';
import { allowed, Stage } from './workers.js';

let stage: Stage;
let crew: Crew;
beforeEach(() => {
  stage = new Stage();
  crew = stage.crew();
});

const events = (worker = stage.worker) => worker.commands();
const asking = (command: string, made = {}) => stage.ask(crew, { event: toolEvent('Bash', { command }), ...made });

describe('batches', () => {
  const batch = { strategy: 'time', maxBatchSize: 10, maxWaitMs: 50 } as const;
  beforeEach(async () => {
    crew = stage.crew({ runtime: 'node', batch });
    const first = asking('first');
    stage.worker.ready(true).answer();
    await first;
  });

  test('gathered for a moment, asked together, each with its own answer', async () => {
    const asked = [asking('a'), asking('b')];
    stage.clock.pass(50);
    expect(events().slice(1)).toEqual([['a', 'b']]);
    stage.worker.events.answered(2, [allowed, { kind: 'failed', cause: 'threw', message: 'no' }]);
    expect(await Promise.all(asked)).toEqual([allowed, { kind: 'failed', cause: 'threw', message: 'no' }]);
  });

  test('other rules of them hold for what comes', async () => {
    const before = asking('before');
    stage.clock.pass(50);
    stage.worker.answer();
    await before;
    crew.adjust({ ...crew.spec, batch: { ...batch, maxWaitMs: 5 } });
    stage.asker.adjust(64);
    const asked = [asking('a'), asking('b')];
    stage.clock.pass(5);
    expect(events().at(-1)).toEqual(['a', 'b']);
    stage.worker.answer();
    await Promise.all(asked);
  });

  test('one that nobody waits for leaves the batch, of one that is asked the others go on', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const gone = asking('gone', { signal: first.signal });
    const asked = [asking('a', { signal: second.signal }), asking('b')];
    first.abort();
    stage.clock.pass(50);
    second.abort();
    expect(await gone).toMatchObject({ kind: 'skipped' });
    expect(events().slice(1)).toEqual([['a', 'b']]);
    expect(stage.worker.forgotten).toEqual([]);
    stage.worker.answer();
    expect(await asked[1]).toEqual(allowed);
  });

  describe('each event has its own deadline', () => {
    const late = (ms: number) => ({ kind: 'failed', cause: 'timedOut', message: `no answer within ${ms} ms` });

    test('one whose time is over fails, the others are answered', async () => {
      const [hurried, patient] = [asking('a', { withinMs: 150 }), asking('b', { withinMs: 900 })];
      stage.clock.pass(50);
      expect(events().at(-1)).toEqual(['a', 'b']);
      stage.clock.pass(100);
      expect(await hurried).toEqual(late(100));
      expect(stage.worker).toMatchObject({ ends: [], forgotten: [] });
      stage.clock.pass(700);
      stage.worker.answer();
      expect(await patient).toEqual(allowed);
      expect(stage.clock.timers.map(({ dueMs }) => dueMs - stage.clock.now).filter((ms) => ms < 1_000)).toEqual([]);
    });

    test('after the last of them the worker is told, with the time that is over', async () => {
      const asked = [asking('a', { withinMs: 150 }), asking('b', { withinMs: 450 })];
      for (const ms of [50, 100, 300]) stage.clock.pass(ms);
      expect(await Promise.all(asked)).toEqual([late(100), late(400)]);
      expect(stage.worker).toMatchObject({ forgotten: [2], deadlines: [0] });
    });

    test('where nobody waits for the rest, the last that somebody waited for is the end', async () => {
      const over = new AbortController();
      const asked = [asking('a', { withinMs: 150 }), asking('b', { withinMs: 900, signal: over.signal })];
      stage.clock.pass(50);
      over.abort();
      stage.clock.pass(100);
      expect(await asked[0]).toEqual(late(100));
      expect(stage.worker.forgotten).toEqual([2]);
    });

    test('nobody waits any more: the worker may be busy until the last of them', async () => {
      const over = new AbortController();
      const asked = [450, 900].map((withinMs) => asking('a', { withinMs, signal: over.signal }));
      stage.clock.pass(50);
      over.abort();
      await Promise.all(asked);
      expect(stage.worker).toMatchObject({ forgotten: [2], deadlines: [900] });
    });

    test('also while no worker is free, and after a worker was lost', async () => {
      crew = stage.crew({ batch, idempotent: true });
      const first = asking('first');
      stage.worker.ready(true);
      const [hurried, patient] = [asking('a', { withinMs: 150 }), asking('b', { withinMs: 900 })];
      for (const ms of [50, 100]) stage.clock.pass(ms);
      expect(await hurried).toMatchObject({ cause: 'refused' });
      stage.worker.answer();
      await first;
      expect(events().at(-1)).toEqual(['b']);
      stage.worker.die();
      stage.worker.ready(true).answer();
      expect(await patient).toEqual(allowed);
    });
  });

  test('how long one has waited that no worker had makes later ones no smaller', async () => {
    crew = stage.crew({ batch: { ...batch, strategy: 'adaptive' } });
    const first = asking('first');
    stage.worker.ready(true).answer();
    await first;
    const busy = asking('busy');
    const late = asking('late', { withinMs: 200 });
    for (const ms of [50, 150]) stage.clock.pass(ms);
    expect(await late).toMatchObject({ cause: 'refused' });
    const names = Array.from({ length: batch.maxBatchSize }, (_, at) => `${at}`);
    for (const name of names) void asking(name);
    stage.worker.answer();
    await busy;
    expect(events().at(-1)).toEqual(names);
  });

  test('adaptive: what comes while a Node has one goes together, though it would take more', async () => {
    crew.adjust({ ...crew.spec, batch: { ...batch, strategy: 'adaptive' } });
    stage.asker.adjust(64);
    const [busy] = [asking('busy'), asking('a'), asking('b')];
    expect(events().at(-1)).toEqual(['busy']);
    stage.worker.answer();
    await busy;
    expect(events().at(-1)).toEqual(['a', 'b']);
  });

  test('one more urgent than the others is asked without waiting for them', async () => {
    const [normal, critical] = [asking('a'), asking('b', { priority: 'critical' })];
    expect(events().slice(1)).toEqual([['b']]);
    stage.clock.pass(50);
    expect(events().slice(1)).toEqual([['b'], ['a']]);
    stage.worker.answer(allowed, 2);
    stage.worker.answer(allowed, 3);
    expect(await Promise.all([normal, critical])).toEqual([allowed, allowed]);
  });

  test('too long together: asked one by one', async () => {
    const asked = [asking('a'), asking('b')];
    const { ask } = stage.worker;
    stage.worker.ask = function (question) {
      return question.events.length > 1 ? 'tooLong' : ask.call(this, question);
    };
    stage.clock.pass(50);
    expect(events().slice(1)).toEqual([['a'], ['b']]);
    stage.worker.answer(allowed, 2);
    stage.worker.answer(allowed, 3);
    expect(await Promise.all(asked)).toEqual([allowed, allowed]);
  });

  test('whose worker is another by now, which takes none: asked one by one', async () => {
    const asked = [asking('a'), asking('b')];
    crew.renew();
    stage.worker.die();
    stage.clock.pass(50);
    stage.worker.ready(false);
    expect(events()).toEqual([['a'], ['b']]);
    stage.worker.answer(allowed, 1);
    stage.worker.answer(allowed, 2);
    await Promise.all(asked);
  });
});
