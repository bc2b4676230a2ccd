/** Calls of a real daemon in `supervisor history`, and the other verbs that read its records. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallRecord } from '../../supervisor/contract/records.js';
import { ExitCode } from '../../supervisor/contract/status.js';
import { TestDaemon, TestHome } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { findPython } from '../lib/python.js';
import { withSqlite } from '../lib/sqlite.js';
import { waitFor } from '../lib/wait.js';

/** Each call is written as soon as it has ended. */
const AT_ONCE = { CLAUDE_HOOKS_ASYNC_BATCH_SIZE: '1' };

let daemon: TestDaemon;
const recordsFile = (home: TestHome) => join(dirname(home.logFile), 'records.db');

function history(home: TestHome, ...args: string[]): CallRecord[] {
  const { status, stdout, stderr } = home.supervisor(['history', '--json', ...args]);
  expect(status, stderr).toBe(ExitCode.OK);
  const told = JSON.parse(stdout) as { schema: string; calls: CallRecord[] };
  expect(told.schema).toBe('supervisor.history/v1');
  return told.calls;
}

/** The calls of a script, once there are so many of them. */
async function recorded(home: TestHome, script: string, count: number): Promise<CallRecord[]> {
  return waitFor(`${count} records of ${script}`, async () => {
    if ((await daemon.status()).records.waiting > 0) return undefined;
    const calls = history(home, '--handler', script);
    return calls.length >= count ? calls : undefined;
  });
}

