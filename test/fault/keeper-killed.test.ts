/** kill -9 of a keeper: what the table does not show of it. The hook itself counts its starts. */
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { TestDaemon } from '../lib/daemon.js';
import { counted, Hook, runHook, starts } from '../lib/hook.js';
import { identify } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';
import { FEW_PARKED, wholePool } from './pool.js';

let daemon: TestDaemon;
let file: string;
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

function startDaemon() {
  daemon = TestDaemon.start(FEW_PARKED);
  file = join(daemon.home.root, 'starts');
}

it('hook running, --on-unavailable=block: crashed, exit 2, its process gone, not run again', async () => {
  startDaemon();
  const { keeper } = await wholePool(daemon, 'exec');
  const hook = new Hook(daemon.home, counted(file, 'sleep 60'), { options: ['--on-unavailable', 'block'] });
  const pid = await waitFor('its start', () => starts(file)[0]);
  process.kill(keeper, 'SIGKILL');
  const end = await hook.end;
  expect(end).toMatchObject({ code: 2, stdout: '', explained: { outcome: 'crashed', path: 'exec' } });
  expect(end.stderr).toMatch(/^hook-supervisor: .*keeper.*\n$/);
  await waitFor('the end of the hook', () => (identify(pid) === undefined ? true : undefined), 1_000);
  const pool = await wholePool(daemon, 'exec');
  expect(pool.keeper).not.toBe(keeper);
  expect(pool.restarts).toBe(1);
  expect(await runHook(daemon.home, ['echo', 'again'])).toMatchObject({
    stdout: 'again\n',
    explained: { path: 'exec' },
  });
  expect(starts(file)).toHaveLength(1);
  expect((await daemon.status()).calls.byOutcome.crashed).toBe(1);
});

it('killed again and again: held back, and calls in between are run, each once', async () => {
  startDaemon();
  const killed = new Set<number>();
  for (let round = 1; round <= 3; round++) {
    const { keeper } = await wholePool(daemon, 'exec');
    expect(killed.has(keeper)).toBe(false);
    killed.add(keeper);
    process.kill(keeper, 'SIGKILL');
    expect(await runHook(daemon.home, counted(file, 'echo ok'))).toMatchObject({ code: 0, stdout: 'ok\n' });
    expect(starts(file)).toHaveLength(round);
  }
  expect((await wholePool(daemon, 'exec')).restarts).toBe(3);
});
