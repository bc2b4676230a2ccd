/** A disk that takes nothing and says nothing, under the daemon's records, log and runtime folder. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestDaemon, TestHome } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { withSqlite } from '../lib/sqlite.js';
import { waitFor } from '../lib/wait.js';
import { FEW_PARKED, wholePool } from './pool.js';
import { BadHost } from './table/host.js';
import { hasEnded } from './table/parties.js';

/** What `status` waits for before it says so, and a look later. */
const TOLD_WITHIN_MS = 10_000;
/** As `down` gives it before it kills. */
const ENDED_WITHIN_MS = 4_000;
const CALL_MAX_MS = 1_000;

let daemon: TestDaemon;
let host: BadHost;
beforeEach(async () => {
  const home = new TestHome();
  host = new BadHost(home);
  daemon = await TestDaemon.attached(home, {
    ...FEW_PARKED,
    CLAUDE_HOOKS_ASYNC_BATCH_SIZE: '1',
    ...host.settings,
  });
  await wholePool(daemon, 'exec');
});
afterEach(() => {
  host.close();
  daemon.home.remove();
});

async function answers(): Promise<void> {
  const { code, stdout, explained } = await runHook(daemon.home, ['echo', 'answer']);
  expect({ code, stdout, path: explained?.path }).toEqual({ code: 0, stdout: 'answer\n', path: 'exec' });
  expect(explained?.milliseconds).toBeLessThan(CALL_MAX_MS);
}

async function recordsAre(state: string) {
  return waitFor(
    `records that are ${state}`,
    async () => {
      const status = await daemon.status();
      return status.records.state === state ? status : undefined;
    },
    TOLD_WITHIN_MS,
  );
}

it(
  'dead: calls are as quick as ever, a keeper is replaced, status says so; alive again, all is written',
  withSqlite,
  async () => {
    await recordsAre('on');
    host.disk = 'dead';
    for (let n = 0; n < 5; n++) await answers();
    const { keeper } = await wholePool(daemon, 'exec');
    process.kill(keeper, 'SIGKILL');
    await waitFor('another keeper', async () => (await wholePool(daemon, 'exec')).keeper !== keeper || undefined);
    await answers();
    const { records, degraded } = await recordsAre('failing');
    expect(records).toMatchObject({
      reason: expect.stringMatching(/has not taken the last batch for \d+ s/),
      dropped: 0,
    });
    expect(degraded.map(({ layer }) => layer)).toContain('records');
    await answers();
    host.disk = 'well';
    const well = await recordsAre('on');
    expect(well.degraded.map(({ layer }) => layer)).not.toContain('records');
    await waitFor('all of them', async () => (await daemon.status()).records.waiting === 0 || undefined);
    expect((await daemon.status()).records).toMatchObject({ dropped: 0, bad: 0 });
    expect(await daemon.stop(), 'left behind').toEqual([]);
  },
);

it.each(['SIGTERM', 'SIGINT'] as const)('dead, and told to end by %s: it ends, and nothing of it is left', async () => {
  const { pid } = await daemon.status();
  await answers();
  host.disk = 'dead';
  await answers();
  await waitFor('the disk to be met', () => host.hits > 0 || undefined);
  process.kill(pid, 'SIGTERM');
  await waitFor('the end of the daemon', () => hasEnded(pid) || undefined, ENDED_WITHIN_MS);
  expect(daemon.processesLeft()).toEqual([]);
});
