/** Tasks on their way to the database, and in it. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LaterTask } from '../../../supervisor/contract/later.js';
import { LIMITS, MIB } from '../../../supervisor/contract/limits.js';
import { prune } from '../../../supervisor/store/retention.js';
import { countTasks, type TaskChanges } from '../../../supervisor/store/task-rows.js';
import { WaitingTasks } from '../../../supervisor/store/tasks.js';
import { type TasksReply, Writer, type WriterReply } from '../../../supervisor/store/writer.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { openDatabase, sqlite, withSqlite } from '../../lib/sqlite.js';
import { callRecord, DAY_MS, NOW_MS, temporaryFolder } from './rows.js';

const WRITTEN: WriterReply = { kind: 'written', bad: 0, movedAside: undefined };
const FULL: WriterReply = { kind: 'trouble', trouble: 'full', reason: 'full' };

const task = (id: string, change: Partial<LaterTask> = {}): LaterTask => ({
  ...{ id, daemon: 'one', validator: 'drift', text: `event ${id}`, addedAtMs: NOW_MS, tries: 0 },
  ...change,
});

describe('on their way', () => {
  let clock: FakeClock;
  let given: TaskChanges[];
  let answers: ((reply: WriterReply) => void)[];
  let tasks: WaitingTasks;
  let said: string[];
  let found: TasksReply;
  beforeEach(() => {
    clock = new FakeClock();
    found = { kind: 'left', left: { tasks: [task('left')], dropped: 1 } };
    given = [];
    answers = [];
    said = [];
    tasks = new WaitingTasks(clock, () => NOW_MS, {
      changeTasks(changes) {
        given.push(changes);
        return new Promise((resolve) => answers.push(resolve));
      },
      leftTasks: async () => found,
    });
  });
  const add = (id: string) => void tasks.add(task(id)).then((isWritten) => said.push(`${id} ${isWritten}`));
  const answer = async (reply: WriterReply = WRITTEN) => {
    answers.shift()?.(reply);
    await new Promise((done) => setImmediate(done));
  };
  const ids = () => given.map(({ added }) => added.map(({ id }) => id));

  test('what is added is handed on at once and told when it is written; what comes meanwhile goes together', async () => {
    add('a');
    add('b');
    add('c');
    expect(ids()).toEqual([['a']]);
    await answer();
    expect(said).toEqual(['a true']);
    expect(ids()).toEqual([['a'], ['b', 'c']]);
    await answer();
    expect(said).toEqual(['a true', 'b true', 'c true']);
  });

  test('what is done follows soon, or goes along', async () => {
    tasks.tried('a', 1);
    tasks.tried('b', 2);
    tasks.remove('a');
    clock.pass(LIMITS.laterRemovedWithinMs - 1);
    expect(given).toEqual([]);
    clock.pass(1);
    expect(given).toEqual([{ added: [], tried: [['b', 2]], removed: ['a'] }]);
    await answer();
    tasks.remove('c');
    add('d');
    expect(given[1]).toMatchObject({ added: [{ id: 'd' }], removed: ['c'] });
    expect(clock.timers).toEqual([]);
  });

  test('a failing disk: what was added is told as not written; what is done is tried again', async () => {
    tasks.remove('a');
    tasks.tried('b', 1);
    add('c');
    await answer(FULL);
    expect(said).toEqual(['c false']);
    clock.pass(LIMITS.recordsRetryMaxMs);
    expect(given[1]).toEqual({ added: [], tried: [['b', 1]], removed: ['a'] });
  });

  test('an unusable database: whatever waits or comes is not written', async () => {
    add('a');
    add('b');
    await answer({ kind: 'unusable', reason: '', remedy: '' });
    add('c');
    await answer();
    expect(said).toEqual(['a false', 'b false', 'c false']);
    tasks.remove('a');
    expect([given.length, clock.timers.length]).toEqual([1, 0]);
  });

  test('at the end what is done is written first', async () => {
    tasks.remove('a');
    const drained = tasks.drained().then(() => said.push('drained'));
    await new Promise((done) => setImmediate(done));
    await answer();
    await drained;
    expect(given).toMatchObject([{ removed: ['a'] }]);
    expect(said).toEqual(['drained']);
  });

  test('what others have left is told', async () => {
    expect(await tasks.load('two')).toEqual({ tasks: [task('left')], dropped: 1 });
  });

  test('trouble is not taken for nothing left', async () => {
    found = { kind: 'trouble', trouble: 'full', reason: 'full' };
    expect(await tasks.load('two')).toBeUndefined();
    found = { kind: 'unusable', reason: '', remedy: '' };
    expect(await tasks.load('two')).toEqual({ tasks: [], dropped: 0 });
  });
});

describe('in the database', withSqlite, () => {
  let place: ReturnType<typeof temporaryFolder>;
  let writer: Writer;
  beforeEach(() => {
    place = temporaryFolder();
    writer = new Writer({ file: place.file, ageMaxMs: DAY_MS, sizeMaxBytes: MIB }, sqlite);
  });
  afterEach(() => {
    writer.close();
    place.remove();
  });
  const change = (changes: Partial<TaskChanges>) =>
    writer.changeTasks({ added: [], tried: [], removed: [], ...changes });
  const leftTo = (daemon: string, nowMs = NOW_MS) => {
    const reply = writer.leftTasks(daemon, nowMs);
    return reply.kind === 'left' ? reply.left : undefined;
  };

  test('another daemon finds them in their order, with a try more, and they are its own then', () => {
    expect(change({ added: [task('b'), task('a'), task('own', { daemon: 'two' })] })).toEqual(WRITTEN);
    expect(leftTo('two')).toEqual({ tasks: [task('b', { tries: 1 }), task('a', { tries: 1 })], dropped: 0 });
    expect(leftTo('two')).toEqual({ tasks: [], dropped: 0 });
    expect(leftTo('three')?.tasks.map(({ id, tries }) => [id, tries])).toEqual([
      ['b', 2],
      ['a', 2],
      ['own', 1],
    ]);
  });

  test('those tried too often, too old or of the future are given up; so are more than there may be', () => {
    const day = LIMITS.laterAgeMaxMs;
    const many = Array.from({ length: LIMITS.laterTasksMax }, (_, n) => task(`t${n}`));
    const bad = [task('tried'), task('old', { addedAtMs: NOW_MS - day }), task('future', { addedAtMs: NOW_MS + 1 })];
    change({ added: [...bad, ...many, task('beyond')] });
    change({ tried: [['tried', LIMITS.laterTriesMax - 1]] });
    const left = leftTo('two');
    expect(left?.dropped).toBe(4);
    expect(left?.tasks.map(({ id }) => id)).toEqual(many.map(({ id }) => id));
  });

  test('what several daemons have left is given up beyond the bytes of one, counted as they lie on the disk', () => {
    const text = 'ö'.repeat(LIMITS.laterBytesMax / 4);
    change({ added: [task('a', { text }), task('b', { text, daemon: 'other' }), task('c', { text: 'x' })] });
    expect(leftTo('two')).toMatchObject({ tasks: [{ id: 'a' }, { id: 'b' }], dropped: 1 });
  });

  test('too old ones go where nobody asks for them, and none of their bytes stays', () => {
    const aged = { addedAtMs: NOW_MS - LIMITS.laterAgeMaxMs };
    change({ added: [task('old', { ...aged, text: 'hunter2'.repeat(2000) }), task('new', { text: 'small' })] });
    writer.write({ calls: [], audits: [] }, NOW_MS);
    writer.close();
    expect(readFileSync(place.file, 'latin1')).not.toContain('hunter2');
    const db = openDatabase(place.file);
    expect(countTasks(db)).toBe(1);
    db.close();
  });

  test('what waits pushes out no records', () => {
    writer.write({ calls: [callRecord({ handler: 'kept' })], audits: [] }, NOW_MS);
    change({ added: [task('a', { text: 'x'.repeat(2 * MIB) })] });
    writer.write({ calls: [], audits: [] }, NOW_MS + DAY_MS - 1);
    writer.close();
    const db = openDatabase(place.file);
    expect(db.prepare('SELECT count(*) AS n FROM calls').get()).toEqual({ n: 1 });
    db.close();
  });

  test.each([
    ['there is too much', 1, 1],
    ['there is not', 64 * MIB, 0],
  ])('what waits is added up while pruning where %s', (_what, sizeMaxBytes, times) => {
    change({ added: [task('a')] });
    writer.close();
    const db = openDatabase(place.file);
    const prepared = vi.spyOn(db, 'prepare');
    prune(db, { ageMaxMs: DAY_MS, sizeMaxBytes }, NOW_MS);
    expect(prepared.mock.calls.filter(([sql]) => /sum\(.* FROM tasks/.test(sql))).toHaveLength(times);
    db.close();
  });

  test('what is removed is gone, also from the bytes of the file', () => {
    change({ added: [task('a', { text: 'hunter2'.repeat(2000) }), task('b')] });
    change({ removed: ['a'] });
    writer.close();
    expect(readFileSync(place.file, 'latin1')).not.toContain('hunter2');
    const db = openDatabase(place.file);
    expect(countTasks(db)).toBe(1);
    db.close();
  });
});
