/** The pool for any command when a file of the package is gone, as in the middle of an upgrade: held with the cause in words; at
 *  `contained` its hooks run directly, above it they block; and it serves again once the file is back. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestDaemon, TestHome } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { onlyAt } from '../lib/only-at.js';
import { waitFor } from '../lib/wait.js';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const MS_PER_TICK = 10;
const WATCHED_MS = 3_000;

let copy: string;
let project: string;
let daemon: TestDaemon;
let file: string;

const execPool = async () => (await daemon.status()).pools.find(({ id }) => id === 'exec');
const inState = (state: string) =>
  waitFor(
    `a pool that is ${state}`,
    async () => {
      const pool = await execPool();
      return pool?.state === state ? pool : undefined;
    },
    25_000,
  );
const hook = (...options: string[]) =>
  runHook(daemon.home, ['/bin/sh', '-c', 'echo ran; exit 3'], { options, through: ['env', '-C', project] });

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'hook-supervisor-cannot-start-'));
  project = mkdtempSync('/var/tmp/hook-supervisor-cannot-start-');
  mkdirSync(join(project, '.git'));
  for (const name of ['bin', 'dist', 'build', 'package.json'])
    cpSync(join(REPOSITORY, name), join(copy, name), {
      recursive: true,
      filter: (path) => !path.endsWith('/build/obj'),
    });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'));
  file = join(copy, 'build/supervisor-parked');
  daemon = TestDaemon.startIn(new TestHome(join(copy, 'bin/supervisor')));
  renameSync(file, `${file}.away`);
  const { keepers } = await daemon.status();
  for (const { pid } of keepers) process.kill(pid, 'SIGKILL');
  await inState('quarantined');
});
afterAll(async () => {
  const left = await daemon?.stop();
  for (const folder of [copy, project]) rmSync(folder, { recursive: true, force: true });
  expect(left).toEqual([]);
});

describe('while the file is gone', () => {
  it('six deaths of one cause, and no more of them in quarantine, which costs the daemon next to nothing', async () => {
    const { pid } = await daemon.status();
    const before = await execPool();
    const fromMs = cpuMs(pid);
    await sleep(WATCHED_MS);
    const after = await execPool();
    expect(after?.deaths.map(({ count }) => count).sort()).toContain(6);
    expect(after?.deaths).toEqual(before?.deaths);
    expect(after?.state).toBe('quarantined');
    expect(cpuMs(pid) - fromMs).toBeLessThan(WATCHED_MS / 5);
  });

  it('status and why name the file and the error in words', async () => {
    const cause =
      'processes for any command cannot be kept warm: finding a program of the package failed: ENOENT: supervisor-parked';
    expect((await execPool())?.why).toBe(cause);
    expect(daemon.home.supervisor(['status']).stdout).toContain(cause);
    const { stdout } = daemon.home.supervisor(['why', 'exec']);
    expect(stdout).toContain(cause);
    expect(stdout).toContain('ENOENT (no such file or directory)');
    expect(stdout).toMatch(/^next +one start tries whether the cause is gone, in \S+s$/m);
  });

  it('at contained the client runs the hook itself', async () => {
    expect(await hook()).toMatchObject({ code: 3, stdout: 'ran\n', explained: { path: 'direct' } });
  });

  it('as its --on-unavailable says, where it says', async () => {
    const blocked = await hook('--on-unavailable', 'block');
    expect(blocked).toMatchObject({ code: 2, stdout: '', explained: { path: null, outcome: 'refused' } });
    expect(blocked.stderr).toContain('the exec keeper does not come up');
    const allowed = await hook('--on-unavailable', 'allow');
    expect(allowed).toMatchObject({ code: 0, stdout: '', explained: { path: null, outcome: 'refused' } });
  });

  it('above contained it blocks, and nothing runs', onlyAt('restricted'), async () => {
    const blocked = await hook('--level', 'restricted');
    expect(blocked).toMatchObject({ code: 2, stdout: '', explained: { path: null, outcome: 'refused' } });
    expect(blocked.stderr).toMatch(/^supervisor-hook: blocked, the hook did not run: .*level restricted: .*\n$/);
    const allowed = await hook('--level', 'restricted', '--on-unavailable', 'allow');
    expect(allowed).toMatchObject({ code: 0, stdout: '', explained: { path: null } });
  });
});

it('the file is back: a kick, and it serves', async () => {
  renameSync(`${file}.away`, file);
  expect(daemon.home.supervisor(['kick', 'exec']).status).toBe(0);
  await inState('ready');
  expect(await hook()).toMatchObject({ code: 3, stdout: 'ran\n', explained: { path: 'exec' } });
});

function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
