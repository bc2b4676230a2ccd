/** The interpreter that forks, killed and stopped for good at each step of its life: calls are answered meanwhile, by whatever is
 *  parked or without it, each once; then another zygote fills the pool. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PoolStatus } from '../../supervisor/contract/status.js';
import { TestDaemon } from '../lib/daemon.js';
import { Hook, runHook, starts } from '../lib/hook.js';
import { identify } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';
import { COUNTED_PYTHON, FEW_PARKED, PARKED, warmPython, wholePool } from './pool.js';

/** A zygote that says nothing is ended after ten seconds; then its successor warms. */
const NOTICED_WITHIN_MS = 30_000;

let daemon: TestDaemon;
let file: string;
beforeEach(() => {
  daemon = TestDaemon.start(FEW_PARKED);
  file = join(daemon.home.root, 'starts');
});
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

const zygoteOf = (pool: PoolStatus | undefined) => pool?.workers.find(({ kind }) => kind === 'zygote')?.pid;

async function zygoteNow(): Promise<number | undefined> {
  return zygoteOf((await daemon.status()).pools.find(({ runtime }) => runtime === 'python'));
}

async function whole(before: number): Promise<void> {
  await waitFor(
    'another zygote',
    async () => ((await zygoteNow()) ?? before) !== before || undefined,
    NOTICED_WITHIN_MS,
  );
  const pool = await wholePool(daemon, 'python');
  expect(zygoteOf(pool)).not.toBe(before);
  expect(identify(before)).toBeUndefined();
}

const FAULTS = ['SIGKILL', 'SIGSTOP'] as const;

it.each(FAULTS)('%s while processes are parked and one runs: all calls answered, once each', async (signal) => {
  const { argv, pool } = await warmPython(daemon, COUNTED_PYTHON);
  const zygote = zygoteOf(pool) ?? 0;
  const running = new Hook(daemon.home, [...argv, file], { stdin: null });
  await waitFor('its start', () => starts(file)[0]);
  process.kill(zygote, signal);
  const count = PARKED + 2;
  for (let word = 0; word < count; word++) {
    const end = await runHook(daemon.home, [...argv, file], { stdin: `${word}` });
    expect(end).toMatchObject({ code: 0, stdout: `${word}`, stderr: '', explained: { outcome: 'answered' } });
  }
  running.process.stdin.end('survived');
  expect(await running.end).toMatchObject({ code: 0, stdout: 'survived', explained: { path: 'worker' } });
  expect(starts(file)).toHaveLength(count + 1);
  await whole(zygote);
});

it.each(FAULTS)('%s while it starts: all calls answered, once each', async (signal) => {
  const { argv, pool } = await warmPython(daemon, COUNTED_PYTHON);
  const first = zygoteOf(pool) ?? 0;
  process.kill(first, 'SIGKILL');
  const second = await waitFor('the next one', async () => {
    const zygote = await zygoteNow();
    return zygote === first ? undefined : zygote;
  });
  process.kill(second, signal);
  const end = await runHook(daemon.home, [...argv, file], { stdin: 'word' });
  expect(end).toMatchObject({ code: 0, stdout: 'word', explained: { outcome: 'answered' } });
  expect(starts(file)).toHaveLength(1);
  await whole(second);
});
