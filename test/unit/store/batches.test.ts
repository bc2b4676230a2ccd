/** When batches go to the writer, what waits, and what becomes of it when the writer fails. The writer is the test. */
import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { Batches } from '../../../supervisor/store/batches.js';
import type { Batch } from '../../../supervisor/store/insert.js';
import type { WriterReply } from '../../../supervisor/store/writer.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { auditRecord, callRecord } from './rows.js';

const WRITTEN: WriterReply = { kind: 'written', bad: 0, movedAside: undefined };
const FULL: WriterReply = { kind: 'trouble', trouble: 'full', reason: 'database or disk is full' };

let clock: FakeClock;
let given: Batch[];
let answers: ((reply: WriterReply) => void)[];
let batches: Batches;

beforeEach(() => {
  given = [];
  answers = [];
  clock = new FakeClock();
  const write = (batch: Batch) => {
    given.push(batch);
    return new Promise<WriterReply>((resolve) => answers.push(resolve));
  };
  batches = new Batches(clock, { rowsMax: 3, delayMs: 1000 }, write, () => {});
});

const passTime = (ms: number) => clock.pass(ms);

/** The writer answers the batch it has. */
async function answer(reply: WriterReply): Promise<void> {
  answers.shift()?.(reply);
  await new Promise((done) => setImmediate(done));
}

const handlers = (batch: Batch | undefined) => batch?.calls.map(({ handler }) => handler);
const add = (...names: string[]) => {
  for (const handler of names) batches.call(callRecord({ handler }));
};

describe('calls', () => {
  test('few: written together, when the first has waited long enough', () => {
    add('a');
    passTime(600);
    add('b');
    passTime(399);
    expect(given).toEqual([]);
    passTime(1);
    expect(given.map(handlers)).toEqual([['a', 'b']]);
  });

  test('enough for a batch: written at once, and the timer is not left behind', () => {
    add('a', 'b', 'c');
    expect(given.map(handlers)).toEqual([['a', 'b', 'c']]);
    passTime(5000);
    expect(given).toHaveLength(1);
  });

  test('one batch at a time; what came meanwhile goes with the next', async () => {
    add('a', 'b', 'c', 'd', 'e', 'f', 'g');
    expect(given).toHaveLength(1);
    passTime(LIMITS.recordsBatchEveryMs);
    await answer(WRITTEN);
    expect(given.map(handlers)).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e', 'f', 'g'],
    ]);
    await answer(WRITTEN);
    expect(batches.waiting).toBe(0);
    expect(batches.counts).toEqual({ written: 7, dropped: 0, bad: 0 });
  });

  test('a batch is bounded, however many wait', async () => {
    add('a', 'b', 'c', ...Array.from({ length: LIMITS.recordsWrittenAtOnceMax + 1 }, (_, n) => String(n)));
    await answer(WRITTEN);
    expect(given[1]?.calls).toHaveLength(LIMITS.recordsWrittenAtOnceMax);
  });

  test('batches keep their distance, so that calls seldom meet one; then all that has come goes', async () => {
    add('a', 'b', 'c');
    await answer(WRITTEN);
    passTime(LIMITS.recordsBatchEveryMs - 50);
    add('d');
    add('e', 'f', 'g');
    passTime(49);
    expect(given).toHaveLength(1);
    passTime(1);
    expect(given.map(handlers)[1]).toEqual(['d', 'e', 'f', 'g']);
  });

  test('what waits is a whole batch at the bound: the distance is not kept', async () => {
    add('a', 'b', 'c');
    await answer(WRITTEN);
    add(...Array.from({ length: LIMITS.recordsWrittenAtOnceMax }, (_, n) => String(n)));
    expect(given).toHaveLength(2);
  });

  test('a slow writer: the queue is bounded, what finds it full is dropped and counted', async () => {
    for (let n = 0; n < LIMITS.recordsWaitingMax + 7; n++) add(String(n));
    expect(batches.waiting).toBe(LIMITS.recordsWaitingMax);
    expect(batches.counts.dropped).toBe(7);
    clock.now += 9000;
    expect(batches.busyMs).toBe(9000);
    await answer(WRITTEN);
    add('there is room again');
    expect(batches.counts.dropped).toBe(7);
  });

  test('rows that the database refused are counted, not tried again', async () => {
    add('a', 'b', 'c');
    await answer({ kind: 'written', bad: 1, movedAside: undefined });
    expect(batches.counts).toEqual({ written: 2, dropped: 0, bad: 1 });
    expect(batches.waiting).toBe(0);
  });
});

