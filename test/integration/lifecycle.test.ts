/** The daemon's life through the command line: exit codes, one daemon per folder, and that it leaves nothing behind. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExitCode } from '../../supervisor/contract/status.js';
import { HOOK_CLIENT, SUPERVISOR, TestDaemon, TestHome } from '../lib/daemon.js';
import { Hook } from '../lib/hook.js';
import { identify, isAlive, pidsNaming } from '../lib/processes.js';
import { notRoot, onlyRoot } from '../lib/skip.js';
import { waitFor } from '../lib/wait.js';

const NOT_RUNNING = { schema: 'supervisor.status/v1', running: false };

describe('with a daemon', () => {
  let daemon: TestDaemon;
  beforeEach(() => {
    daemon = TestDaemon.start({ API_KEY: 'of the shell' });
  });
  afterEach(async () => {
    expect(await daemon.stop(), 'left behind').toEqual([]);
  });

  it('status: exit 0, and the JSON of its schema', async () => {
    const { status, stdout } = daemon.home.supervisor(['status', '--json']);
    expect(status).toBe(ExitCode.OK);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({
      schema: 'supervisor.status/v1',
      running: true,
      pid: (await daemon.status()).pid,
      uid: process.getuid?.(),
      socketPath: daemon.home.callSocket,
      driver: expect.stringMatching(/^(v2|v1|none)$/),
      calls: { queued: 0, active: 0, byPath: { direct: 0 } },
    });
    expect(Number.isNaN(Date.parse(told.startedAt))).toBe(false);
    const exec = told.pools.find((pool: { runtime: string }) => pool.runtime === 'exec');
    expect(exec).toMatchObject({ level: 'contained', state: expect.any(String), workers: expect.any(Array) });
    expect(told.keepers).toContainEqual({ pid: expect.any(Number), pool: exec.id });
  });

  it('status for people names the pid and the pools', async () => {
    const { status, stdout } = daemon.home.supervisor(['status']);
    expect(status).toBe(ExitCode.OK);
    expect(stdout).toContain(String((await daemon.status()).pid));
    expect(stdout).toContain('exec');
  });

  it('up again, detached or not: exit 75, names the first one, which goes on', async () => {
    const { pid } = await daemon.status();
    for (const args of [['up', '-d'], ['up']]) {
      const second = daemon.home.supervisor(args);
      expect(second.status, second.stderr).toBe(ExitCode.ALREADY_RUNNING);
      expect(second.stdout + second.stderr).toContain(String(pid));
    }
    expect((await daemon.status()).pid).toBe(pid);
    expect(call(daemon.home, ['echo', 'still here'])).toMatchObject({ path: 'exec', outcome: 'answered' });
  });

  it('is detached: own session, no terminal', async () => {
    const { pid } = await daemon.status();
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    expect(stat[3], 'session').toBe(String(pid));
    expect(stat[4], 'terminal').toBe('0');
  });

  const hidden = onlyRoot('may look into the daemon, which hides its descriptors and its memory from its own user');
  it('is detached: cwd /, nothing of the terminal, no variable that is not allowed', hidden, async () => {
    const { pid } = await daemon.status();
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/');
    const variables = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').filter(Boolean);
    expect(variables).toContain(`HOME=${daemon.home.home}`);
    for (const variable of variables) expect(variable).toMatch(/^(PATH|HOME|XDG_\w+|SUPERVISOR_\w+)=/);
    for (const fd of [0, 1, 2])
      expect(readlinkSync(`/proc/${pid}/fd/${fd}`)).toMatch(/^\/dev\/null$|\/hook-supervisor\/daemon\.\w+$/);
  });

  it('down lets a running hook end', async () => {
    const hook = spawn(HOOK_CLIENT, ['run', '--socket', daemon.home.callSocket, '--', 'sh', '-c', 'sleep 0.4; exit 6']);
    hook.stdin.end();
    const ended = new Promise((resolve) => hook.on('exit', resolve));
    await waitFor('the hook to run', async () => ((await daemon.status()).calls.active === 1 ? true : undefined));
    const { pid } = await daemon.status();
    process.kill(pid, 'SIGTERM');
    expect(await ended).toBe(6);
    await waitFor('its end', () => (identify(pid) === undefined ? true : undefined));
    daemon = restart(daemon);
  });

  /** A hook that runs. */
  const sleeper = async (seconds: string): Promise<Hook> => {
    const hook = new Hook(daemon.home, ['sh', '-c', `sleep ${seconds}; exit 6`], { explain: false });
    await waitFor('the hook to run', async () => ((await daemon.status()).calls.active === 1 ? true : undefined));
    return hook;
  };
  const tookMs = async (done: Promise<unknown>) => {
    const fromMs = performance.now();
    await done;
    return performance.now() - fromMs;
  };

  it('down --drain: a hook that takes longer than usual ends by itself', async () => {
    const hook = await sleeper('3.5');
    expect(await daemon.home.supervisorLater(['down', '--drain', '20s'])).toMatchObject({
      code: ExitCode.OK,
      stderr: '',
    });
    expect((await hook.end).code).toBe(6);
    daemon = restart(daemon);
  });

  it('down --drain 0s does not wait', async () => {
    const hook = await sleeper('30');
    expect(await tookMs(daemon.home.supervisorLater(['down', '--drain', '0s']))).toBeLessThan(1_900);
    expect((await hook.end).code).not.toBe(6);
    daemon = restart(daemon);
  });

  for (const [begun, first] of [
    ['down --drain 20s', () => daemon.home.supervisorLater(['down', '--drain', '20s'])],
    ['a signal', async (pid: number) => process.kill(pid, 'SIGTERM')],
  ] as const) {
    it(`after ${begun} a signal ends what is left at once`, async () => {
      await sleeper('30');
      const { pid } = await daemon.status();
      const asked = first(pid);
      await waitFor('its end to begin', () => (existsSync(daemon.home.callSocket) ? undefined : true));
      const ended = waitFor('its end', () => (identify(pid) === undefined ? true : undefined));
      process.kill(pid, 'SIGINT');
      expect(await tookMs(ended)).toBeLessThan(1_500);
      await asked;
      daemon = restart(daemon);
    });
  }

  it('down in a terminal tells each second what it waits for', async () => {
    const hook = await sleeper('60');
    const inTerminal = ['-c', 'import pty, sys; pty.spawn(sys.argv[1:])', SUPERVISOR, 'down', '--drain', '50s'];
    const down = spawn('python3', inTerminal, { env: daemon.home.env, stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = new Promise((resolve) => down.on('close', resolve));
    let told = '';
    down.stdout.on('data', (data) => {
      told += data;
    });
    const second = (leftS: number) => `supervisor: waiting for running hooks (1), ${leftS} s at most\r\n`;
    await waitFor('two lines', () => (told.startsWith(`${second(51)}${second(50)}`) ? true : undefined));
    hook.process.kill();
    expect(await ended).toBe(0);
    daemon = restart(daemon);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
    it(`${signal}: ends with all its processes, and another one can start`, async () => {
      const { pid } = await daemon.status();
      process.kill(pid, signal);
      await waitFor('the end of its processes', () => (daemon.processesLeft().length === 0 ? true : undefined), 5_000);
      if (signal !== 'SIGKILL') expect(existsSync(daemon.home.runtimeFolder), 'runtime folder').toBe(false);
      expect(daemon.home.supervisor(['status']).status).toBe(ExitCode.NOT_RUNNING);
      daemon = restart(daemon);
      expect(call(daemon.home, ['true'])).toMatchObject({ path: 'exec' });
    });
  }

  it('a daemon that does not answer: status 69, down kills it', async () => {
    const { pid } = await daemon.status();
    const identity = identify(pid);
    process.kill(pid, 'SIGSTOP');
    expect(daemon.home.supervisor(['status']).status).toBe(ExitCode.UNAVAILABLE);
    expect(daemon.home.supervisor(['down']).status).toBe(ExitCode.OK);
    expect(identity && isAlive(identity)).toBe(false);
    expect(daemon.processesLeft()).toEqual([]);
    daemon = restart(daemon);
  });
});

it.each([
  ['while it starts', (home: TestHome) => home.runtimeFolder],
  ['once it listens', (home: TestHome) => home.callSocket],
])('up in a terminal that goes away %s: ends with it', async (_when, sign) => {
  const home = new TestHome();
  const terminal = spawn('python3', ['-c', 'import pty, sys; pty.spawn(sys.argv[1:])', SUPERVISOR, 'up'], {
    env: home.env,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await waitFor('a sign of it', () => (existsSync(sign(home)) ? true : undefined));
  terminal.kill('SIGKILL');
  await waitFor('the end of its processes', () => (pidsNaming(home.root).length === 0 ? true : undefined));
  expect(existsSync(home.runtimeFolder), 'runtime folder').toBe(false);
  home.remove();
});

it('up whose words nobody reads: serves all the same', async () => {
  const home = new TestHome();
  const daemon = spawn(process.execPath, [SUPERVISOR, 'up'], { env: home.env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => daemon.on('exit', (code, by) => resolve(code ?? by)));
  daemon.stderr.destroy();
  await waitFor('its readiness', () => (home.log().includes('"happening":"ready"') ? true : undefined));
  expect(call(home, ['true'])).toMatchObject({ path: 'exec', outcome: 'answered' });
  daemon.kill();
  expect(await ended).toBe(ExitCode.OK);
  home.remove();
});

it.each(['SIGTERM', 'SIGINT'] as const)('%s while it starts: ends well, and nothing is left', async (signal) => {
  const home = new TestHome();
  const daemon = spawn(process.execPath, [SUPERVISOR, 'up'], { env: home.env, stdio: 'ignore' });
  const ended = new Promise((resolve) => daemon.on('exit', (code, by) => resolve(code ?? by)));
  await waitFor('the first that can be seen of it', () => (existsSync(home.runtimeFolder) ? true : undefined));
  daemon.kill(signal);
  expect(await ended).toBe(ExitCode.OK);
  expect(existsSync(home.runtimeFolder), 'runtime folder').toBe(false);
  expect(pidsNaming(home.root)).toEqual([]);
  home.remove();
});

describe('without a daemon', () => {
  let home: TestHome;
  beforeEach(() => {
    home = new TestHome();
  });
  afterEach(() => home.remove());

  it('status: exit 3, and says so in JSON too', () => {
    expect(home.supervisor(['status']).status).toBe(ExitCode.NOT_RUNNING);
    const { status, stdout } = home.supervisor(['status', '--json']);
    expect(status).toBe(ExitCode.NOT_RUNNING);
    expect(JSON.parse(stdout)).toEqual(NOT_RUNNING);
  });

  it('down: exit 0 and makes nothing', () => {
    expect(home.supervisor(['down']).status).toBe(ExitCode.OK);
    expect(existsSync(home.runtimeFolder)).toBe(false);
  });

  it('usage: exit 64, with a suggestion', () => {
    const unknown = home.supervisor(['statsu']);
    expect(unknown.status).toBe(ExitCode.USAGE);
    expect(unknown.stderr).toContain('status');
    expect(home.supervisor(['status', '--no-such-option']).status).toBe(ExitCode.USAGE);
  });

  it('bad configuration: exit 78, every error at once, nothing left behind', () => {
    const file = join(home.env.XDG_CONFIG_HOME, 'hook-supervisor/config.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '{"loglevel": "info", "timeoutMs": "soon"}', { mode: 0o600 });
    for (const args of [['up', '-d'], ['up'], ['status']]) {
      const { status, stderr } = home.supervisor(args);
      expect(status, `${args}: ${stderr}`).toBe(ExitCode.BAD_CONFIG);
      expect(stderr).toMatch(/loglevel(.|\n)*timeoutMs|timeoutMs(.|\n)*loglevel/);
    }
    expect(existsSync(home.runtimeFolder)).toBe(false);
  });

  it('a runtime folder that cannot be made: up is refused and says where', () => {
    const nowhere = { SUPERVISOR_RUNTIME_DIR: '/proc/no/folder' };
    const { status, stderr } = home.supervisor(['up', '-d'], nowhere);
    expect(status).toBe(ExitCode.NO_PERMISSION);
    expect(stderr).toContain('/proc/no/folder');
  });

  const refusedState = (env: Record<string, string> = {}) => {
    const { status, stderr } = home.supervisor(['up', '-d'], env);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(existsSync(home.runtimeFolder), 'runtime folder').toBe(false);
    expect(pidsNaming(home.root), 'processes').toEqual([]);
    return { status, stderr };
  };
  const saidFile = () => join(dirname(home.logFile), 'daemon.stderr');
  const inRootsWay = onlyRoot('is told that /proc may be written');
  it('up -d, a state folder that cannot be made: exit 69, cause and remedy, nothing left', inRootsWay, () => {
    const { status, stderr } = refusedState({ XDG_STATE_HOME: '/proc' });
    expect(status, stderr).toBe(ExitCode.UNAVAILABLE);
    expect(stderr).toMatch(/^supervisor: \/proc\/hook-supervisor: cannot be made \(ENOENT\)\n.*XDG_STATE_HOME/);
  });

  it('up -d, a file of the state folder that cannot be written: exit 69, cause and remedy, nothing left', () => {
    mkdirSync(saidFile(), { recursive: true });
    const { status, stderr } = refusedState();
    expect(status, stderr).toBe(ExitCode.UNAVAILABLE);
    expect(stderr).toContain(`supervisor: ${saidFile()}: cannot be written (EISDIR)\n  remove what is in its way`);
  });

  const forbidden = notRoot('nothing forbids root to write');
  it('up -d, a file of the state folder that may not be written: exit 77', forbidden, () => {
    mkdirSync(dirname(saidFile()), { recursive: true });
    writeFileSync(saidFile(), '');
    chmodSync(saidFile(), 0o400);
    const { status, stderr } = refusedState();
    expect(status, stderr).toBe(ExitCode.NO_PERMISSION);
    expect(stderr).toContain(`supervisor: ${saidFile()}: cannot be written (EACCES)\n`);
  });

  it('in the foreground: tells when it is ready, ends with 0 on Ctrl-C, leaves nothing', async () => {
    const up = spawn(SUPERVISOR, ['up'], { env: home.env, cwd: home.root });
    let told = '';
    up.stderr.on('data', (data) => {
      told += data;
    });
    const ended = new Promise((resolve) => up.on('exit', resolve));
    await waitFor('ready', () => (told.includes('ready, pid') ? true : undefined));
    expect(call(home, ['true'])).toMatchObject({ path: 'exec' });
    up.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(existsSync(home.runtimeFolder)).toBe(false);
    expect(readdirSync(home.root).sort()).toEqual(['explain.json', 'home']);
  });
});

function call(home: TestHome, argv: string[]): unknown {
  const explainFile = join(home.root, 'explain.json');
  const options = ['--explain', explainFile, '--socket', home.callSocket];
  const { status } = home.execute(HOOK_CLIENT, ['run', ...options, '--', ...argv]);
  expect(status).toBe(0);
  return JSON.parse(readFileSync(explainFile, 'utf8').trim().split('\n').at(-1) ?? '');
}

/** A fresh one in place of one whose end was the test. */
function restart(ended: TestDaemon): TestDaemon {
  expect(ended.processesLeft(), 'left behind').toEqual([]);
  return TestDaemon.startIn(ended.home);
}
