/** What outlives the daemon beside the records: on a real database, without its thread; and when it is written. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KeptAnswer } from '../../../supervisor/contract/caching.js';
import { LIMITS, MIB } from '../../../supervisor/contract/limits.js';
import { MIGRATIONS, migrate } from '../../../supervisor/store/migrations.js';
import { WaitingShelf } from '../../../supervisor/store/shelf.js';
import type { ShelfChanges } from '../../../supervisor/store/shelf-rows.js';
import { type ShelfReply, Writer, type WriterReply } from '../../../supervisor/store/writer.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { openDatabase, sqlite, withSqlite } from '../../lib/sqlite.js';
import { callRecord, DAY_MS, NOW_MS, temporaryFolder } from './rows.js';

const WRITTEN: WriterReply = { kind: 'written', bad: 0, movedAside: undefined };
const TROUBLE: WriterReply = { kind: 'trouble', trouble: 'full', reason: '' };
const NOTHING: ShelfChanges = { isAllForgotten: false, forgotten: [], answers: [], notes: [] };

function kept(change: Partial<KeptAnswer> = {}): KeptAnswer {
  return { key: 'k', validator: 'v', text: '{"decision":"deny"}', keptAtMs: NOW_MS, ttlMs: 300_000, ...change };
}

describe('in the database', withSqlite, () => {
  let place: ReturnType<typeof temporaryFolder>;
  let writer: Writer;
  beforeEach(() => {
    place = temporaryFolder();
    writer = open();
  });
  afterEach(() => {
    writer.close();
    place.remove();
  });

  const open = () => new Writer({ file: place.file, ageMaxMs: DAY_MS, sizeMaxBytes: 2 * MIB }, sqlite);
  const shelve = (change: Partial<ShelfChanges>, nowMs = NOW_MS) => writer.shelve({ ...NOTHING, ...change }, nowMs);
  function shelved(nowMs = NOW_MS) {
    writer.close();
    writer = open();
    const reply = writer.shelved(nowMs);
    return reply.kind === 'shelved' ? reply.shelved : expect.fail(reply.kind);
  }
  const keys = (nowMs = NOW_MS) => shelved(nowMs).answers.map(({ key }) => key);

  test('answers and notes come back as they went in', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ key: fc.uuid(), validator: fc.string(), text: fc.json() }), {
          selector: ({ key }) => key,
        }),
        (rows) => {
          const answers = rows.map((row) => kept(row));
          expect(shelve({ isAllForgotten: true, answers, notes: [['breakers', JSON.stringify(rows)]] })).toEqual(
            WRITTEN,
          );
          const found = shelved();
          expect(found.answers.sort(byKey)).toEqual(answers.sort(byKey));
          expect(found.notes).toEqual({ breakers: JSON.stringify(rows) });
        },
      ),
      { numRuns: 10 },
    );
  });

  test('the last of each key and name counts', () => {
    shelve({ answers: [kept({ text: '1' })], notes: [['breakers', '1']] });
    shelve({ answers: [kept({ text: '2' })], notes: [['breakers', '2']] });
    expect(shelved()).toEqual({ answers: [kept({ text: '2' })], notes: { breakers: '2' } });
  });

  test('what is too old, or from the future, is gone', () => {
    shelve({ answers: [kept({ key: 'a', ttlMs: 1_000 }), kept({ key: 'b', ttlMs: 2_000 })] });
    expect(keys(NOW_MS + 1_000)).toEqual(['b']);
    expect(keys(NOW_MS - 1)).toEqual([]);
    expect(keys()).toEqual([]);
  });

  test('what is forgotten is, whether it is in memory or not; what is saved with it stays', () => {
    shelve({ answers: [kept({ key: 'a', validator: 'v' }), kept({ key: 'b', validator: 'w' })] });
    shelve({ forgotten: ['v'], answers: [kept({ key: 'c', validator: 'v' })] });
    expect(keys().sort()).toEqual(['b', 'c']);
    shelve({ isAllForgotten: true });
    expect(keys()).toEqual([]);
  });

  test('the newest of too many stay', () => {
    const answers = Array.from({ length: LIMITS.answersShelvedMax + 3 }, (_, n) =>
      kept({ key: `k${n}`, keptAtMs: NOW_MS - 5_000 + n }),
    );
    shelve({ answers });
    expect(keys()).toEqual(answers.slice(3).map(({ key }) => key));
  });

  test('all together take no more than their share of the database; the newest stay', () => {
    const text = JSON.stringify({ reason: 'x'.repeat(4_000) });
    const answers = Array.from({ length: 100 }, (_, n) => kept({ key: `k${n}`, text, keptAtMs: NOW_MS - 5_000 + n }));
    shelve({ answers });
    const number = Math.floor((2 * MIB * LIMITS.shelfShareMax) / (text.length + LIMITS.answerRowBytes));
    expect(keys()).toEqual(answers.slice(-number).map(({ key }) => key));
  });

  test('a database of an earlier version keeps its records and takes answers', () => {
    const db = openDatabase(place.file);
    migrate(db, 0, MIGRATIONS.slice(0, 2));
    db.prepare("INSERT INTO audit (at_ms, what, about) VALUES (?, 'started', 'old')").run(NOW_MS);
    db.close();
    shelve({ answers: [kept()] });
    expect(keys()).toEqual(['k']);
    const after = openDatabase(place.file);
    expect(after.prepare('SELECT about FROM audit').all()).toEqual([{ about: 'old' }]);
    after.close();
  });

  test('records are written beside them', () => {
    shelve({ answers: [kept()] });
    expect(writer.write({ calls: [callRecord()], audits: [] }, NOW_MS)).toEqual(WRITTEN);
    expect(keys()).toEqual(['k']);
  });
});

const byKey = (one: KeptAnswer, other: KeptAnswer) => (one.key < other.key ? -1 : 1);

describe('on its way', () => {
  let clock: FakeClock;
  let given: ShelfChanges[];
  let reply: (reply: WriterReply) => Promise<void>;
  let shelf: WaitingShelf;
  let loaded: ShelfReply;

  beforeEach(() => {
    clock = new FakeClock();
    given = [];
    loaded = { kind: 'shelved', shelved: { answers: [kept()], notes: {} } };
    shelf = new WaitingShelf(clock, () => NOW_MS + clock.now, {
      shelved: async () => loaded,
      shelve: (changes) => {
        given.push(changes);
        return new Promise((resolve) => {
          reply = async (one) => {
            resolve(one);
            await new Promise((done) => setImmediate(done));
          };
        });
      },
    });
  });
  const passTime = () => clock.pass(LIMITS.shelfDelayMs);

  test('what is saved is gathered; what comes while it is written goes next', async () => {
    shelf.save(kept({ key: 'a' }));
    shelf.save(kept({ key: 'b' }));
    expect(given).toEqual([]);
    passTime();
    shelf.note('breakers', '[]');
    passTime();
    expect(given.map(({ answers }) => answers.map(({ key }) => key))).toEqual([['a', 'b']]);
    await reply(WRITTEN);
    passTime();
    expect(given[1]).toEqual({ ...NOTHING, notes: [['breakers', '[]']] });
  });

  test('what is forgotten does not wait, and takes along what was not written yet', async () => {
    shelf.save(kept({ key: 'a', validator: 'v' }));
    shelf.save(kept({ key: 'b', validator: 'w' }));
    shelf.forget('v');
    expect(given).toEqual([{ ...NOTHING, forgotten: ['v'], answers: [kept({ key: 'b', validator: 'w' })] }]);
    await reply(WRITTEN);
    shelf.forget(undefined);
    expect(given[1]).toEqual({ ...NOTHING, isAllForgotten: true });
  });

  test('trouble: answers are lost, what was forgotten is tried again', async () => {
    shelf.save(kept({ validator: 'w' }));
    shelf.forget('v');
    await reply(TROUBLE);
    clock.pass(LIMITS.recordsRetryMaxMs);
    expect(given[1]).toEqual({ ...NOTHING, forgotten: ['v'] });
  });

  test('it is bounded: answers, the size of one, notes', () => {
    shelf.save(kept({ key: 'large', text: 'x'.repeat(LIMITS.answerShelvedMaxBytes + 1) }));
    shelf.note('breakers', 'x'.repeat(LIMITS.noteMaxBytes + 1));
    passTime();
    expect(given).toEqual([]);
    for (let n = 0; n < LIMITS.answersWaitingMax + 5; n++) shelf.save(kept({ key: `k${n}` }));
    passTime();
    expect(given[0]?.answers).toHaveLength(LIMITS.answersWaitingMax);
  });

  test('too many names to forget are all', async () => {
    for (let n = 0; n <= LIMITS.validatorsForgottenMax; n++) shelf.forget(`v${n}`);
    await reply(TROUBLE);
    clock.pass(LIMITS.recordsRetryMaxMs);
    expect(given.map(({ isAllForgotten, forgotten }) => [isAllForgotten, forgotten.length])).toEqual([
      [false, 1],
      [true, 0],
    ]);
  });

  test('at the end what waits is written, and nothing after it', async () => {
    shelf.save(kept());
    const drained = shelf.drained();
    expect(given).toEqual([]);
    await Promise.resolve();
    await reply(WRITTEN);
    await drained;
    expect(given).toHaveLength(1);
    shelf.save(kept());
    shelf.forget('v');
    passTime();
    expect(given).toHaveLength(1);
    expect(await shelf.load()).toEqual({ answers: [], notes: {} });
  });

  test('what cannot be read is nothing; an unusable database is not asked again', async () => {
    expect((await shelf.load()).answers).toHaveLength(1);
    loaded = { kind: 'trouble', trouble: 'io', reason: '' };
    expect(await shelf.load()).toEqual({ answers: [], notes: {} });
    loaded = { kind: 'unusable', reason: '', remedy: '' };
    await shelf.load();
    shelf.save(kept());
    passTime();
    expect(given).toEqual([]);
  });
});
