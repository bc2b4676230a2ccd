/** A new configuration under load: what `plan` says, what `reload` changes, and that no call is lost. */
import { copyFileSync, mkdirSync, realpathSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExitCode } from '../../supervisor/contract/status.js';
import { TestDaemon, TestHome } from '../lib/daemon.js';
import { Hook, runHook } from '../lib/hook.js';
import { callsUnderLoad } from '../lib/load.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

const EXIT_CHANGES = 2;

let daemon: TestDaemon;
let configFile: string;

const configure = (settings: object) => writeFileSync(configFile, JSON.stringify(settings), { mode: 0o600 });
const supervisor = (...args: string[]) => daemon.home.supervisor(args);
const statusNow = () => daemon.status();
const until = (what: string, isSo: () => Promise<boolean> | boolean) =>
  waitFor(what, async () => (await isSo()) || undefined);

beforeEach(() => {
  const home = new TestHome();
  mkdirSync(join(home.home, '.config/hook-supervisor'), { recursive: true });
  configFile = join(home.home, '.config/hook-supervisor/config.json');
  configure({ parked: { exec: 4, python: 2 } });
  daemon = TestDaemon.startIn(home);
});
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

describe('plan', () => {
  it('nothing to change: exit 0', () => {
    const { status, stdout } = supervisor('plan');
    expect([status, stdout]).toEqual([ExitCode.OK, 'nothing to change\n']);
  });

  it('a change: exit 2, old and new value, the pools that would go, what needs a restart; and nothing is changed', async () => {
    const before = await statusNow();
    configure({ parked: { exec: 3, python: 2 }, timeoutMs: 5000, records: { on: false } });
    const { status, stdout } = supervisor('plan', '--json');
    expect(status).toBe(EXIT_CHANGES);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'supervisor.plan/v1',
      poolsReplaced: ['exec'],
      changes: [
        { keyPath: 'parked.exec.min', from: '4', to: '3', takesEffect: 'pools' },
        { keyPath: 'parked.exec.max', from: '4', to: '3', takesEffect: 'pools' },
        { keyPath: 'timeoutMs', from: '0', to: '5000', takesEffect: 'calls' },
        { keyPath: 'records.on', from: 'true', to: 'false', takesEffect: 'restart' },
      ],
    });
    expect((await statusNow()).keepers).toEqual(before.keepers);
  });
});

