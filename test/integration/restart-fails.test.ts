/** A new daemon that does not come to take over, or is disturbed on the way: there is one daemon, with the lock, at any time. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ExitCode } from '../../supervisor/contract/status.js';
import { TestDaemon, TestHome } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { commandLine, descendants, identify, pidsNaming } from '../lib/processes.js';
import { ProductCopy } from '../lib/product-copy.js';
import { waitFor } from '../lib/wait.js';

let copy: ProductCopy;
let home: TestHome;
let daemon: TestDaemon;
/** Keepers wait while it is there: those of a successor, those of every daemon. */
let successorGate: string;
let gate: string;

beforeEach(() => {
  copy = new ProductCopy();
  home = new TestHome(copy.supervisor);
  gate = join(copy.folder, 'gate');
  successorGate = join(copy.folder, 'successor-gate');
  copy.beforeKeepers(`
isSuccessors() { tr '\\0' ' ' < /proc/$PPID/cmdline | grep -q -e --successor; }
while [ -e '${gate}' ] || { [ -e '${successorGate}' ] && isSuccessors; }; do sleep 0.02; done
[ -e '${copy.folder}/broken' ] && exit 3`);
  daemon = TestDaemon.startIn(home, { SUPERVISOR_PARKED_EXEC: '4' });
});
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
  copy.remove();
});

const lockText = () => readFileSync(join(home.runtimeFolder, 'lock'), 'utf8');
const pidNow = async () => (await daemon.status()).pid;
const isServed = async () => (await runHook(home, ['true'])).explained?.path === 'exec';

/** A restart whose successor waits for its keeper. */
async function restartWaiting() {
  writeFileSync(successorGate, '');
  const end = home.supervisorLater(['restart']);
  const successor = await waitFor('the successor', () =>
    pidsNaming(join(copy.folder, 'dist/main.js')).find(
      (pid) => commandLine(pid).includes(' --successor') && descendants([pid]).length > 0,
    ),
  );
  return { end, successor, open: () => rmSync(successorGate) };
}

it('keepers that end at once: exit 69, and the lock is never anybody else’s', async () => {
  const before = await pidNow();
  writeFileSync(join(copy.folder, 'broken'), '');
  let isOver = false;
  const end = home.supervisorLater(['restart']).finally(() => {
    isOver = true;
  });
  for (; !isOver; await nextTurn()) expect(lockText()).toBe(`${before}\n`);
  expect(await end).toMatchObject({ code: ExitCode.UNAVAILABLE });
  rmSync(join(copy.folder, 'broken'));
  expect(home.supervisor(['restart']).status).toBe(ExitCode.OK);
});

it('the first is killed meanwhile: the new one takes over all the same', async () => {
  const { end, successor, open } = await restartWaiting();
  process.kill(await pidNow(), 'SIGKILL');
  open();
  expect(await end).toMatchObject({ code: ExitCode.UNAVAILABLE });
  await waitFor('a daemon', async () => ((await isServed()) ? true : undefined));
  expect(await pidNow()).toBe(successor);
  expect(lockText()).toBe(`${successor}\n`);
});

it('the first is killed meanwhile, and a third has come first: the new one ends', async () => {
  const { end, successor, open } = await restartWaiting();
  process.kill(await pidNow(), 'SIGKILL');
  await end;
  const third: ChildProcess = spawn(copy.supervisor, ['up'], { env: home.env, stdio: 'ignore' });
  await waitFor('its lock', () => (lockText() === `${third.pid}\n` ? true : undefined));
  open();
  await waitFor('the end of the successor', () => (identify(successor) === undefined ? true : undefined));
  await waitFor('a daemon', async () => ((await isServed()) ? true : undefined));
  expect(await pidNow()).toBe(third.pid);
  expect(lockText()).toBe(`${third.pid}\n`);
});

it('down meanwhile: the restart says so, and nothing is left', async () => {
  const { end, successor } = await restartWaiting();
  expect(home.supervisor(['down']).status).toBe(ExitCode.OK);
  expect(await end).toMatchObject({ code: ExitCode.UNAVAILABLE, stderr: expect.stringContaining('being stopped') });
  expect(identify(successor)).toBeUndefined();
  expect(existsSync(home.runtimeFolder)).toBe(false);
  rmSync(successorGate);
  daemon = TestDaemon.startIn(home);
});

it('a reload during a restart is refused, and a restart during a reload', async () => {
  const { end, open } = await restartWaiting();
  const refusedReload = home.supervisor(['reload']);
  expect(refusedReload).toMatchObject({ status: ExitCode.UNAVAILABLE });
  expect(refusedReload.stderr).toContain('a restart is under way');
  open();
  expect(await end).toMatchObject({ code: ExitCode.OK });

  writeFileSync(gate, '');
  const folder = join(home.home, '.config/hook-supervisor');
  const configured = { slotsPerPool: 16 };
  home.execute('mkdir', ['-p', folder]);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configured), { mode: 0o600 });
  const reload = home.supervisorLater(['reload']);
  await waitFor('the new pools', async () => ((await daemon.status()).keepers.length === 2 ? true : undefined));
  const refusedRestart = home.supervisor(['restart']);
  expect(refusedRestart).toMatchObject({ status: ExitCode.UNAVAILABLE });
  expect(refusedRestart.stderr).toContain('a reload is under way');
  rmSync(gate);
  expect(await reload).toMatchObject({ code: ExitCode.OK });
});
