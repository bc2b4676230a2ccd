/** What is process 1 of a container: supervisor-init, and the daemon below it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { ExitCode } from '../../supervisor/contract/status.js';
import { SUPERVISOR, TestHome } from '../lib/daemon.js';
import { pidsNaming } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';

const ENTRYPOINT = join(import.meta.dirname, '../../docker/entrypoint.sh');
const INIT = join(import.meta.dirname, '../../build/supervisor-init');
const UNSHARE = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-current-user'])];
const NAMESPACE = [...UNSHARE, '--pid', '--fork', '--mount-proc', '--kill-child'];

let home: TestHome;
beforeEach(() => {
  home = new TestHome();
});
afterEach(() => {
  expect(pidsNaming(home.root)).toEqual([]);
  home.remove();
});

const run = (...command: string[]) => home.execute(command[0] ?? '', command.slice(1));

describe('supervisor-init', () => {
  it.each([
    ['an exit code', 'exit 7', 7],
    ['a signal, as a shell shows it', 'kill -9 $$', 137],
  ])('ends as its program does: %s', (_what, script, code) => {
    expect(run(INIT, 'sh', '-c', script).status).toBe(code);
  });

  it('what cannot be started: 127 and 126, with the reason; nothing to start: 64', () => {
    expect(run(INIT, '/none/here')).toMatchObject({
      status: 127,
      stderr: expect.stringContaining('/none/here: No such'),
    });
    expect(run(INIT, home.root)).toMatchObject({ status: 126, stderr: expect.stringContaining('denied') });
    expect(run(INIT).status).toBe(ExitCode.USAGE);
  });

  it('the program has the signals that it would have had', () => {
    const direct = run('grep', '-E', '^Sig(Blk|Ign)', '/proc/self/status').stdout;
    expect(run(INIT, 'grep', '-E', '^Sig(Blk|Ign)', '/proc/self/status').stdout).toBe(direct);
  });
});

describe('as process 1', () => {
  const skipWithout = ({ task, skip }: TestContext) => {
    const { status, stderr } = spawnSync(NAMESPACE[0] ?? '', [...NAMESPACE.slice(1), 'true'], { encoding: 'utf8' });
    if (status === 0) return;
    const skipReason = `no pid namespace here: ${stderr.trim()}`;
    Object.assign(task.meta, { skipReason });
    skip(skipReason);
  };
  beforeEach(skipWithout);

  it('orphans that nobody waits for are reaped', () => {
    const orphans = 'for i in 1 2 3 4 5 6 7 8; do setsid sh -c "sleep 0.1 & exit 0"; done; sleep 0.6';
    const count = 'grep -l "^State:.Z" /proc/[0-9]*/status | wc -l';
    expect(run(...NAMESPACE, INIT, 'sh', '-c', `${orphans}; ${count}`)).toMatchObject({ status: 0, stdout: '0\n' });
  });

  /** The image's entrypoint, with what it finds on PATH there. */
  function enter(...command: string[]): { container: ChildProcess; end: Promise<number | null>; first: () => number } {
    const bin = join(home.root, 'bin');
    run('mkdir', bin);
    run('ln', '-s', INIT, join(bin, 'hook-supervisor-init'));
    writeFileSync(join(bin, 'hook-supervisor-delegate'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    // The user of the image is not there: who becomes it stays who he is.
    writeFileSync(join(bin, 'setpriv'), '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n', {
      mode: 0o755,
    });
    const env = { ...home.env, PATH: `${bin}:${home.env.PATH}` };
    const container = spawn(NAMESPACE[0] ?? '', [...NAMESPACE.slice(1), ENTRYPOINT, ...command], {
      env,
      stdio: 'ignore',
    });
    const end = new Promise<number | null>((resolve) => container.on('exit', resolve));
    const first = () =>
      Number(readFileSync(`/proc/${container.pid}/task/${container.pid}/children`, 'utf8').split(' ')[0]);
    return { container, end, first };
  }

  it.each(['SIGTERM', 'SIGINT'] as const)('%s ends the daemon and with it the container: exit 0', async (signal) => {
    const { end, first } = enter(SUPERVISOR, 'up');
    await waitFor('its socket', () => (existsSync(join(home.runtimeFolder, 'control.sock')) ? true : undefined));
    process.kill(first(), signal);
    expect(await end).toBe(0);
    expect(home.log()).toContain('"stopped"');
    expect(existsSync(home.callSocket)).toBe(false);
  });

  it('a start that fails: its exit code comes through', async () => {
    expect(await enter(SUPERVISOR, 'up', '--config', join(home.root, 'none.json')).end).toBe(ExitCode.BAD_CONFIG);
  });
});
