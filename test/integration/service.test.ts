/** The daemon as a service: what a manager is told, and a socket that it hands over. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ExitCode } from '../../supervisor/contract/status.js';
import { SUPERVISOR, TestHome } from '../lib/daemon.js';
import { Datagrams } from '../lib/datagrams.js';
import { Hook, runHook } from '../lib/hook.js';
import { descendants, identify } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';

const ACTIVATED = join(import.meta.dirname, '../fixtures/activated.py');
/** As systemd's for a unit. */
const UNIT = { INVOCATION_ID: '0123456789abcdef0123456789abcdef' };
const WATCHDOG = { WATCHDOG_USEC: '1000000' };

let home: TestHome;
let manager: Datagrams;
let daemon: ChildProcess;
let end: Promise<number | null>;

beforeEach(async () => {
  home = new TestHome();
  manager = await Datagrams.at(`@${home.root}`);
});

afterEach(() => {
  expect(home.supervisor(['down']).status).toBe(ExitCode.OK);
  manager.close();
  home.remove();
});

function start(env: Record<string, string> = {}, command = [SUPERVISOR, 'up']): void {
  const [program = '', ...args] = command;
  const notified = { ...home.env, ...UNIT, NOTIFY_SOCKET: manager.address, SUPERVISOR_PARKED_EXEC: '4' };
  daemon = spawn(program, args, { env: { ...notified, ...env }, stdio: 'ignore', detached: true });
  end = new Promise((resolve) => daemon.on('exit', resolve));
}

const pid = () => daemon.pid ?? 0;
const isGone = (pid: number) => waitFor(`the end of ${pid}`, () => (identify(pid) === undefined ? true : undefined));

it('ready once calls are answered; stopping, then its end', async () => {
  start();
  await manager.hears(/^READY=1\nSTATUS=serving$/);
  expect(await runHook(home, ['echo', 'served'])).toMatchObject({ stdout: 'served\n', code: 0 });
  process.kill(pid(), 'SIGTERM');
  await manager.hears(/^STOPPING=1\n/);
  expect(await end).toBe(0);
});

it('a reload by signal: when it began on the manager’s clock, then ready, also where the configuration is bad', async () => {
  start();
  await manager.hears(/^READY=1/);
  const beforeUs = process.hrtime.bigint() / 1000n;
  process.kill(pid(), 'SIGHUP');
  const [, sinceUs = '0'] = /MONOTONIC_USEC=(\d+)/.exec(await manager.hears(/^RELOADING=1\n/)) ?? [];
  expect(BigInt(sinceUs)).toBeGreaterThanOrEqual(beforeUs);
  expect(BigInt(sinceUs)).toBeLessThan(beforeUs + 15_000_000n);
  await manager.hears(/^READY=1\nSTATUS=serving$/);
  const folder = join(home.home, '.config/hook-supervisor');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), '{ "timeoutMs": "soon" }', { mode: 0o600 });
  process.kill(pid(), 'SIGHUP');
  await manager.hears(/^RELOADING=1\n/);
  await manager.hears(/^READY=1\nSTATUS=the configuration stays as it was: [\s\S]*timeoutMs/);
  rmSync(folder, { recursive: true });
});

it('signs of life while the event loop turns and processes are parked', async () => {
  start(WATCHDOG);
  await manager.hears(/^WATCHDOG=1$/);
  process.kill(pid(), 'SIGSTOP');
  await new Promise((done) => setTimeout(done, 300)); // what was under way has come
  manager.heard.length = 0;
  await new Promise((done) => setTimeout(done, 1_500));
  expect(manager.heard).toEqual([]);
  process.kill(pid(), 'SIGCONT');
  await manager.hears(/^WATCHDOG=1$/);
});

it('neither its workers nor hooks can speak for it', async () => {
  start(WATCHDOG);
  await manager.hears(/^READY=1/);
  const hook = new Hook(home, ['sleep', '30']);
  const all = await waitFor('the hook', () => {
    const found = descendants([pid()]);
    return found.length > 4 ? found : undefined;
  });
  for (const worker of all) {
    const file = `/proc/${worker}/environ`;
    if (existsSync(file)) expect(readFileSync(file, 'latin1')).not.toMatch(/NOTIFY_SOCKET|WATCHDOG_USEC/);
  }
  hook.process.kill('SIGTERM');
  await hook.end;
});

it('restart: the manager follows to the successor, which gives signs of life and says the rest', async () => {
  start(WATCHDOG);
  await manager.hears(/^READY=1/);
  const { status, stderr } = home.supervisor(['restart']);
  expect(status, stderr).toBe(ExitCode.OK);
  const [, successor = '0'] = /^MAINPID=(\d+)\nWATCHDOG=1\n/.exec(await manager.hears(/^MAINPID=/)) ?? [];
  expect(stderr).toContain(successor);
  await isGone(pid());
  manager.heard.length = 0;
  await manager.hears(/^WATCHDOG=1$/);
  expect(await runHook(home, ['echo', 'served'])).toMatchObject({ stdout: 'served\n', code: 0 });
  expect(home.supervisor(['restart']).status).toBe(ExitCode.OK);
  expect(await manager.hears(/^MAINPID=/)).not.toContain(`MAINPID=${successor}\n`);
  await isGone(Number(successor));
});

it('a socket that is handed over: taken, kept through a restart, and there when the daemon has gone', async () => {
  start({}, ['python3', '-B', ACTIVATED, home.callSocket, SUPERVISOR, 'up']);
  await manager.hears(/^READY=1/);
  expect(await runHook(home, ['echo', 'served'])).toMatchObject({ stdout: 'served\n', code: 0 });
  expect(home.supervisor(['restart']).status).toBe(ExitCode.OK);
  await isGone(pid());
  expect(await runHook(home, ['echo', 'again'])).toMatchObject({ stdout: 'again\n', code: 0 });
  expect(home.supervisor(['down']).status).toBe(ExitCode.OK);
  expect(existsSync(home.callSocket)).toBe(true);
});

it('a socket of another place is refused, with what a unit has to say: exit 78', async () => {
  start({}, ['python3', '-B', ACTIVATED, join(home.root, 'other/call.sock'), SUPERVISOR, 'up']);
  expect(await end).toBe(ExitCode.BAD_CONFIG);
});