describe('a failing writer', () => {
  test('the batch waits and is tried again later and later, then everything is written', async () => {
    add('a', 'b', 'c');
    const delays: number[] = [];
    for (let round = 0; round < 7; round++) {
      await answer(FULL);
      const wait = (clock.timers[0]?.dueMs ?? 0) - clock.now;
      delays.push(wait);
      passTime(wait - 1);
      expect(given).toHaveLength(round + 1);
      passTime(1);
      expect(given).toHaveLength(round + 2);
    }
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    add('d');
    await answer(WRITTEN);
    await answer(WRITTEN);
    passTime(1000);
    await answer(WRITTEN);
    expect(new Set(given.flatMap((batch) => handlers(batch) ?? []))).toEqual(new Set(['a', 'b', 'c', 'd']));
    expect(batches.counts).toEqual({ written: 4, dropped: 0, bad: 0 });
  });

  test('calls that come meanwhile do not hurry it', async () => {
    add('a', 'b', 'c');
    await answer(FULL);
    add('d', 'e', 'f', 'g');
    expect(given).toHaveLength(1);
  });

  test('an unusable database: nothing is tried again, everything is counted as dropped', async () => {
    add('a', 'b', 'c', 'd');
    await answer({ kind: 'unusable', reason: '', remedy: '' });
    add('e');
    passTime(100_000);
    expect(given).toHaveLength(1);
    expect(batches.counts).toEqual({ written: 0, dropped: 5, bad: 0 });
    expect(await batches.audit(auditRecord('late'))).toBe(false);
  });
});

describe('calls that are kept', () => {
  test('are written at once, before those that wait, and are told as waiting meanwhile', async () => {
    add('a');
    batches.keep(callRecord({ handler: 'x' }));
    expect(given.map(handlers)).toEqual([['x', 'a']]);
    expect(batches.waiting).toBe(2);
    await answer(WRITTEN);
    expect(batches.waiting).toBe(0);
    expect(batches.counts).toEqual({ written: 2, dropped: 0, bad: 0 });
  });

  test('outlast a failure, with a bound of their own', async () => {
    batches.keep(callRecord({ handler: 'x' }));
    await answer(FULL);
    for (let n = 0; n < LIMITS.recordsWaitingMax + 1; n++) add(String(n));
    for (let n = 0; n < LIMITS.auditsWaitingMax; n++) batches.keep(callRecord({ handler: 'y' }));
    expect(batches.counts.dropped).toBe(2);
    passTime(1000);
    expect(handlers(given[1])?.slice(0, 2)).toEqual(['x', 'y']);
    await answer({ kind: 'unusable', reason: '', remedy: '' });
    expect(batches.counts.dropped).toBe(2 + LIMITS.recordsWaitingMax + LIMITS.auditsWaitingMax);
  });
});

describe('records of the daemon', () => {
  test('are written at once, and told as written only then', async () => {
    const said: string[] = [];
    void batches.audit(auditRecord('x')).then((isWritten) => said.push(`x ${isWritten}`));
    expect(given.map(({ audits }) => audits.map(({ about }) => about))).toEqual([['x']]);
    await new Promise((done) => setImmediate(done));
    expect(said).toEqual([]);
    await answer(WRITTEN);
    expect(said).toEqual(['x true']);
  });

  test('take the calls that wait along', () => {
    add('a');
    void batches.audit(auditRecord('x'));
    expect(given[0]).toMatchObject({ calls: [{ handler: 'a' }], audits: [{ about: 'x' }] });
  });

  test('are kept through a failure, however many calls are dropped', async () => {
    const isWritten = batches.audit(auditRecord('x'));
    await answer(FULL);
    for (let n = 0; n < LIMITS.recordsWaitingMax + 1; n++) add(String(n));
    passTime(1000);
    await answer(WRITTEN);
    expect(await isWritten).toBe(true);
    expect(batches.counts.dropped).toBe(1);
  });

  test('too many at once: refused to whoever writes them, never dropped in silence', async () => {
    for (let n = 0; n < LIMITS.auditsWaitingMax; n++) void batches.audit(auditRecord(String(n)));
    expect(await batches.audit(auditRecord('one too many'))).toBe(false);
    expect(batches.waiting).toBe(LIMITS.auditsWaitingMax);
  });
});

describe('at the end', () => {
  test('nothing waits: done', async () => {
    await batches.drained();
    expect(given).toEqual([]);
  });

  test('what waits is written first, in as many batches as it takes', async () => {
    add('a', 'b', 'c', 'd');
    let isDone = false;
    void batches.drained().then(() => {
      isDone = true;
    });
    await answer(WRITTEN);
    expect(given.map(handlers)).toEqual([['a', 'b', 'c'], ['d']]);
    expect(isDone).toBe(false);
    await answer(WRITTEN);
    expect(isDone).toBe(true);
  });

  test('a disk that fails: given up at once', async () => {
    add('a', 'b', 'c');
    const isWritten = batches.audit(auditRecord('x'));
    const done = batches.drained();
    await answer(FULL);
    await done;
    expect(await isWritten).toBe(false);
    expect(batches.counts.dropped).toBe(3);
  });
});
