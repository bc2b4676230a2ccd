/** A full disk under the daemon's state and runtime folders, on a file system of the test's own; and one that takes no byte
 *  from the start. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { SUPERVISOR, TestHome } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { onlyWith } from '../lib/skip.js';
import { withSqlite } from '../lib/sqlite.js';
import { waitFor } from '../lib/wait.js';

const PROGRAM = join(import.meta.dirname, 'full-disk.mjs');

const NO_NAMES = join(import.meta.dirname, 'no-names.mjs');

/** What a program prints whose TMPDIR is a small file system of its own. */
async function onOwnDisk(program: string, options: string, skip: (why: string) => never): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'hs-full-'));
  const mount = `mount -t tmpfs -o ${options} none ${folder}`;
  try {
    try {
      execFileSync('unshare', ['-rm', 'sh', '-c', mount], { stdio: 'ignore' });
    } catch {
      skip('this host gives no mount namespace');
    }
    const run = `${mount} && TMPDIR=${folder} exec ${process.execPath} ${program}`;
    const { stdout } = await promisify(execFile)('unshare', ['-rm', 'sh', '-c', run]);
    return JSON.parse(stdout);
  } finally {
    rmdirSync(folder);
  }
}

const inOwnMounts = withSqlite.skip ? withSqlite : onlyWith('unshare', 'mount');
it('full: calls are answered, a keeper is replaced, the daemon stops and starts; with room again it logs and records', {
  ...inOwnMounts,
  timeout: 120_000,
}, async (test) => {
  const { calls, ...seen } = (await onOwnDisk(PROGRAM, 'size=4m', test.skip)) as { calls: number };
  expect(seen).toEqual({
    code: 'ENOSPC',
    whileFull: calls,
    withAnotherKeeper: calls,
    degraded: expect.arrayContaining(['records']),
    startedWhileFull: calls,
    afterwards: calls,
    lastLogLine: expect.stringMatching(/"happening":"(?:ready|scaled)"/),
    leftBehind: [],
  });
});

it('no further file: calls are answered, a keeper is replaced; a start says why it fails and leaves nothing, hooks run directly', {
  ...onlyWith('unshare', 'mount'),
  timeout: 120_000,
}, async (test) => {
  const { calls, ...seen } = (await onOwnDisk(NO_NAMES, 'size=32m,nr_inodes=300', test.skip)) as { calls: number };
  expect(seen).toEqual({
    code: 'ENOSPC',
    withoutNames: calls,
    withAnotherKeeper: calls,
    up: { status: 69, stderr: expect.stringMatching(/cannot be made \(ENOSPC\)\n.*remedy: its disk has no room/) },
    leftByStart: [],
    withoutDaemon: calls,
    afterwards: calls,
    leftBehind: [],
  });
});

it('no file can grow: hooks answer, and the daemon ends when it is told to', onlyWith('prlimit'), async () => {
  const home = new TestHome();
  // 1,024 bytes: the log is full within its first lines, shared memory cannot be had at all.
  const daemon = spawn('prlimit', ['--fsize=1024', process.execPath, SUPERVISOR, 'up'], { env: home.env });
  let said = '';
  daemon.stderr.on('data', (text) => {
    said += text;
  });
  try {
    await waitFor('the daemon', () => (said.includes('ready') ? true : undefined));
    for (let n = 0; n < 5; n++) expect(await runHook(home, ['echo', 'hi'])).toMatchObject({ code: 0, stdout: 'hi\n' });
    daemon.kill('SIGTERM');
    expect(await waitFor('its end', () => daemon.exitCode ?? daemon.signalCode ?? undefined)).toBe(0);
  } finally {
    daemon.kill('SIGKILL');
    home.remove();
  }
});
