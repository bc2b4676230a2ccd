/** The writer on real files: opening, migrating, damage, bad rows, retention. In this process, without its thread. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS, MIB } from '../../../supervisor/contract/limits.js';
import type { CallRecord, SaidRecord } from '../../../supervisor/contract/records.js';
import { Inserts } from '../../../supervisor/store/insert.js';
import { APPLICATION_ID, MIGRATIONS, migrate } from '../../../supervisor/store/migrations.js';
import { everyRecord, findCalls } from '../../../supervisor/store/query.js';
import { Writer } from '../../../supervisor/store/writer.js';
import { eventRecord } from '../../lib/event-record.js';
import { openDatabase, sqlite, withSqlite } from '../../lib/sqlite.js';
import { auditRecord, badRecord, callRecord, DAY_MS, NOW_MS, temporaryFolder } from './rows.js';

const WRITTEN = { kind: 'written', bad: 0, movedAside: undefined };

let place: ReturnType<typeof temporaryFolder>;
let writers: Writer[];
beforeEach(() => {
  place = temporaryFolder();
  writers = [];
});
afterEach(() => {
  for (const writer of writers) writer.close();
  place.remove();
});

function open(change: { ageMaxMs?: number; sizeMaxBytes?: number } = {}): Writer {
  const settings = { file: place.file, ageMaxMs: 30 * DAY_MS, sizeMaxBytes: 64 * MIB, ...change };
  const writer = new Writer(settings, sqlite);
  writers.push(writer);
  return writer;
}

const write = (writer: Writer, calls: CallRecord[], nowMs = NOW_MS) => writer.write({ calls, audits: [] }, nowMs);

function read(query: string): unknown[] {
  const db = openDatabase(place.file);
  const rows = db.prepare(query).all();
  db.close();
  return rows;
}
const names = () => read('SELECT name FROM calls JOIN handlers ON handlers.id = handler_id ORDER BY calls.id');
const named = (...all: string[]) => all.map((name) => ({ name }));
const pragma = (name: string) => (read(`PRAGMA ${name}`)[0] as Record<string, unknown>)[name];

describe('opening', withSqlite, () => {
  test('a new file: ours alone, in WAL mode, of the newest schema, sound', () => {
    expect(write(open(), [callRecord()])).toEqual(WRITTEN);
    expect(readdirSync(place.folder).sort()).toEqual(['records.db', 'records.db-shm', 'records.db-wal']);
    for (const name of readdirSync(place.folder)) expect(statSync(`${place.folder}/${name}`).mode & 0o777).toBe(0o600);
    expect(pragma('user_version')).toBe(MIGRATIONS.length);
    expect(pragma('application_id')).toBe(APPLICATION_ID);
    expect(pragma('journal_mode')).toBe('wal');
    expect(pragma('integrity_check')).toBe('ok');
  });

  test('a second life goes on with what is there', () => {
    const first = open();
    write(first, [callRecord({ handler: 'a' })]);
    first.close();
    expect(write(open(), [callRecord({ handler: 'b' }), callRecord({ handler: 'a' })])).toEqual(WRITTEN);
    expect(names()).toEqual(named('a', 'b', 'a'));
    expect(read('SELECT name FROM handlers')).toHaveLength(2);
  });

  test('of a newer version: unusable, and left as it is', () => {
    write(open(), [callRecord()]);
    writers.pop()?.close();
    const db = openDatabase(place.file);
    db.pragma('user_version = 99');
    db.close();
    const reply = write(open(), [callRecord()]);
    expect(reply).toMatchObject({ kind: 'unusable', reason: expect.stringContaining('newer version (schema 99') });
    expect(pragma('user_version')).toBe(99);
    expect(names()).toHaveLength(1);
  });

  test('of another program: unusable, and left as it is', () => {
    const db = openDatabase(place.file);
    db.exec('CREATE TABLE theirs (x)');
    db.close();
    expect(write(open(), [callRecord()])).toMatchObject({
      kind: 'unusable',
      remedy: expect.stringContaining(place.file),
    });
    expect(read('SELECT name FROM sqlite_schema')).toEqual(named('theirs'));
  });

  test('better-sqlite3 that cannot be loaded: unusable, with cause and remedy', () => {
    const settings = { file: place.file, ageMaxMs: DAY_MS, sizeMaxBytes: MIB };
    const reply = new Writer(settings, { ok: false, reason: 'no such file' }).write({ calls: [], audits: [] }, 0);
    expect(reply).toMatchObject({ kind: 'unusable', reason: 'no such file', remedy: expect.stringContaining('npm') });
  });

  test('a folder that is not there is trouble, and is over as soon as it is', () => {
    rmSync(place.folder, { recursive: true });
    const writer = open();
    expect(write(writer, [callRecord()])).toMatchObject({ kind: 'trouble', trouble: 'io' });
    mkdirSync(place.folder);
    expect(write(writer, [callRecord()])).toEqual(WRITTEN);
  });

  test('a file that was removed under it is made anew', () => {
    const writer = open();
    write(writer, [callRecord({ handler: 'a' })]);
    for (const name of readdirSync(place.folder)) rmSync(`${place.folder}/${name}`);
    expect(write(writer, [callRecord({ handler: 'b' })])).toEqual(WRITTEN);
    expect(names()).toEqual(named('b'));
  });
});

describe('migrations', withSqlite, () => {
  const STEPS = ['CREATE TABLE one (x)', 'CREATE TABLE two (x)', 'ALTER TABLE one ADD COLUMN y'];

  test('only the missing steps are taken, in order', () => {
    const db = openDatabase(place.file);
    migrate(db, 0, STEPS.slice(0, 1));
    migrate(db, 1, STEPS);
    expect(db.pragma('user_version', { simple: true })).toBe(3);
    expect(db.prepare("SELECT name FROM pragma_table_info('one')").all()).toEqual(named('x', 'y'));
    migrate(db, 3, STEPS);
    db.close();
  });

  test('calls that an earlier version has written are calls, once, afterwards', () => {
    const db = openDatabase(place.file);
    migrate(db, 0, MIGRATIONS.slice(0, 3));
    db.exec(`INSERT INTO handlers (name) VALUES ('h');
      INSERT INTO calls (ended_at_ms, handler_id, outcome, total_us, is_switched, detail) VALUES (5, 1, 'answered', 9, 0, '')`);
    migrate(db, 3);
    expect(findCalls(db, { rowsMax: 9 })).toEqual([expect.not.objectContaining({ event: expect.anything() })]);
    expect(db.prepare('SELECT decision, validators, times FROM calls').all()).toEqual([
      { decision: null, validators: null, times: 1 },
    ]);
    db.close();
  });

  test('a step that fails leaves what was there before it', () => {
    const db = openDatabase(place.file);
    expect(() => migrate(db, 0, ['CREATE TABLE one (x)', 'CREATE TABLE two (x); CREATE TABLE one (x)'])).toThrow();
    expect(db.pragma('user_version', { simple: true })).toBe(1);
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()).toEqual(named('one'));
    db.close();
  });
});

describe('a damaged database', withSqlite, () => {
  const aside = () => readdirSync(place.folder).filter((name) => name.includes('.damaged-') && !name.endsWith('-wal'));

  test('no database at all: moved aside whole, a new one is begun, and it is said once', () => {
    writeFileSync(place.file, 'no database '.repeat(1000));
    const writer = open();
    const reply = write(writer, [callRecord()]);
    expect(reply).toMatchObject({ kind: 'written', movedAside: expect.stringContaining('records.db.damaged-') });
    expect(readFileSync((reply as { movedAside: string }).movedAside, 'utf8')).toContain('no database');
    expect(write(writer, [callRecord()])).toEqual(WRITTEN);
    expect(names()).toHaveLength(2);
  });

  test('a page in the middle overwritten: found when it is opened', () => {
    const writer = open();
    write(
      writer,
      Array.from({ length: 2000 }, (_, n) => callRecord({ handler: `h${n}` })),
    );
    writer.close();
    const bytes = readFileSync(place.file);
    bytes.fill(0xa5, 8192, 16384);
    writeFileSync(place.file, bytes);
    expect(write(open(), [callRecord({ handler: 'new' })])).toMatchObject({ movedAside: expect.any(String) });
    expect(names()).toEqual(named('new'));
    expect(aside()).toHaveLength(1);
  });

  test('damage that comes while it is open: moved aside, the batch is written when it is tried again', () => {
    const writer = open();
    write(writer, [callRecord({ handler: 'a' })]);
    const error = Object.assign(new Error('database disk image is malformed'), { code: 'SQLITE_CORRUPT' });
    const original = Inserts.prototype.write;
    Inserts.prototype.write = () => {
      throw error;
    };
    expect(write(writer, [callRecord({ handler: 'b' })])).toMatchObject({ kind: 'trouble', trouble: 'damaged' });
    Inserts.prototype.write = original;
    expect(write(writer, [callRecord({ handler: 'b' })])).toMatchObject({ movedAside: expect.any(String) });
    expect(names()).toEqual(named('b'));
  });

  test('only the newest few are kept', () => {
    for (const day of ['01', '02', '03']) writeFileSync(`${place.file}.damaged-2026-01-${day}`, '');
    writeFileSync(place.file, 'no database '.repeat(1000));
    write(open(), [callRecord()]);
    expect(aside()).toHaveLength(LIMITS.damagedRecordsKeptMax);
    expect(existsSync(`${place.file}.damaged-2026-01-01`)).toBe(false);
    expect(aside()[0]).toBe(`${basename(place.file)}.damaged-2026-01-03`);
  });
});

describe('a batch', withSqlite, () => {
  test('a bad row among good ones: the good ones are written, the bad one is counted', () => {
    const writer = open();
    const rows = [callRecord({ handler: 'a' }), badRecord(), callRecord({ handler: 'b' })];
    expect(write(writer, rows)).toEqual({ ...WRITTEN, bad: 1 });
    expect(write(writer, [badRecord(), { ...callRecord(), detail: null as unknown as string }])).toMatchObject({
      bad: 2,
    });
    expect(names()).toEqual(named('a', 'b'));
  });

  test('calls and records of the daemon come back as they went in', () => {
    const call = callRecord({ handler: '/p/ü.py', exitCode: null, signal: 9, outcome: 'crashed', detail: 'died' });
    open().write({ calls: [call], audits: [auditRecord('0.1.0')] }, NOW_MS);
    expect(read('SELECT * FROM calls')).toMatchObject([
      { ended_at_ms: NOW_MS, total_us: 1500, run_us: 1250, cpu_us: 750, exit_code: null, signal: 9, is_switched: 1 },
    ]);
    expect(names()).toEqual(named('/p/ü.py'));
    expect(read('SELECT at_ms, what, about FROM audit')).toEqual([{ at_ms: NOW_MS, what: 'started', about: '0.1.0' }]);
  });

  test('events come back as they went in, and are found by their decision', () => {
    const validators: SaidRecord[] = [{ name: 'guard', said: 'deny' }];
    const deny = { ...eventRecord({ decision: 'deny', validators, times: 7 }), endedAtMs: NOW_MS };
    const silent = { ...eventRecord(), endedAtMs: NOW_MS };
    const call = { ...callRecord(), isSwitched: true };
    write(open(), [call, deny, silent]);
    const db = openDatabase(place.file);
    expect(findCalls(db, { rowsMax: 9 })).toEqual([call, deny, silent]);
    expect(findCalls(db, { rowsMax: 9, decision: 'deny' })).toEqual([deny]);
    expect([...everyRecord(db)]).toMatchObject([{ kind: 'call' }, { kind: 'event' }, { kind: 'event' }]);
    db.close();
  });

  test.each([
    ['a deny', 'deny', 2],
    ['another decision', 'ask', 1],
  ] as const)('%s: the disk is waited for accordingly', (_what, decision, synchronous) => {
    const db = openDatabase(place.file);
    migrate(db, 0);
    const inserts = new Inserts(db);
    inserts.write({ calls: [{ ...eventRecord({ decision }), endedAtMs: NOW_MS }], audits: [] });
    expect(db.pragma('synchronous', { simple: true })).toBe(synchronous);
    db.close();
  });

  test('more handlers than are remembered', () => {
    const many = Array.from({ length: LIMITS.handlersRememberedMax + 5 }, (_, n) => callRecord({ handler: `h${n}` }));
    const writer = open();
    write(writer, many);
    expect(write(writer, many)).toEqual(WRITTEN);
    expect(read('SELECT count(*) AS n FROM handlers')).toEqual([{ n: many.length }]);
    expect(read('SELECT count(*) AS n FROM calls JOIN handlers ON handlers.id = handler_id')).toEqual([
      { n: 2 * many.length },
    ]);
  });
});

describe('retention', withSqlite, () => {
  test('what is older than allowed goes, of calls and of the daemon', () => {
    const writer = open({ ageMaxMs: 2 * DAY_MS });
    const old = NOW_MS - 2 * DAY_MS - 1;
    const calls = [
      callRecord({ handler: 'old', endedAtMs: old }),
      callRecord({ handler: 'young', endedAtMs: old + 2 }),
    ];
    writer.write({ calls, audits: [auditRecord('old', old), auditRecord('young', old + 2)] }, NOW_MS);
    expect(names()).toEqual(named('young'));
    expect(read('SELECT about FROM audit')).toEqual([{ about: 'young' }]);
  });

  test('more than allowed: the oldest go, the newest stay, and the file stops growing', () => {
    const sizeMaxBytes = 2 * MIB;
    const writer = open({ sizeMaxBytes });
    let last = 0;
    const batch = () => Array.from({ length: 500 }, () => callRecord({ detail: 'x'.repeat(100), pid: ++last }));
    for (let n = 0; n < 60; n++) expect(write(writer, batch())).toEqual(WRITTEN);
    expect(statSync(place.file).size).toBeLessThan(sizeMaxBytes * 1.5);
    const [{ low, high, rows }] = read('SELECT min(pid) AS low, max(pid) AS high, count(*) AS rows FROM calls') as [
      { low: number; high: number; rows: number },
    ];
    expect(high).toBe(last);
    expect(low).toBeGreaterThan(last / 3);
    expect(rows).toBe(high - low + 1);
    expect(rows).toBeGreaterThan(5_000);
  });

  test('without any call what is too old goes all the same, however much the rest takes', () => {
    const writer = open({ ageMaxMs: DAY_MS, sizeMaxBytes: 1 });
    const audits = [auditRecord('old', NOW_MS - DAY_MS - 1), auditRecord('young', NOW_MS)];
    writer.write({ calls: [], audits }, NOW_MS);
    expect(read('SELECT about FROM audit')).toEqual([{ about: 'young' }]);
  });

  test('records of the daemon are bounded in number', () => {
    const writer = open();
    const audits = Array.from({ length: LIMITS.auditRowsMax + 9 }, (_, n) => auditRecord(String(n)));
    writer.write({ calls: [], audits }, NOW_MS);
    writer.write({ calls: [], audits: [] }, NOW_MS + LIMITS.recordsPruneEveryMs);
    expect(read('SELECT count(*) AS n, min(about + 0) AS low FROM audit')).toEqual([
      { n: LIMITS.auditRowsMax, low: 9 },
    ]);
  });

  test('handlers of deleted calls go once there are many', () => {
    const writer = open({ ageMaxMs: DAY_MS });
    const many = Array.from({ length: LIMITS.handlersRememberedMax + 1 }, (_, n) =>
      callRecord({ handler: `h${n}`, endedAtMs: NOW_MS - 2 * DAY_MS }),
    );
    write(writer, [...many, callRecord({ handler: 'kept' })]);
    expect(read('SELECT name FROM handlers')).toEqual(named('kept'));
    expect(write(writer, [callRecord({ handler: `h${LIMITS.handlersRememberedMax}` })])).toEqual(WRITTEN);
    expect(names()).toEqual(named('kept', `h${LIMITS.handlersRememberedMax}`));
  });
});

test('a full disk: nothing of the batch is written, and it is told as that', withSqlite, () => {
  const writer = open();
  write(writer, [callRecord({ handler: 'a' })]);
  const error = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  const original = Inserts.prototype.write;
  Inserts.prototype.write = () => {
    throw error;
  };
  expect(write(writer, [callRecord({ handler: 'b' })])).toMatchObject({ kind: 'trouble', trouble: 'full' });
  Inserts.prototype.write = original;
  expect(write(writer, [callRecord({ handler: 'b' })])).toEqual(WRITTEN);
  expect(names()).toEqual(named('a', 'b'));
});
