/** What the store says of itself. The writer's thread is the test. */
import { beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { Batch } from '../../../supervisor/store/insert.js';
import type { ShelfChanges } from '../../../supervisor/store/shelf-rows.js';
import { openStore, type Store } from '../../../supervisor/store/store.js';
import type { WriterReply } from '../../../supervisor/store/writer.js';
import { eventRecord } from '../../lib/event-record.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { callRecord, DAY_MS, NOW_MS } from './rows.js';

const WRITTEN: WriterReply = { kind: 'written', bad: 0, movedAside: undefined };
const FILE = '/state/records.db';

let clock: FakeClock;
let given: Batch[];
let shelved: ShelfChanges[];
let isClosed: boolean;
let said: string[];
let answer: (reply: WriterReply) => Promise<void>;
let store: Store;

beforeEach(() => {
  clock = new FakeClock();
  given = [];
  shelved = [];
  isClosed = false;
  said = [];
  store = make(true);
});

function make(on: boolean): Store {
  return openStore({
    clock,
    wallMs: () => NOW_MS + clock.now,
    config: {
      stateFolder: '/state',
      records: { on, batchRows: 2, batchDelayMs: 1000, ageMaxDays: 3, sizeMaxBytes: 7 },
    },
    startThread(settings) {
      expect(settings).toEqual({ file: FILE, ageMaxMs: 3 * DAY_MS, sizeMaxBytes: 7 });
      return {
        write: (batch) => {
          given.push(batch);
          return new Promise((resolve) => {
            answer = async (reply) => {
              resolve(reply);
              await new Promise((done) => setImmediate(done));
            };
          });
        },
        shelve: async (changes) => {
          shelved.push(changes);
          return WRITTEN;
        },
        shelved: async () => ({ kind: 'shelved', shelved: { answers: [], notes: {} } }),
        close: async () => {
          isClosed = true;
        },
      };
    },
    told: (problem) => said.push(problem),
  });
}

const passTime = (ms: number) => clock.pass(ms);

function twoCalls(): void {
  for (let n = 0; n < 2; n++) store.call(callRecord());
}

test('before its first batch it is opening, after it on', async () => {
  expect(store.status()).toEqual({
    ...{ state: 'opening', file: FILE, reason: '', written: 0, waiting: 0, dropped: 0, bad: 0 },
  });
  twoCalls();
  await answer(WRITTEN);
  expect(store.status()).toMatchObject({ state: 'on', written: 2, waiting: 0 });
  expect(store.degraded()).toEqual([]);
  expect(said).toEqual([]);
});

test('a call has the time at which it ended, not that at which it was told', () => {
  passTime(500);
  store.call(callRecord({ endedAtMs: 0 }), 200.4);
  passTime(1000);
  expect(given[0]?.calls[0]?.endedAtMs).toBe(NOW_MS + 300);
});

test('trouble: failing with its reason, said once; written again: on, and said', async () => {
  twoCalls();
  await answer({ kind: 'trouble', trouble: 'full', reason: 'database or disk is full' });
  passTime(1000);
  await answer({ kind: 'trouble', trouble: 'io', reason: 'disk I/O error' });
  expect(store.status()).toMatchObject({ state: 'failing', reason: 'disk I/O error', waiting: 2 });
  expect(store.degraded()).toMatchObject([
    { layer: 'records', reason: 'not written: disk I/O error; 2 wait', remedy: expect.stringContaining(FILE) },
  ]);
  passTime(2000);
  await answer(WRITTEN);
  expect(store.status().state).toBe('on');
  expect(store.degraded()).toEqual([]);
  expect(said).toEqual(['records are not written: the disk is full', 'records are written again']);
});

test('what was dropped is in the reason', async () => {
  twoCalls();
  for (let n = 0; n < LIMITS.recordsWaitingMax; n++) store.call(callRecord());
  await answer({ kind: 'trouble', trouble: 'full', reason: '' });
  expect(store.degraded()[0]?.reason).toBe('not written: the disk is full; 10000 wait, 2 were dropped');
});

test('a writer that does not answer for long is failing, though it has said nothing', async () => {
  twoCalls();
  await answer(WRITTEN);
  passTime(LIMITS.recordsBatchEveryMs);
  twoCalls();
  passTime(LIMITS.recordsSlowMs);
  expect(store.status().state).toBe('on');
  passTime(1000);
  expect(store.status()).toMatchObject({ state: 'failing', reason: expect.stringContaining('for 6 s') });
});

test('unusable: unavailable with cause and remedy, nothing waits, the thread is let go', async () => {
  twoCalls();
  await answer({ kind: 'unusable', reason: 'better-sqlite3 cannot be loaded', remedy: 'npm rebuild' });
  store.call(callRecord());
  expect(store.status()).toMatchObject({ state: 'unavailable', waiting: 0, dropped: 3 });
  expect(store.degraded()).toEqual([
    { layer: 'records', reason: 'better-sqlite3 cannot be loaded', remedy: 'npm rebuild' },
  ]);
  expect(said).toEqual(['records are not written: better-sqlite3 cannot be loaded']);
  expect(isClosed).toBe(true);
});

test('a damaged predecessor is told for as long as the daemon runs', async () => {
  twoCalls();
  await answer({ ...WRITTEN, movedAside: `${FILE}.damaged-1` });
  twoCalls();
  await answer(WRITTEN);
  expect(store.status().state).toBe('on');
  expect(store.degraded()).toMatchObject([{ reason: expect.stringContaining(`${FILE}.damaged-1`) }]);
  expect(said).toEqual([expect.stringContaining(`${FILE}.damaged-1`)]);
});

test('close: what waits is written, then the database is closed', async () => {
  store.call(callRecord());
  const closed = store.close();
  expect(isClosed).toBe(false);
  await answer(WRITTEN);
  await closed;
  expect(isClosed).toBe(true);
});

test('close: what waits for the shelf is written, too, before the database is closed', async () => {
  store.shelf.note('breakers', '[]');
  await store.close();
  expect(shelved).toMatchObject([{ notes: [['breakers', '[]']] }]);
  expect(isClosed).toBe(true);
});

test('a database that is unusable is unusable for the shelf', async () => {
  twoCalls();
  await answer({ kind: 'unusable', reason: '', remedy: '' });
  store.shelf.forget(undefined);
  expect(shelved).toEqual([]);
});

test('close: a dead disk is not waited for beyond the budget', async () => {
  store.call(callRecord());
  const closed = store.close();
  passTime(LIMITS.recordsCloseBudgetMs);
  await closed;
  expect(isClosed).toBe(false);
});

test('off: nothing is kept, nothing is degraded', async () => {
  store = make(false);
  twoCalls();
  expect(await store.audit('started', '')).toBe(false);
  store.shelf.forget(undefined);
  expect(await store.shelf.load()).toEqual({ answers: [], notes: {} });
  await store.close();
  expect(given).toEqual([]);
  expect(store.status().state).toBe('off');
  expect(store.degraded()).toEqual([]);
});

test('events: written with their time; what is folded when it closes is not lost', async () => {
  clock.now = 5;
  for (let n = 0; n <= LIMITS.eventRecordsPerSecondMax; n++) store.event(eventRecord());
  const closed = store.close();
  const rows = () => given.flatMap(({ calls }) => calls);
  while (rows().length <= LIMITS.eventRecordsPerSecondMax) await answer(WRITTEN);
  await answer(WRITTEN);
  await closed;
  expect(rows().at(-1)).toMatchObject({ endedAtMs: NOW_MS + 5, event: { times: 1 } });
});
