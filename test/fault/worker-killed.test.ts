/** kill -9 of what a keeper owns: a parked process, a running hook, the interpreter that forks. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestDaemon } from '../lib/daemon.js';
import { counted, Hook, runHook, starts } from '../lib/hook.js';
import { identify } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';
import { FEW_PARKED, parkedIn, type Runtime, warmPython, wholePool } from './pool.js';

const COUNTED_PYTHON = `
import os, sys
with open(sys.argv[1], 'a') as file:
    file.write(f'{os.getpid()}\\n')
print(sys.stdin.read(), end='')
`;

let daemon: TestDaemon;
let file: string;
beforeEach(() => {
  daemon = TestDaemon.start(FEW_PARKED);
  file = join(daemon.home.root, 'starts');
});
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

const gone = (pid: number) =>
  waitFor(`the end of ${pid}`, () => (identify(pid) === undefined ? true : undefined), 2_000);

async function prepared(runtime: Runtime) {
  if (runtime === 'python') {
    const { argv, pool } = await warmPython(daemon, COUNTED_PYTHON);
    return { argv: [...argv, file], pool, path: 'worker' };
  }
  return { argv: counted(file, 'cat'), pool: await wholePool(daemon, 'exec'), path: 'exec' };
}

describe.each(['exec', 'python'] as const)('%s', (runtime) => {
  it('parked processes killed: replaced, and the next call is right', async () => {
    const { argv, pool, path } = await prepared(runtime);
    for (const { pid } of parkedIn(pool)) process.kill(pid, 'SIGKILL');
    const answer = await runHook(daemon.home, argv, { stdin: 'word' });
    expect(answer).toMatchObject({ code: 0, stdout: 'word', stderr: '' });
    const again = await wholePool(daemon, runtime);
    expect(again.keeper).toBe(pool.keeper);
    const before = parkedIn(pool).map(({ pid }) => pid);
    expect(parkedIn(again).filter(({ pid }) => before.includes(pid))).toEqual([]);
    expect(await runHook(daemon.home, argv, { stdin: 'x' })).toMatchObject({ stdout: 'x', explained: { path } });
    expect(starts(file)).toHaveLength(2);
  });

  it('parked process killed behind its keeper’s back, its call already sent: another one answers, started once', async () => {
    const { argv, pool } = await prepared(runtime);
    process.kill(pool.keeper, 'SIGSTOP');
    const killed = parkedIn(pool).map(({ pid }) => pid);
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    const hook = new Hook(daemon.home, argv, { stdin: 'word' });
    await waitFor('the call to be sent', async () => ((await daemon.status()).calls.active === 1 ? true : undefined));
    process.kill(pool.keeper, 'SIGCONT');
    const end = await hook.end;
    expect(end).toMatchObject({ code: 0, stdout: 'word', explained: { outcome: 'answered' } });
    expect(killed).not.toContain(end.explained?.pid);
    expect(starts(file)).toHaveLength(1);
  });
});

it('running hook killed: the client dies of SIGKILL, as a direct run, and the neighbour answers', async () => {
  const neighbour = new Hook(daemon.home, ['cat'], { stdin: null });
  const hook = new Hook(daemon.home, counted(file, 'sleep 60'));
  const [pid = 0] = await waitFor('its start', () => (starts(file).length === 1 ? starts(file) : undefined));
  process.kill(pid, 'SIGKILL');
  expect(await hook.end).toMatchObject({ code: null, signal: 'SIGKILL', stdout: '', stderr: '' });
  neighbour.process.stdin.end('still here');
  expect(await neighbour.end).toMatchObject({ code: 0, stdout: 'still here', explained: { outcome: 'answered' } });
  expect(starts(file)).toHaveLength(1);
  await wholePool(daemon, 'exec');
});

it('zygote killed: its running hook answers, another zygote fills the pool again', async () => {
  const { argv, pool } = await prepared('python');
  const zygote = pool.workers.find(({ kind }) => kind === 'zygote')?.pid ?? 0;
  const running = new Hook(daemon.home, argv, { stdin: null });
  await waitFor('its start', () => (starts(file).length === 1 ? true : undefined));
  process.kill(zygote, 'SIGKILL');
  await gone(zygote);
  expect(await runHook(daemon.home, argv, { stdin: 'one' })).toMatchObject({ code: 0, stdout: 'one' });
  expect(await runHook(daemon.home, argv, { stdin: 'two' })).toMatchObject({ code: 0, stdout: 'two' });
  running.process.stdin.end('survived');
  expect(await running.end).toMatchObject({ code: 0, stdout: 'survived', explained: { path: 'worker' } });
  const again = await wholePool(daemon, 'python');
  expect(again.keeper).toBe(pool.keeper);
  expect(again.workers.find(({ kind }) => kind === 'zygote')?.pid).not.toBe(zygote);
  expect(await runHook(daemon.home, argv, { stdin: 'x' })).toMatchObject({
    stdout: 'x',
    explained: { path: 'worker' },
  });
  expect(starts(file)).toHaveLength(4);
});
