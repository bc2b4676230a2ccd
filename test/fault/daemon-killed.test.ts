/** kill -9 of the daemon: everything of it is gone within a second, no hook runs twice, `up` starts clean. */
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { TestDaemon } from '../lib/daemon.js';
import { counted, Hook, runHook, starts } from '../lib/hook.js';
import { descendants, identify, isAlive } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';
import { FEW_PARKED, warmPython, wholePool } from './pool.js';

const GONE_WITHIN_MS = 1_000;

let daemon: TestDaemon;
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

it('idle and busy processes are gone within a second, the running call is crashed, the waiting one runs directly', async () => {
  daemon = TestDaemon.start({ ...FEW_PARKED, SUPERVISOR_SLOTS_PER_POOL: '2' });
  const { home } = daemon;
  await warmPython(daemon, 'pass');
  const file = join(home.root, 'starts');
  // Own session, deaf to polite signals: only the daemon's death can end it.
  const stubborn = `trap "" TERM HUP; setsid sleep 60 & echo $! >> "$1"; sleep 60`;
  const running = [new Hook(home, counted(file, stubborn)), new Hook(home, counted(file, stubborn))];
  await waitFor('both to run', () => (starts(file).length === 4 ? true : undefined));
  const waitingFile = join(home.root, 'waiting');
  const waiting = new Hook(home, counted(waitingFile, 'echo mine'));
  const { pid } = await waitFor('the third to wait', async () => {
    const status = await daemon.status();
    return status.calls.queued === 1 ? status : undefined;
  });

  const all = [pid, ...descendants([pid])].flatMap((one) => identify(one) ?? []);
  expect(all.length).toBeGreaterThanOrEqual(1 + 2 + 1 + 2 + 4); // daemon, keepers, zygote, parked, hooks and theirs
  process.kill(pid, 'SIGKILL');
  await waitFor('the end of all', () => (all.some(isAlive) ? undefined : true), GONE_WITHIN_MS);

  for (const hook of running) {
    const end = await hook.end;
    expect(end).toMatchObject({ code: 1, signal: null, stdout: '' });
    expect(end.stderr).toMatch(/^supervisor-hook: the supervisor died .*\n$/);
  }
  expect(await waiting.end).toMatchObject({ code: 0, stdout: 'mine\n', explained: { path: 'direct' } });
  expect(starts(file)).toHaveLength(4);
  expect(starts(waitingFile)).toHaveLength(1);

  daemon = TestDaemon.startIn(home, FEW_PARKED);
  const pool = await wholePool(daemon, 'exec');
  expect(pool.restarts).toBe(0);
  expect(await runHook(home, ['echo', 'again'])).toMatchObject({ stdout: 'again\n', explained: { path: 'exec' } });
});

it('--on-unavailable=block: a call that was cut off ends with 2', async () => {
  daemon = TestDaemon.start(FEW_PARKED);
  const { home } = daemon;
  const file = join(home.root, 'starts');
  const hook = new Hook(home, counted(file, 'sleep 60'), { options: ['--on-unavailable', 'block'] });
  await waitFor('its start', () => (starts(file).length === 1 ? true : undefined));
  process.kill((await daemon.status()).pid, 'SIGKILL');
  expect(await hook.end).toMatchObject({ code: 2, stdout: '' });
  const [pid = 0] = starts(file);
  await waitFor('the end of the hook', () => (identify(pid) === undefined ? true : undefined), GONE_WITHIN_MS);
  daemon = TestDaemon.startIn(home, FEW_PARKED);
});

it('told to stop: a hook that goes on and on is ended after a while, which is our failure, not a cancellation', async () => {
  daemon = TestDaemon.start(FEW_PARKED);
  const { home } = daemon;
  const file = join(home.root, 'starts');
  const options = ['--on-unavailable', 'block'];
  const hook = new Hook(home, counted(file, 'trap "" TERM; sleep 60; sleep 60'), { options });
  await waitFor('its start', () => (starts(file).length === 1 ? true : undefined));
  process.kill((await daemon.status()).pid, 'SIGTERM');
  const end = await hook.end;
  expect(end).toMatchObject({ code: 2, signal: null, stdout: '', explained: { outcome: 'crashed' } });
  expect(end.stderr).toMatch(/^hook-supervisor: .*\n$/);
  await waitFor('the end of all', () => (daemon.processesLeft().length === 0 ? true : undefined));
  expect(starts(file)).toHaveLength(1);
  daemon = TestDaemon.startIn(home, FEW_PARKED);
});
