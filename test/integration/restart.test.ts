/** A new daemon takes over from the one that runs: no call is lost, and one that does not come up changes nothing. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../supervisor/contract/limits.js';
import { ExitCode } from '../../supervisor/contract/status.js';
import { SUPERVISOR, TestDaemon, TestHome } from '../lib/daemon.js';
import { Hook, runHook } from '../lib/hook.js';
import { callsUnderLoad } from '../lib/load.js';
import { identify } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';

let daemon: TestDaemon;
beforeEach(() => {
  daemon = TestDaemon.start({ SUPERVISOR_PARKED_EXEC: '4', SUPERVISOR_PARKED_PYTHON: '2' });
});
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

const pidNow = async () => (await daemon.status()).pid;
const isGone = (pid: number) => waitFor(`the end of ${pid}`, () => (identify(pid) === undefined ? true : undefined));

it('another process, with the settings of the first; that ends; there is one lock, and it is held', async () => {
  const before = await pidNow();
  const { startTicks } = identify(before) ?? {};
  const { status, stderr } = daemon.home.supervisor(['restart']);
  expect(status, stderr).toBe(ExitCode.OK);
  const after = await pidNow();
  expect(after).not.toBe(before);
  expect(stderr).toContain(String(after));
  await isGone(before);
  const { runtimeFolder } = daemon.home;
  expect(readFileSync(join(runtimeFolder, 'lock'), 'utf8')).toBe(`${after}\n${before} ${startTicks}\n`);
  expect(daemon.home.supervisor(['up', '-d']).status).toBe(ExitCode.ALREADY_RUNNING);
  await waitFor('as many parked as before', async () =>
    (await daemon.status()).pools[0]?.parked === 4 ? true : undefined,
  );
  expect(await runHook(daemon.home, ['echo', 'served'])).toMatchObject({ stdout: 'served\n', code: 0 });
  expect((await daemon.status()).predecessorPid).toBeNull();
});

it('again and again under load from 8 clients: every call answered by a daemon, rightly', async () => {
  let restarts = 0;
  const { calls, wrong } = await callsUnderLoad(daemon.home, async () => {
    const { code, stderr } = await daemon.home.supervisorLater(['restart']);
    // A busy machine ends them more slowly than this starts them: then one more is refused, and no call is touched.
    if (code === ExitCode.OK) restarts++;
    else expect(stderr).toContain('daemons before this one still run hooks');
  });
  expect(wrong).toEqual([]);
  expect(calls).toBe(400);
  expect(restarts).toBeGreaterThan(2);
}, 90_000);

it('a hook that runs ends by itself, while the new daemon serves', async () => {
  const gate = join(daemon.home.root, 'gate');
  const hook = new Hook(daemon.home, [
    'sh',
    '-c',
    'echo begun; until [ -e "$1" ]; do sleep 0.05; done; echo ended',
    'sh',
    gate,
  ]);
  await waitFor('it runs', () => (hook.stdout === 'begun\n' ? true : undefined));
  const before = await pidNow();
  expect(daemon.home.supervisor(['restart']).status).toBe(ExitCode.OK);
  expect((await daemon.status()).predecessorPid).toBe(before);
  expect(await runHook(daemon.home, ['echo', 'served'])).toMatchObject({ stdout: 'served\n', code: 0 });
  expect(hook.stdout).toBe('begun\n');
  writeFileSync(gate, '');
  expect(await hook.end).toMatchObject({ code: 0, stdout: 'begun\nended\n' });
  await isGone(before);
});

it('the last one removes the runtime folder that the first has made', async () => {
  const { home } = daemon;
  for (let restarts = 0; restarts < 2; restarts++) {
    const before = await pidNow();
    expect(home.supervisor(['restart']).status).toBe(ExitCode.OK);
    await isGone(before);
  }
  expect(home.supervisor(['down']).status).toBe(ExitCode.OK);
  expect(existsSync(home.runtimeFolder)).toBe(false);
  daemon = TestDaemon.startIn(home);
});

it('a runtime folder that was there before them stays', async () => {
  const { home } = daemon;
  expect(home.supervisor(['down']).status).toBe(ExitCode.OK);
  mkdirSync(home.runtimeFolder, { mode: 0o700 });
  daemon = TestDaemon.startIn(home);
  expect(home.supervisor(['restart']).status).toBe(ExitCode.OK);
  expect(home.supervisor(['down']).status).toBe(ExitCode.OK);
  expect(existsSync(home.runtimeFolder)).toBe(true);
  daemon = TestDaemon.startIn(home);
});

describe('while the first still runs a hook', () => {
  let gate: string;
  let hook: Hook;
  let first: number;
  beforeEach(async () => {
    gate = join(daemon.home.root, 'gate');
    const untilOpen = 'echo begun; until [ -e "$1" ]; do sleep 0.05; done; echo ended';
    hook = new Hook(daemon.home, ['sh', '-c', untilOpen, 'sh', gate]);
    await waitFor('it runs', () => (hook.stdout === 'begun\n' ? true : undefined));
    first = await pidNow();
  });
  const restart = () => daemon.home.supervisor(['restart']);

  it('four restarts: it loses nothing, nor does the last; a fifth is refused until the first has ended', async () => {
    for (let restarts = 0; restarts < LIMITS.replacedDaemonsMax; restarts++) expect(restart().status).toBe(ExitCode.OK);
    const refused = restart();
    expect([refused.status, refused.stderr]).toEqual([ExitCode.UNAVAILABLE, expect.stringContaining('--cold')]);
    await new Promise((done) => setTimeout(done, LIMITS.drainBudgetMs + 1_000));
    expect(hook.stdout).toBe('begun\n');
    writeFileSync(gate, '');
    expect(await hook.end).toMatchObject({ code: 0, stdout: 'begun\nended\n' });
    await isGone(first);
    await waitFor('the last one is alone', async () =>
      (await daemon.status()).predecessorPid === null ? true : undefined,
    );
    expect(await runHook(daemon.home, ['echo', 'served'])).toMatchObject({ stdout: 'served\n', code: 0 });
    expect(restart().status).toBe(ExitCode.OK);
  });

  it('down ends them all', async () => {
    for (let restarts = 0; restarts < 2; restarts++) expect(restart().status).toBe(ExitCode.OK);
    expect(daemon.home.supervisor(['down']).status).toBe(ExitCode.OK);
    expect(identify(first)).toBeUndefined();
    expect((await hook.end).code).not.toBe(0);
    expect(daemon.processesLeft()).toEqual([]);
    daemon = TestDaemon.startIn(daemon.home);
  });

  it('down ends the first, too, though it has stopped and is nobody’s descendant', async () => {
    for (let restarts = 0; restarts < 2; restarts++) expect(restart().status).toBe(ExitCode.OK);
    process.kill(first, 'SIGSTOP');
    expect(daemon.home.supervisor(['down', '--drain', '100ms']).status).toBe(ExitCode.OK);
    expect(identify(first)).toBeUndefined();
    expect(daemon.processesLeft()).toEqual([]);
    daemon = TestDaemon.startIn(daemon.home);
  });

  it('down ends those before, too, when the last one has been killed', async () => {
    for (let restarts = 0; restarts < 2; restarts++) expect(restart().status).toBe(ExitCode.OK);
    process.kill(first, 'SIGSTOP');
    const last = await pidNow();
    process.kill(last, 'SIGKILL');
    await isGone(last);
    const { status, stderr } = daemon.home.supervisor(['down', '--drain', '100ms']);
    expect({ status, stderr }).toEqual({ status: ExitCode.OK, stderr: expect.stringContaining('was not running') });
    expect(identify(first)).toBeUndefined();
    expect(daemon.processesLeft()).toEqual([]);
    daemon = TestDaemon.startIn(daemon.home);
  });

  it('one between that is killed: the first ends, and does not take the last for what its own hooks left', async () => {
    expect(restart().status).toBe(ExitCode.OK);
    const between = await pidNow();
    expect(restart().status).toBe(ExitCode.OK);
    const last = await pidNow();
    process.kill(between, 'SIGKILL');
    await isGone(first);
    expect((await hook.end).code).toBe(1);
    expect(await pidNow()).toBe(last);
    expect(await runHook(daemon.home, ['echo', 'served'])).toMatchObject({ stdout: 'served\n', code: 0 });
  });
});

it('down while the one before still runs a hook: both end', async () => {
  const hook = new Hook(daemon.home, ['sleep', '60']);
  await waitFor('it runs', async () => ((await daemon.status()).calls.active === 1 ? true : undefined));
  const before = await pidNow();
  expect(daemon.home.supervisor(['restart']).status).toBe(ExitCode.OK);
  expect(daemon.home.supervisor(['down']).status).toBe(ExitCode.OK);
  expect(identify(before)).toBeUndefined();
  expect((await hook.end).code).not.toBe(0);
  expect(daemon.processesLeft()).toEqual([]);
  daemon = TestDaemon.startIn(daemon.home);
});

it('down --drain holds for the one before, too', async () => {
  const { home } = daemon;
  const hook = new Hook(home, ['sh', '-c', 'sleep 8; exit 6']);
  await waitFor('it runs', async () => ((await daemon.status()).calls.active === 1 ? true : undefined));
  expect(home.supervisor(['restart']).status).toBe(ExitCode.OK);
  expect(await home.supervisorLater(['down', '--drain', '20s'])).toMatchObject({ code: ExitCode.OK });
  expect((await hook.end).code).toBe(6);
  daemon = TestDaemon.startIn(home);
});

it('one that does not come up: exit 69 with the reason, the daemon goes on, and can be restarted afterwards', async () => {
  const before = await pidNow();
  const folder = join(daemon.home.home, '.config/hook-supervisor');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'config.json');
  const home = daemon.home;
  // The command line reads another file than the daemon: only the new daemon meets the bad one.
  const restart = () => home.supervisor(['restart'], { XDG_CONFIG_HOME: join(home.root, 'none') });
  writeFileSync(file, '{ "timeoutMs": "soon" }', { mode: 0o600 });
  const { status, stderr } = restart();
  expect(status, stderr).toBe(ExitCode.UNAVAILABLE);
  expect(stderr).toContain('timeoutMs');
  expect(await pidNow()).toBe(before);
  expect(readFileSync(join(home.runtimeFolder, 'lock'), 'utf8')).toBe(`${before}\n`);
  expect(await runHook(home, ['echo', 'served'])).toMatchObject({ stdout: 'served\n', code: 0 });
  writeFileSync(file, '{}', { mode: 0o600 });
  expect(restart().status).toBe(ExitCode.OK);
  expect(await pidNow()).not.toBe(before);
});

it('--cold: stopped, then started', async () => {
  const before = await pidNow();
  expect(daemon.home.supervisor(['restart', '--cold']).status).toBe(ExitCode.OK);
  expect(await pidNow()).not.toBe(before);
  expect(identify(before)).toBeUndefined();
});

it('a daemon that somebody waits for is not replaced under him: exit 69, and what to do', async () => {
  const home = new TestHome();
  const attached = spawn(SUPERVISOR, ['up'], { env: home.env, stdio: 'ignore' });
  await waitFor('its sockets', () => (existsSync(home.callSocket) ? true : undefined));
  const { status, stderr } = home.supervisor(['restart']);
  expect(status).toBe(ExitCode.UNAVAILABLE);
  expect(stderr).toContain('--cold');
  const ended = new Promise((resolve) => attached.on('exit', resolve));
  expect(home.supervisor(['down']).status).toBe(ExitCode.OK);
  expect(await ended).toBe(0);
  home.remove();
});
