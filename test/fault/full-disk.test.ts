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

const inOwnMounts = withSqlite.skip ? withSqlite : onlyWith('unshare', 'mount');
it('full: calls are answered, a keeper is replaced, the daemon stops and starts; with room again it logs and records', {
  ...inOwnMounts,
  timeout: 120_000,
}, async (test) => {
  const folder = mkdtempSync(join(tmpdir(), 'hs-full-'));
  const mount = `mount -t tmpfs -o size=4m none ${folder}`;
  try {
    try {
      execFileSync('unshare', ['-rm', 'sh', '-c', mount], { stdio: 'ignore' });
    } catch {
      test.skip('this host gives no mount namespace');
    }
    const run = `${mount} && TMPDIR=${folder} exec ${process.execPath} ${PROGRAM}`;
    const { stdout } = await promisify(execFile)('unshare', ['-rm', 'sh', '-c', run]);
    const { calls, ...seen } = JSON.parse(stdout);
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
  } finally {
    rmdirSync(folder);
  }
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
