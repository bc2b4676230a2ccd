/** kill -9 of a keeper. A call that had not begun is answered by the next keeper, one that had is `crashed`, nothing runs
 *  twice, and the pool is whole again. The hook itself counts its starts. */
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { TestDaemon } from '../lib/daemon.js';
import { counted, Hook, runHook, starts } from '../lib/hook.js';
import { identify } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';
import { FEW_PARKED, wholePool } from './pool.js';

const ONE_SLOT = { SUPERVISOR_SLOTS_PER_POOL: '1', SUPERVISOR_PARKED_EXEC: '1', SUPERVISOR_PARKED_PYTHON: '1' };

let daemon: TestDaemon;
let file: string;
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

function startDaemon(settings: Record<string, string> = FEW_PARKED) {
  daemon = TestDaemon.start(settings);
  file = join(daemon.home.root, 'starts');
}

const started = (count: number) => waitFor(`start ${count}`, () => (starts(file).length >= count ? true : undefined));

async function expectWholeAgain(killed: number) {
  const pool = await wholePool(daemon, 'exec');
  expect(pool.keeper).not.toBe(killed);
  expect(pool.restarts).toBe(1);
  expect(await runHook(daemon.home, ['echo', 'again'])).toMatchObject({
    stdout: 'again\n',
    explained: { path: 'exec' },
  });
}

for (const [option, exitCode] of [
  ['run', 1],
  ['block', 2],
] as const) {
  it(`hook running, --on-unavailable=${option}: crashed, exit ${exitCode}, its process gone, not run again`, async () => {
    startDaemon();
    const { keeper } = await wholePool(daemon, 'exec');
    const hook = new Hook(daemon.home, counted(file, 'sleep 60'), { options: ['--on-unavailable', option] });
    await started(1);
    process.kill(keeper, 'SIGKILL');
    const end = await hook.end;
    expect(end).toMatchObject({ code: exitCode, stdout: '', explained: { outcome: 'crashed', path: 'exec' } });
    expect(end.stderr).toMatch(/^hook-supervisor: .*keeper.*\n$/);
    const [pid = 0] = starts(file);
    await waitFor('the end of the hook', () => (identify(pid) === undefined ? true : undefined), 1_000);
    await expectWholeAgain(keeper);
    expect(starts(file)).toHaveLength(1);
    expect((await daemon.status()).calls.byOutcome.crashed).toBe(1);
  });
}

it('call waiting for a slot: answered by the next keeper, started once', async () => {
  startDaemon(ONE_SLOT);
  const running = new Hook(daemon.home, counted(file, 'sleep 60'));
  await started(1);
  const waiting = new Hook(daemon.home, counted(file, 'echo answered'));
  await waitFor('the call to wait', async () => ((await daemon.status()).calls.queued === 1 ? true : undefined));
  const [keeper] = (await daemon.status()).keepers;
  process.kill(keeper?.pid ?? 0, 'SIGKILL');
  expect(await running.end).toMatchObject({ code: 1, explained: { outcome: 'crashed' } });
  expect(await waiting.end).toMatchObject({ code: 0, stdout: 'answered\n', explained: { path: 'exec' } });
  expect(starts(file)).toHaveLength(2);
});

it('call given to a keeper that never looked at it: answered by the next one, started once', async () => {
  startDaemon();
  const { keeper } = await wholePool(daemon, 'exec');
  process.kill(keeper, 'SIGSTOP');
  const hook = new Hook(daemon.home, counted(file, 'cat'), { stdin: 'all of it' });
  await waitFor('the call to be sent', async () => ((await daemon.status()).calls.active === 1 ? true : undefined));
  expect((await daemon.status()).calls.queued).toBe(0);
  process.kill(keeper, 'SIGKILL');
  expect(await hook.end).toMatchObject({
    code: 0,
    stdout: 'all of it',
    explained: { outcome: 'answered', path: 'exec' },
  });
  expect(starts(file)).toHaveLength(1);
  await expectWholeAgain(keeper);
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
