/** Profiles: what the verb shows, and what another one changes in a daemon that runs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ExitCode } from '../../supervisor/contract/status.js';
import { TestDaemon, TestHome } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';

let home: TestHome;
let daemon: TestDaemon | undefined;

const supervisor = (...args: string[]) => home.supervisor(args);
const shown = (...args: string[]) => JSON.parse(supervisor('profile', ...args, '--json').stdout);
const holds = (document: { settings: { setting: string; holds: unknown }[] }, setting: string) =>
  document.settings.find((one) => one.setting === setting)?.holds;

function configure(settings: object): void {
  const folder = join(home.env.XDG_CONFIG_HOME, 'hook-supervisor');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(settings), { mode: 0o600 });
}

beforeEach(() => {
  home = new TestHome();
  configure({ profile: 'resource_constrained', cache: { entriesMax: 7 } });
});
afterEach(async () => {
  expect((await daemon?.stop()) ?? [], 'left behind').toEqual([]);
  if (daemon === undefined) home.remove();
  daemon = undefined;
});

test('without a daemon: what is configured and what it sets, with the own settings beside it; or another', () => {
  expect(shown()).toMatchObject({
    ...{ schema: 'supervisor.profile/v1', inForce: null, shown: 'resource_constrained' },
    configured: { chosen: 'resource_constrained', chosenBy: expect.stringMatching(/config\.json: profile$/) },
    settings: expect.arrayContaining([
      { setting: 'slotsPerPool', profile: 8, holds: 8 },
      { setting: 'cache.entriesMax', profile: 500, holds: 7 },
    ]),
  });
  expect(holds(shown('throughput'), 'slotsPerPool')).toBe(64);
  const { stdout } = supervisor('profile', 'latency');
  expect(stdout).toContain('configured  resource_constrained');
  expect(stdout).toMatch(/cache\.entriesMax +4000 +7/);
  expect(supervisor('profile', 'set', 'latency').status).toBe(ExitCode.NOT_RUNNING);
  expect(supervisor('profile', 'fast').status).toBe(ExitCode.USAGE);
  expect(supervisor('profile', 'set').status).toBe(ExitCode.USAGE);
  expect(supervisor('profile', 'latency', 'latency').status).toBe(ExitCode.USAGE);
});

test('set: the running daemon has its pools and settings, until it is restarted; calls are answered', async () => {
  daemon = TestDaemon.startIn(home);
  expect((await daemon.status()).pools[0]?.parking).toMatchObject({ min: 2, max: 6 });
  const { status, stderr } = supervisor('profile', 'set', 'throughput');
  expect([status, stderr]).toEqual([ExitCode.OK, expect.stringContaining('"profile": "throughput"')]);
  expect((await daemon.status()).profile).toMatchObject({ chosen: 'throughput', chosenBy: 'supervisor profile set' });
  const serving = (await daemon.status()).pools.find(({ standing }) => standing === 'serving');
  expect(serving?.parking).toMatchObject({ min: 16, max: 48 });
  expect(shown()).toMatchObject({ inForce: { inForce: 'throughput' }, shown: 'throughput' });
  expect((await runHook(home, ['echo', 'hi'])).stdout).toBe('hi\n');
  expect(supervisor('reload').stdout).toBe('nothing to change\n');
  const told = supervisor('events', '--json')
    .stdout.trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(told.filter(({ kind }) => kind === 'profileChanged')).toMatchObject([
    { inputs: { from: 'resource_constrained', to: 'throughput', by: 'supervisor profile set' } },
  ]);
});

test('adaptive is told with what it comes to and why', async () => {
  daemon = TestDaemon.startIn(home);
  supervisor('profile', 'set', 'adaptive');
  const { profile } = await daemon.status();
  expect(profile).toMatchObject({ chosen: 'adaptive', inForce: 'balanced', why: expect.stringContaining('yet') });
  expect(supervisor('profile').stdout).toContain('adaptive (supervisor profile set), now balanced: ');
});
