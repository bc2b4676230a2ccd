/** The records, when their writer is killed, their disk is full, or somebody keeps them locked. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ExitCode } from '../../supervisor/contract/status.js';
import { SUPERVISOR, TestDaemon, TestHome } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { onlyWith } from '../lib/skip.js';
import { openDatabase, withSqlite } from '../lib/sqlite.js';
import { waitFor } from '../lib/wait.js';

const KILLS = Number(process.env.STORE_KILLS ?? 60);
const WRITER = join(import.meta.dirname, 'store-writer.mjs');
const FULL_DISK = join(import.meta.dirname, 'store-full-disk.mjs');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-store-fault-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a daemon gathers by default before it writes; the writer here gathers for 20 ms. */
const FLUSH_WINDOW_MS = 1_000;

interface Life {
  /** The last record of the daemon that was said to be on disk. */
  acknowledged: number;
  /** Calls given by then that did not wait any more. */
  calls: number;
  /** Calls given in all. */
  given: number;
  killedAtMs: number;
}

/** Lets a writer live until some moment after its first word. */
function oneLife(life: number): Promise<Life> {
  return new Promise((resolve) => {
    const writer = spawn(process.execPath, [WRITER, folder, String(life)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    let killedAtMs = 0;
    const kill = () => {
      writer.kill('SIGKILL');
      killedAtMs = Date.now();
    };
    writer.stdout.on('data', (bytes) => {
      if (said === '') setTimeout(kill, Math.random() * 80);
      said += bytes;
    });
    writer.on('close', () => {
      // Of a line that was cut off nothing is believed.
      const [acknowledged = 0, known = 0, waiting = 0] = (said.split('\n').at(-2) ?? '').split(' ').map(Number);
      const given = Number(readFileSync(join(folder, 'given'), 'latin1'));
      resolve({ acknowledged, calls: known - waiting, given, killedAtMs });
    });
  });
}

it(`kill -9 at ${KILLS} random moments: sound each time, no record of the daemon missing, of the calls one flush window at most`, {
  ...withSqlite,
  timeout: 600_000,
}, async () => {
  const total = { given: 0, audits: 0, missing: 0, missingMax: 0, missingMaxMs: 0 };
  for (let life = 1; life <= KILLS; life++) {
    const { acknowledged, calls, given, killedAtMs } = await oneLife(life);
    const db = openDatabase(join(folder, 'records.db'));
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    const audits = db.prepare('SELECT about FROM audit WHERE about LIKE ? ORDER BY id').pluck().all(`${life}:%`);
    expect(audits, 'in order, none missing').toEqual(audits.map((_about, index) => `${life}:${index + 1}`));
    expect(audits.length, 'what was said to be on disk is').toBeGreaterThanOrEqual(acknowledged);
    const query = 'SELECT pid FROM calls JOIN handlers ON handlers.id = handler_id WHERE name = ? ORDER BY calls.id';
    const pids = db.prepare(query).pluck().all(`life ${life}`);
    expect(pids, 'in order, none missing before the last').toEqual(pids.map((_pid, index) => index + 1));
    expect(pids.length, 'all that did not wait').toBeGreaterThanOrEqual(calls);
    const lastAtMs = Number(db.prepare('SELECT max(ended_at_ms) FROM calls').pluck().get() ?? 0);
    const [missing, missingMs] = [given - pids.length, pids.length === 0 ? 0 : killedAtMs - lastAtMs];
    expect(missing, 'none that nobody gave').toBeGreaterThanOrEqual(0);
    expect(missingMs, 'time of which calls are missing').toBeLessThanOrEqual(FLUSH_WINDOW_MS);
    total.given += given;
    total.audits += audits.length;
    total.missing += missing;
    total.missingMax = Math.max(total.missingMax, missing);
    total.missingMaxMs = Math.max(total.missingMaxMs, missingMs);
    db.prepare('DELETE FROM calls').run();
    db.close();
  }
  const { given, audits, missing, missingMax, missingMaxMs } = total;
  console.log(
    `${KILLS} kills: ${audits} records of the daemon, none missing; of ${given} calls ${missing} missing, ` +
      `at most ${missingMax} at once, those of the last ${missingMaxMs} ms`,
  );
});

const inOwnMounts = withSqlite.skip ? withSqlite : onlyWith('unshare', 'mount');
it('a full disk: it says so and keeps what comes; with room again all of it is written', inOwnMounts, async (test) => {
  const mount = `mount -t tmpfs -o size=4m none ${folder} && exec ${process.execPath} ${FULL_DISK} ${folder}`;
  try {
    execFileSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', folder], { stdio: 'ignore' });
  } catch {
    test.skip('this host gives no mount namespace');
  }
  const { stdout } = await promisify(execFile)('unshare', ['-rm', 'sh', '-c', mount]);
  const seen = JSON.parse(stdout);
  expect(seen.said).toEqual(['ENOSPC', 'records are not written: the disk is full', 'records are written again']);
  expect(seen.whileFull.status).toMatchObject({ state: 'failing', reason: 'the disk is full', dropped: 0 });
  expect(seen.whileFull.status.waiting).toBeGreaterThan(0);
  expect(seen.whileFull.degraded).toMatchObject([
    { layer: 'records', reason: expect.stringContaining('disk is full') },
  ]);
  expect(seen.afterwards).toMatchObject({ state: 'on', waiting: 0, dropped: 0, bad: 0 });
  expect(seen.isKept).toBe(true);
  expect(seen.afterwards.written).toBe(seen.calls + 2);
});

const AT_ONCE = { CLAUDE_HOOKS_ASYNC_BATCH_SIZE: '1' };
const openRecords = ({ home }: TestDaemon) => openDatabase(join(dirname(home.logFile), 'records.db'));
const count = (daemon: TestDaemon, name: string) => {
  const db = openRecords(daemon);
  const query = 'SELECT count(*) FROM calls JOIN handlers ON handlers.id = handler_id WHERE instr(name, ?) > 0';
  const rows = db.prepare(query).pluck().get(name);
  db.close();
  return rows;
};
/** How often the daemon has begun, as its records say. */
const startsRecorded = (file: string) => {
  try {
    const db = openDatabase(file, { readonly: true });
    try {
      return db.prepare("SELECT count(*) FROM audit WHERE what = 'started'").pluck().get();
    } finally {
      db.close();
    }
  } catch {
    return undefined; // not there yet
  }
};
/** How long better-sqlite3 waits for a lock, in the writer. */
const LOCKED_FOR_MS = 5_000;
const recordsState = (daemon: TestDaemon, state: string) =>
  waitFor(`records that are ${state}`, async () => {
    const status = await daemon.status();
    return status.records.state === state ? status : undefined;
  });

it(
  'a daemon that may not write: hooks are answered, status is degraded, and nothing is lost once it may',
  withSqlite,
  async () => {
    const daemon = TestDaemon.start(AT_ONCE);
    const { pid, records } = await recordsState(daemon, 'on');
    await waitFor('the record of its start', () => (startsRecorded(records.file) === 1 ? true : undefined));
    const limitTo = (limit: string) => execFileSync('prlimit', ['--pid', String(pid), `--fsize=${limit}:`]);
    limitTo('1');
    for (let n = 0; n < 5; n++)
      expect(await runHook(daemon.home, ['false'], { explain: false })).toMatchObject({ code: 1 });
    const failing = await recordsState(daemon, 'failing');
    expect(failing.records).toMatchObject({ waiting: 5, dropped: 0 });
    expect(failing.degraded.map(({ layer }) => layer)).toContain('records');
    expect(await runHook(daemon.home, ['true'])).toMatchObject({ code: 0, stderr: '' });
    limitTo('unlimited');
    const well = await recordsState(daemon, 'on');
    expect(well.degraded.map(({ layer }) => layer)).not.toContain('records');
    await waitFor('all of them', () => (count(daemon, 'false') === 5 ? true : undefined));
    expect(await daemon.stop(), 'left behind').toEqual([]);
  },
);

it(
  'records that somebody keeps locked: calls are as quick as ever, wait to be written, and are',
  withSqlite,
  async () => {
    const daemon = TestDaemon.start(AT_ONCE);
    await recordsState(daemon, 'on');
    const db = openRecords(daemon);
    db.exec('BEGIN IMMEDIATE');
    for (let n = 0; n < 10; n++) {
      const { code, explained } = await runHook(daemon.home, ['false']);
      expect(code).toBe(1);
      expect(explained?.milliseconds).toBeLessThan(1000);
    }
    expect((await daemon.status()).records.waiting).toBeGreaterThanOrEqual(10);
    await sleep(100);
    db.exec('COMMIT');
    db.close();
    await waitFor('all of them', () => (count(daemon, 'false') === 10 ? true : undefined));
    expect(await daemon.stop(), 'left behind').toEqual([]);
  },
);

it(
  'records that are locked while the daemon ends: it ends well and in time, with the writer in a statement that fails',
  withSqlite,
  async () => {
    const home = new TestHome();
    const daemon = spawn(process.execPath, [SUPERVISOR, 'up'], { env: { ...home.env, ...AT_ONCE }, stdio: 'ignore' });
    const ended = new Promise((resolve) => daemon.on('exit', (code, signal) => resolve(code ?? signal)));
    const file = join(dirname(home.logFile), 'records.db');
    await waitFor('its records', () => (startsRecorded(file) === 1 ? true : undefined));
    const db = openDatabase(file);
    db.exec('BEGIN IMMEDIATE');
    expect(await runHook(home, ['false'])).toMatchObject({ code: 1, explained: { path: 'exec' } });
    const fromMs = performance.now();
    daemon.kill('SIGTERM');
    expect(await ended).toBe(ExitCode.OK);
    expect(performance.now() - fromMs).toBeLessThan(LOCKED_FOR_MS);
    db.close();
    home.remove();
  },
);
