/** The verbs that look into a running daemon and act on its pools, from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../supervisor/contract/limits.js';
import { HOOK_CLIENT, SUPERVISOR, TestDaemon } from '../lib/daemon.js';
import { findPython } from '../lib/python.js';
import { onlyWith } from '../lib/skip.js';
import { waitFor } from '../lib/wait.js';

let daemon: TestDaemon;
beforeAll(() => {
  daemon = TestDaemon.start({ SUPERVISOR_PARKED_EXEC: '3' });
});
afterAll(async () => expect(await daemon.stop(), 'left behind').toEqual([]));

const supervisor = (...args: string[]) => daemon.home.supervisor(args);
const json = (...args: string[]) => JSON.parse(supervisor(...args, '--json').stdout);
const execPool = async () => (await daemon.status()).pools.find(({ id }) => id === 'exec');
const explained = (...command: string[]) => {
  const file = join(daemon.home.root, 'explained');
  const { status } = daemon.home.execute(HOOK_CLIENT, ['run', '--explain', file, '--', ...command]);
  const { stdout } = daemon.home.execute('cat', [file]);
  rmSync(file);
  return { status, ...JSON.parse(stdout) };
};

/** A hook that runs until its folder has a file `go`. */
async function withRunningHook(act: (hook: ChildProcess) => Promise<void>): Promise<void> {
  const go = join(daemon.home.root, 'go');
  const text = 'while [ ! -e "$0" ]; do sleep 0.05; done; exit 5';
  const hook = spawn(HOOK_CLIENT, ['run', '--', 'sh', '-c', text, go], {
    env: daemon.home.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    await waitFor('the hook to run', async () => ((await execPool())?.busy === 1 ? true : undefined));
    await act(hook);
  } finally {
    writeFileSync(go, '');
    if (hook.exitCode === null && hook.signalCode === null) await once(hook, 'exit');
    rmSync(go);
  }
}

async function allParked(count = 3): Promise<void> {
  await waitFor(`${count} parked`, async () => ((await execPool())?.parked === count ? true : undefined));
}

describe('looking', () => {
  test('ps: the daemon, keepers and parked processes, with what the kernel says of them', async () => {
    await allParked();
    const { schema, processes } = json('ps');
    expect(schema).toBe('supervisor.ps/v1');
    const { pid } = await daemon.status();
    expect(processes[0]).toMatchObject({ name: 'daemon', pid, kind: 'daemon' });
    expect(processes[0].usage.memoryBytes).toBeGreaterThan(1024 ** 2);
    expect(processes.filter(({ pool }: { pool: string }) => pool === 'exec')).toHaveLength(4);
    expect(supervisor('ps').stdout).toContain('exec/keeper');
  });

  test('status of a pool and of a worker: last calls, limits, processes', async () => {
    expect(daemon.home.execute(HOOK_CLIENT, ['run', '--', 'sh', '-c', 'exit 4']).status).toBe(4);
    const pool = json('status', 'ex');
    expect(pool).toMatchObject({ schema: 'supervisor.pool/v1', pool: { id: 'exec', state: 'ready' } });
    expect(pool.tasks.at(-1)).toMatchObject({ outcome: 'answered', exitCode: 4 });
    expect(supervisor('status', 'exec').stdout).toMatch(/answered +4 /);
    const { workers } = pool.pool;
    const [{ slot }] = workers;
    expect(json('status', `exec/${slot}`)).toMatchObject({
      schema: 'supervisor.worker/v1',
      process: { kind: 'parked' },
    });
    expect(json('status', 'exec/keeper').process.pid).toBe(pool.keeperPid);
  });

  test('why: ready, in words and as a document', () => {
    expect(supervisor('why', 'exec').stdout).toContain('ready: ');
    expect(json('why', 'exec')).toMatchObject({ schema: 'supervisor.why/v1', pool: 'exec', state: 'ready' });
  });

  test('top in a pipe: one frame without an escape', () => {
    const { status, stdout } = supervisor('top');
    expect([status, stdout.split('PID').length]).toEqual([0, 2]);
    expect(stdout).toContain('exec/keeper');
    expect(stdout).not.toContain('\x1b');
  });

  test('metrics: lines that name the pools', () => {
    const { status, stdout } = supervisor('metrics');
    expect([status, stdout]).toEqual([0, expect.stringContaining('hook_supervisor_pool_ready{pool="exec"')]);
  });

  test('a pool that is not there: 4, and which there are', () => {
    for (const args of [['why'], ['status'], ['drain'], ['kick'], ['events', '--pool']]) {
      const { status, stderr } = supervisor(...args, 'exce');
      expect([status, stderr]).toEqual([4, expect.stringContaining('Did you mean exec?')]);
    }
    expect(supervisor('status', 'exec/99').status).toBe(4);
  });

  test('the names for the Tab key', () => {
    expect(supervisor('pool-names', 'pools').stdout.split('\n')).toContain('exec');
    expect(supervisor('pool-names', 'workers').stdout.split('\n')).toContain('exec/keeper');
  });
});

describe('acting', () => {
  test('scale: so many are parked, more than configured, and 0 takes it back', async () => {
    expect(supervisor('scale', 'exec', '6').status).toBe(0);
    await allParked(6);
    expect(supervisor('scale', 'exec', '0').status).toBe(0);
    await allParked(3);
    expect(supervisor('scale', 'exec', '64')).toMatchObject({ status: 69, stderr: expect.stringContaining('slots') });
  });

  test('drain: what runs ends as ever, new calls go elsewhere; --undo takes it back', async () => {
    await withRunningHook(async (hook) => {
      expect(supervisor('drain', 'exec').stderr).toContain('1 still run');
      expect(explained('sh', '-c', 'exit 3')).toMatchObject({ status: 3, path: 'direct' });
      await allParked(0);
      expect(supervisor('status').stdout).toMatch(/exec +drained/);
      writeFileSync(join(daemon.home.root, 'go'), '');
      expect(await once(hook, 'exit')).toEqual([5, null]);
    });
    expect(supervisor('drain', '--undo', 'exec').status).toBe(0);
    await allParked();
    expect(explained('sh', '-c', 'exit 3')).toMatchObject({ status: 3, path: 'exec' });
  });

  test('kick of a parked process: another one takes its place', async () => {
    await allParked();
    const [before] = (await execPool())?.workers ?? [];
    expect(supervisor('kick', `exec/${before?.slot}`).status).toBe(0);
    await waitFor('another process', async () => {
      const workers = (await execPool())?.workers ?? [];
      return workers.length === 3 && workers.every(({ pid }) => pid !== before?.pid) ? true : undefined;
    });
  });

  test('kick of a pool: a new keeper', async () => {
    const before = json('status', 'exec').keeperPid;
    expect(supervisor('kick', 'exec').status).toBe(0);
    await waitFor('another keeper', () => {
      const { keeperPid, pool } = json('status', 'exec');
      return keeperPid !== null && keeperPid !== before && pool.state === 'ready' ? true : undefined;
    });
  });

  test('kick where a hook runs: 75 and nothing happens; with --force the hook has failed, and says whose doing it was', async () => {
    await withRunningHook(async (hook) => {
      const busy = (await execPool())?.workers.find(({ state }) => state === 'busy');
      for (const target of ['exec', `exec/${busy?.slot}`]) {
        expect(supervisor('kick', target)).toMatchObject({ status: 75, stderr: expect.stringContaining('--force') });
      }
      expect((await execPool())?.workers.find(({ state }) => state === 'busy')?.pid).toBe(busy?.pid);
      expect(supervisor('kick', '--force', `exec/${busy?.pid}`).status).toBe(0);
      const words = hook.stderr?.setEncoding('utf8').toArray();
      expect(await once(hook, 'exit')).toEqual([1, null]);
      expect(await words).toEqual(['hook-supervisor: the operator ended this hook (supervisor kick)\n']);
    });
    await withRunningHook(async (hook) => {
      expect(supervisor('kick', '--force', 'exec').status).toBe(0);
      expect(await once(hook, 'exit')).toEqual([1, null]);
    });
    await allParked();
  });

  test('kicks are no deaths: more of them than may die, of zygote and parked processes, and the pools serve on', async () => {
    const python = () => daemon.status().then(({ pools }) => pools.find(({ runtime }) => runtime === 'python'));
    daemon.home.execute(HOOK_CLIENT, ['run', '--', findPython().executable, '-c', '']);
    const kicked = async (id: string, worker: string) => {
      const { pools } = await daemon.status();
      const deaths = pools.find((pool) => pool.id === id)?.deaths ?? [];
      const before = deaths.find(({ cause }) => cause === 'kicked')?.count ?? 0;
      if (supervisor('kick', `${id}/${worker}`).status !== 0) return undefined;
      return waitFor('the end of it to be told', async () => {
        const pool = (await daemon.status()).pools.find((one) => one.id === id);
        return pool?.deaths.find(({ cause }) => cause === 'kicked')?.count === before + 1 ? true : undefined;
      });
    };
    const { id = '' } = (await python()) ?? {};
    for (let kick = 0; kick <= LIMITS.deathsMax; kick++) {
      await waitFor('a zygote to kick', () => kicked(id, 'zygote'));
      await waitFor('a parked process to kick', async () => {
        const parked = (await execPool())?.workers.find(({ state }) => state === 'parked');
        return parked && kicked('exec', String(parked.slot));
      });
    }
    for (const pool of [await python(), await execPool()]) {
      expect(pool?.deaths.filter(({ cause }) => cause !== 'kicked')).toEqual([]);
      expect([pool?.state, pool?.why, pool?.restarts]).toEqual(['ready', '', 0]);
    }
    expect(supervisor('why', 'exec').stdout).toMatch(/kicked by the operator \d+ times/);
  }, 60_000);
});

describe('following', () => {
  test('events: what was done before; with -f what is done next, until Ctrl-C', async () => {
    const follower = spawn(SUPERVISOR, ['events', '-f', '--json', '--pool', 'exec'], { env: daemon.home.env });
    try {
      let text = '';
      follower.stdout.on('data', (data) => {
        text += data;
      });
      const told = () =>
        text
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line));
      const waitForFloor = (floor: number) =>
        waitFor('the event', () => told().find(({ kind, inputs }) => kind === 'scaled' && inputs.floor === floor));
      supervisor('scale', 'exec', '2');
      expect(await waitForFloor(2)).toMatchObject({ schema: 'supervisor.event/v1', pool: 'exec' });
      supervisor('scale', 'exec', '0');
      await waitForFloor(0);
      const ended = once(follower, 'exit');
      follower.kill('SIGINT');
      expect(await ended).toEqual([0, null]);
    } finally {
      follower.kill('SIGKILL');
    }
    const { status, stdout } = supervisor('events');
    expect([status, stdout]).toEqual([0, expect.stringContaining('scaled exec: by the operator')]);
    expect(supervisor('events', '--since', '2030-01-01').stdout).toBe('');
  });

  test('logs: the newest lines; with -f those that come', async () => {
    expect(supervisor('logs', '-n', '1').stdout.split('\n')).toHaveLength(2);
    expect(supervisor('logs', '--pool', 'perl').stdout).toBe('');
    const follower = spawn(SUPERVISOR, ['logs', '-f', '-n', '1', '--pool', 'exec'], { env: daemon.home.env });
    try {
      let text = '';
      follower.stdout.on('data', (data) => {
        text += data;
      });
      await waitFor('the line before', () => (text.includes('exec:') ? true : undefined));
      supervisor('scale', 'exec', '1');
      await waitFor('the line that came', () => (text.includes('floor=1') ? true : undefined));
      supervisor('scale', 'exec', '0');
    } finally {
      const ended = once(follower, 'exit');
      follower.kill('SIGINT');
      expect(await ended).toEqual([0, null]);
    }
  });
});

