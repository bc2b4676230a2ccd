/** A hook that takes more memory than it may, where no cgroup holds it: its whole tree is looked at again and again. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestDaemon } from '../lib/daemon.js';
import { Hook, runHook } from '../lib/hook.js';
import { pidsNaming } from '../lib/processes.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';
import { FEW_PARKED, wholePool } from './pool.js';

const MIB = 1024 * 1024;
const LIMIT_BYTES = 96 * MIB;
/** Each below the limit, both together above it. */
const GREEDY = 'import time; taken = bytearray(70 << 20); print("taken", flush=True); time.sleep(60)';

let daemon: TestDaemon;
beforeAll(() => {
  const limits = { SUPERVISOR_CGROUP: 'none', SUPERVISOR_MEMORY_MAX_BYTES: String(LIMIT_BYTES) };
  daemon = TestDaemon.start({ ...FEW_PARKED, ...limits });
});
afterAll(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

it('two processes of one hook, too large together: both end, it is told so, the neighbour answers, the pool is whole', async () => {
  const { keeper } = await wholePool(daemon, 'exec');
  const neighbour = new Hook(daemon.home, ['cat'], { stdin: null });
  const mark = `greedy-${daemon.home.root}`;
  const greedy = `"$1" -ISc '${GREEDY}' "$0" & "$1" -ISc '${GREEDY}' "$0" & wait`;
  const end = await runHook(daemon.home, ['/bin/sh', '-c', greedy, mark, findPython().executable]);
  expect(end).toMatchObject({ code: 1, signal: null, explained: { outcome: 'limitHit' } });
  expect(end.stderr).toBe(`hook-supervisor: hook stopped: memory limit of ${LIMIT_BYTES} reached\n`);
  await waitFor('the end of both', () => (pidsNaming(mark).length === 0 ? true : undefined));
  neighbour.process.stdin.end('still here');
  expect(await neighbour.end).toMatchObject({ code: 0, stdout: 'still here', explained: { outcome: 'answered' } });
  expect((await wholePool(daemon, 'exec')).keeper).toBe(keeper);
});