describe('with a daemon', withSqlite, () => {
  afterEach(async () => {
    expect(await daemon.stop(), 'left behind').toEqual([]);
  });

  it('every call is there, those that the switchboard answered as well, with the figures of its task', async () => {
    daemon = TestDaemon.start(AT_ONCE);
    const { home } = daemon;
    const script = join(home.root, 'guard.py');
    writeFileSync(script, 'import sys; bytearray(20_000_000); sys.exit(3)');
    const beganAtMs = Date.now();
    const count = 8;
    for (let n = 0; n < count; n++) {
      const { code } = await runHook(home, [findPython().executable, script, 'hunter2'], { explain: false });
      expect(code).toBe(3);
    }
    const calls = await recorded(home, script, count);
    const { switched } = (await daemon.status()).calls;
    expect(switched).toBeGreaterThan(0);
    expect(calls.filter(({ isSwitched }) => isSwitched)).toHaveLength(switched);
    expect(calls).toHaveLength(count);
    for (const call of calls) {
      expect(call).toMatchObject({
        ...{ handler: script, level: 'contained', outcome: 'answered', exitCode: 3, signal: null, detail: '' },
        path: expect.stringMatching(/^(worker|exec)$/),
        pid: expect.any(Number),
      });
      expect(call.endedAtMs).toBeGreaterThanOrEqual(beganAtMs - 1);
      expect(call.endedAtMs).toBeLessThanOrEqual(Date.now());
      expect(call.totalMs).toBeGreaterThan(call.runMs ?? Number.POSITIVE_INFINITY);
    }
    // Of a process that answers before its end the peak is known by its leaf alone.
    const first = calls.find(({ path }) => path === 'exec');
    expect(first?.memoryPeakBytes).toBeGreaterThan(20_000_000);
    expect(new Set(calls.map(({ pid }) => pid)).size, 'a process for each').toBe(count);
    expect(calls.map(({ endedAtMs }) => endedAtMs)).toEqual(calls.map(({ endedAtMs }) => endedAtMs).sort());
  });

  it('neither environment nor arguments, input or output of a call are in the files', async () => {
    daemon = TestDaemon.start(AT_ONCE);
    const { home } = daemon;
    const secret = 'hunter2-7f3a';
    const argv = ['/bin/sh', '-c', `cat; echo ${secret} "$KEY"`, 'sh', secret];
    const through = ['env', `KEY=${secret}`];
    await runHook(home, argv, { explain: false, through, stdin: secret });
    await recorded(home, '/bin/sh', 1);
    const folder = dirname(recordsFile(home));
    const files = readdirSync(folder).filter((name) => name.startsWith('records.db'));
    expect(files).toContain('records.db-wal');
    for (const name of files) expect(readFileSync(join(folder, name)).includes(secret), name).toBe(false);
  });

  it('what did not end well can be found by its outcome, and a recent time', async () => {
    daemon = TestDaemon.start(AT_ONCE);
    const { home } = daemon;
    await runHook(home, ['sleep', '30'], { options: ['--timeout', '100ms'] });
    await runHook(home, ['true']);
    await recorded(home, 'sleep', 1);
    expect(history(home, '--outcome', 'timedOut')).toMatchObject([
      { outcome: 'timedOut', exitCode: null, detail: expect.stringContaining('no end within') },
    ]);
    expect(history(home, '--since', '1h').length).toBeGreaterThanOrEqual(2);
    expect(history(home, '--since', '2100-01-01')).toEqual([]);
    expect(history(home, '--limit', '1')).toHaveLength(1);
    const { stdout } = home.supervisor(['history', '--outcome', 'timedOut']);
    expect(stdout).toMatch(/^ENDED .*HANDLER.*\n\d{4}-\d\d-\d\d [\d:]{8} {2}timedOut .*sleep #[^\n]*\n$/);
  });

  it('db check, vacuum and export beside a daemon that writes', async () => {
    daemon = TestDaemon.start(AT_ONCE);
    const { home } = daemon;
    await runHook(home, ['true']);
    await recorded(home, 'true', 1);
    const sound = { schema: 'supervisor.db/v1', action: 'check', ok: true, problems: [], calls: expect.any(Number) };
    await waitFor('the record of the start', () => {
      const checked = JSON.parse(home.supervisor(['db', 'check', '--json']).stdout) as { audits: number };
      expect(checked).toMatchObject(sound);
      return checked.audits === 1 || undefined;
    });
    expect(home.supervisor(['db', 'vacuum'])).toMatchObject({ status: 0, stdout: expect.stringContaining('before') });
    await runHook(home, ['false']);
    await recorded(home, 'false', 1);
    const exported = home.supervisor(['db', 'export']).stdout.trim().split('\n');
    const records = exported.map((line) => JSON.parse(line) as { kind: string; handler?: string; what?: string });
    expect(records.filter(({ kind }) => kind === 'call').map(({ handler }) => handler)).toEqual(
      expect.arrayContaining([expect.stringMatching(/\/true$/), expect.stringMatching(/\/false$/)]),
    );
    expect(records.at(-1)).toMatchObject({ kind: 'audit', what: 'started' });
  });

  it('a damaged database is moved aside: status and log say so, calls are recorded', async () => {
    const home = new TestHome();
    const file = recordsFile(home);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'not a database '.repeat(500));
    expect(home.supervisor(['db', 'check'])).toMatchObject({ status: ExitCode.UNAVAILABLE });
    expect(home.supervisor(['history']).stderr).toContain(`${file}: is damaged`);
    daemon = TestDaemon.startIn(home, AT_ONCE);
    await runHook(home, ['true']);
    await recorded(home, 'true', 1);
    const { degraded, records } = await daemon.status();
    expect(records.state).toBe('on');
    const said = degraded.find(({ layer }) => layer === 'records');
    expect(said?.reason).toContain(`${file}.damaged-`);
    expect(home.log()).toContain('the records were damaged');
    expect(home.supervisor(['status']).stdout).toContain('degraded  records');
  });

  it('records that are not wanted: no file, and status says so', async () => {
    daemon = TestDaemon.start({ SUPERVISOR_RECORDS: '0' });
    const { home } = daemon;
    await runHook(home, ['true']);
    expect((await daemon.status()).records).toMatchObject({ state: 'off', written: 0, waiting: 0 });
    expect(home.supervisor(['status']).stdout).toContain('no records, by configuration');
    expect(home.supervisor(['history'])).toMatchObject({
      status: 0,
      stdout: '',
      stderr: expect.stringContaining('no rec'),
    });
    expect(existsSync(recordsFile(home))).toBe(false);
  });

  it('down writes what waits', async () => {
    daemon = TestDaemon.start({ CLAUDE_HOOKS_ASYNC_BATCH_SIZE: '500' });
    const { home } = daemon;
    await runHook(home, ['true']);
    expect(home.supervisor(['down']).status).toBe(ExitCode.OK);
    expect(existsSync(`${recordsFile(home)}-wal`), 'its log is in the file').toBe(false);
    expect(history(home, '--handler', 'true').length).toBeGreaterThan(0);
    const exported = home.supervisor(['db', 'export']).stdout.trim().split('\n');
    expect(exported.slice(-2).map((line) => JSON.parse(line))).toMatchObject([
      { kind: 'audit', what: 'started', about: expect.stringMatching(/, pid \d+$/) },
      { kind: 'audit', what: 'stopping', about: 'asked to' },
    ]);
    daemon = TestDaemon.startIn(home);
  });
});

it('words that are no time, no outcome or no action: usage', () => {
  const home = new TestHome();
  const wrong = [
    ['history', '--since', 'yesterday'],
    ['history', '--outcome', 'lost'],
    ['history', '--limit', '0'],
    ['db', 'drop'],
    ['db'],
  ];
  for (const args of wrong) expect(home.supervisor(args).status, args.join(' ')).toBe(ExitCode.USAGE);
  home.remove();
});