test('top on a terminal: keys sort it, q gives the screen back', onlyWith('script'), async () => {
  const env = { ...daemon.home.env, PROGRAM: SUPERVISOR, TERM: 'xterm' };
  const cwd = daemon.home.root;
  const terminal = spawn('script', ['-qefc', 'exec "$PROGRAM" top -d 0.2', '/dev/null'], { env, cwd });
  try {
    let shown = '';
    terminal.stdout.on('data', (data) => {
      shown += data;
    });
    await waitFor('the first frame', () => (shown.includes('sorted by cpu') ? true : undefined));
    expect(shown).toContain('\x1b[?1049h');
    terminal.stdin.write('m');
    await waitFor('the other order', () => (shown.includes('sorted by memory') ? true : undefined));
    const ended = once(terminal, 'exit');
    terminal.stdin.write('q');
    expect(await ended).toEqual([0, null]);
    expect(shown.endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
  } finally {
    terminal.kill('SIGKILL');
  }
});

test('without a daemon each verb says so: 3; the log is still there', async () => {
  const { home } = TestDaemon.start();
  const follower = spawn(SUPERVISOR, ['events', '-f', '--pool', 'exec'], { env: home.env });
  const ended = once(follower, 'exit');
  const lives = new Promise((settled) => setTimeout(settled, 3_000, 'it follows'));
  expect(await Promise.race([lives, ended])).toBe('it follows'); // though nothing has happened to the pool
  home.supervisor(['down']);
  expect(await ended).toEqual([3, null]);
  for (const args of [
    ['why', 'exec'],
    ['events'],
    ['events', '-f'],
    ['top'],
    ['ps'],
    ['metrics'],
    ['drain', 'exec'],
    ['kick', 'exec'],
  ]) {
    const { status, stderr } = home.supervisor(args);
    expect([status, stderr]).toEqual([3, expect.stringContaining('supervisor up -d')]);
  }
  expect(home.supervisor(['logs']).stdout).toContain('ready');
  expect(home.supervisor(['pool-names', 'pools'])).toMatchObject({ status: 0, stdout: '', stderr: '' });
  home.remove();
});