describe('reload', () => {
  it('a change of pools: the same daemon, other keepers, as many parked as asked for, the old ones gone', async () => {
    const before = await statusNow();
    configure({ parked: { exec: 2, python: 2 } });
    const { status, stderr, stdout } = supervisor('reload');
    expect([status, stderr]).toEqual([ExitCode.OK, '']);
    expect(stdout).toContain('parked.exec.max: 4 -> 2 (with new pools)\npools replaced: exec\n');
    await until('one keeper', async () => (await statusNow()).keepers.length === 1);
    const after = await statusNow();
    expect(after.pid).toBe(before.pid);
    expect(after.keepers[0]?.pid).not.toBe(before.keepers[0]?.pid);
    await until('two parked', async () => (await statusNow()).pools[0]?.parked === 2);
    expect(supervisor('plan').status).toBe(ExitCode.OK);
  });

  it('a change for calls only: the keepers stay, and the next call obeys it', async () => {
    const before = await statusNow();
    const delayFile = join(daemon.home.root, 'delay');
    // Equal calls: the second and third are the switchboard's, by a route that holds the old deadline.
    const hook = (delay: string) => {
      writeFileSync(delayFile, delay);
      return runHook(daemon.home, ['sh', '-c', 'sleep "$(cat "$1")"', 'sh', delayFile], { explain: false });
    };
    for (let count = 0; count < 3; count++) expect((await hook('0')).code).toBe(0);
    configure({ parked: { exec: 4, python: 2 }, timeoutMs: 300 });
    expect(supervisor('reload').status).toBe(ExitCode.OK);
    expect((await hook('5')).stderr).toContain('hook stopped: no end');
    expect((await statusNow()).keepers).toEqual(before.keepers);
  });

  it('a hook that runs goes on by the configuration it came under', async () => {
    const hook = new Hook(daemon.home, ['sh', '-c', 'echo begun; sleep 1.5; echo ended']);
    await until('it runs', () => hook.stdout === 'begun\n');
    configure({ parked: { exec: 2, python: 2 }, timeoutMs: 200 });
    expect(supervisor('reload').status).toBe(ExitCode.OK);
    expect(await hook.end).toMatchObject({ code: 0, stdout: 'begun\nended\n' });
  });

  it('two pools of one name: each is shown as what it is, and can be named', async () => {
    const hook = new Hook(daemon.home, ['sh', '-c', 'echo begun; sleep 60']);
    await until('it runs', () => hook.stdout === 'begun\n');
    configure({ parked: { exec: 2, python: 2 } });
    expect(supervisor('reload').status).toBe(ExitCode.OK);
    const status = await statusNow();
    expect(status.pools.map(({ id, set, standing, state, busy }) => [id, set, standing, state, busy])).toEqual([
      ['exec', 2, 'serving', 'ready', 0],
      ['exec', 1, 'leaving', 'draining', 1],
    ]);
    const [{ keeperPid: ofNext } = {}, { keeperPid: ofOld, workers: [worker] = [] } = {}] = status.pools;
    expect(ofNext).not.toBe(ofOld);
    const { processes } = JSON.parse(supervisor('ps', '--json').stdout);
    const named = (name: string) => processes.find((one: { name: string }) => one.name === name);
    expect(named('exec/keeper')).toMatchObject({ pid: ofNext, state: 'ready' });
    expect(named('exec@1/keeper')).toMatchObject({ pid: ofOld, state: 'draining' });
    for (const verb of ['status', 'top'])
      expect(supervisor(verb).stdout).toMatch(/draining .*exec@1|exec@1 .*draining/);
    expect(supervisor('why', 'exec@1').stdout).toContain('it goes with its last hook');
    expect(supervisor('drain', 'exec@1').status).toBe(ExitCode.UNAVAILABLE);
    expect(supervisor('kick', '--force', `exec@1/${worker?.slot}`).status).toBe(ExitCode.OK);
    expect(await hook.end).toMatchObject({ code: 1 });
    await until('the old pool has gone', async () => (await statusNow()).pools.length === 1);
  });

  it('a bad configuration: exit 78 with every problem, the running one stays', async () => {
    const before = await statusNow();
    configure({ parked: { exec: -1 }, timeoutMs: 'soon' });
    const { status, stderr } = supervisor('reload');
    expect(status).toBe(ExitCode.BAD_CONFIG);
    expect(stderr).toContain('parked.exec');
    expect(stderr).toContain('timeoutMs');
    process.kill(before.pid, 'SIGHUP');
    await until('the daemon has said it, too', () => daemon.home.log().includes('the configuration stays as it was'));
    expect((await statusNow()).keepers).toEqual(before.keepers);
    configure({ parked: { exec: 4, python: 2 } });
  });

  it('pools that do not come up: exit 69 with the reason, the old ones go on and serve', async () => {
    const real = realpathSync(findPython().executable);
    const python = join(daemon.home.root, basename(real));
    const script = join(daemon.home.root, 'hook.py');
    copyFileSync(real, python);
    writeFileSync(script, 'print("served")\n');
    const path = async () => (await runHook(daemon.home, [python, script])).explained?.path;
    await until('a warm pool', async () => (await path()) === 'worker');
    const before = await statusNow();
    unlinkSync(python);
    writeFileSync(python, 'no interpreter', { mode: 0o755 });
    configure({ parked: { exec: 2, python: 2 }, timeoutMs: 1 });
    const { status, stderr } = supervisor('reload');
    expect(status, stderr).toBe(ExitCode.UNAVAILABLE);
    expect(stderr).toContain(python);
    const after = await statusNow();
    expect(after.pid).toBe(before.pid);
    expect(after.keepers).toContainEqual(before.keepers.find(({ pool }) => pool === 'exec'));
    expect(after.pools.find(({ id }) => id === 'exec')?.parked).toBe(4);
    expect(await runHook(daemon.home, ['echo', 'as ever'])).toMatchObject({ code: 0, stdout: 'as ever\n' });
    expect(supervisor('plan').status).toBe(EXIT_CHANGES);
  });

  it('SIGHUP reloads', async () => {
    const { pid } = await statusNow();
    configure({ parked: { exec: 1, python: 2 } });
    process.kill(pid, 'SIGHUP');
    await until('one parked', async () => {
      const { pools, keepers } = await statusNow();
      return keepers.length === 1 && pools[0]?.parked === 1;
    });
    expect((await statusNow()).pid).toBe(pid);
  });

  it('under load from 8 clients, pools replaced each time: every call answered by the daemon, rightly', async () => {
    let reloads = 0;
    const { calls, wrong } = await callsUnderLoad(daemon.home, async () => {
      configure({ parked: { exec: 4 + (reloads % 2), python: 2 } });
      expect(await daemon.home.supervisorLater(['reload'])).toMatchObject({ code: ExitCode.OK, stderr: '' });
      reloads++;
    });
    expect(wrong).toEqual([]);
    expect(calls).toBe(400);
    expect(reloads).toBeGreaterThan(2);
  }, 90_000);
});
