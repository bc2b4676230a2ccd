/** kill -9 of what a keeper owns: parked processes of a warm interpreter (for those of any command see the table), a running hook. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestDaemon } from '../lib/daemon.js';
import { counted, Hook, runHook, starts } from '../lib/hook.js';
import { waitFor } from '../lib/wait.js';
import { COUNTED_PYTHON, FEW_PARKED, parkedIn, warmPython, wholePool } from './pool.js';

let daemon: TestDaemon;
let file: string;
beforeEach(() => {
  daemon = TestDaemon.start(FEW_PARKED);
  file = join(daemon.home.root, 'starts');
});
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

async function prepared() {
  const { argv, pool } = await warmPython(daemon, COUNTED_PYTHON);
  return { argv: [...argv, file], pool };
}

it('parked processes killed: replaced, and the next call is right', async () => {
  const { argv, pool } = await prepared();
  for (const { pid } of parkedIn(pool)) process.kill(pid, 'SIGKILL');
  const answer = await runHook(daemon.home, argv, { stdin: 'word' });
  expect(answer).toMatchObject({ code: 0, stdout: 'word', stderr: '' });
  const again = await wholePool(daemon, 'python');
  expect(again.keeper).toBe(pool.keeper);
  const before = parkedIn(pool).map(({ pid }) => pid);
  expect(parkedIn(again).filter(({ pid }) => before.includes(pid))).toEqual([]);
  expect(await runHook(daemon.home, argv, { stdin: 'x' })).toMatchObject({
    stdout: 'x',
    explained: { path: 'worker' },
  });
  expect(starts(file)).toHaveLength(2);
});

it('parked process killed behind its keeper’s back, its call already sent: another one answers, started once', async () => {
  const { argv, pool } = await prepared();
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
