/** Waiting for a pool of a test's daemon. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PoolStatus, WorkerStatus } from '../../supervisor/contract/status.js';
import type { TestDaemon } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

export type Runtime = PoolStatus['runtime'];
export const PARKED = 2;
export const FEW_PARKED = { SUPERVISOR_PARKED_EXEC: String(PARKED), SUPERVISOR_PARKED_PYTHON: String(PARKED) };

/** A hook that writes its pid into a file, then what it reads to stdout. */
export const COUNTED_PYTHON = `
import os, sys
with open(sys.argv[1], 'a') as file:
    file.write(f'{os.getpid()}\\n')
print(sys.stdin.read(), end='')
`;

/** The pool once it is whole: ready, with all its parked processes. */
export function wholePool(daemon: TestDaemon, runtime: Runtime): Promise<PoolStatus & { keeper: number }> {
  return waitFor(`a whole ${runtime} pool`, async () => {
    const { pools, keepers } = await daemon.status();
    const pool = pools.find((one) => one.runtime === runtime);
    const keeper = keepers.find((one) => one.pool === pool?.id)?.pid;
    const isWhole = pool?.state === 'ready' && pool.parked === PARKED && pool.busy === 0;
    return isWhole && keeper !== undefined ? { ...pool, keeper } : undefined;
  });
}

export function parkedIn(pool: PoolStatus): WorkerStatus[] {
  return pool.workers.filter(({ kind, state }) => kind === 'parked' && state === 'parked');
}

/** Words that run a Python script of the test, and the pool of that interpreter, whole. */
export async function warmPython(daemon: TestDaemon, text: string) {
  const script = join(daemon.home.root, 'hook.py');
  writeFileSync(script, text);
  const argv = [findPython().executable, script];
  await runHook(daemon.home, [findPython().executable, '-c', 'pass']);
  return { argv, pool: await wholePool(daemon, 'python') };
}
