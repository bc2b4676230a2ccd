/** 1,000 calls, each cancelled: at any moment before its hook runs, or once it has started others. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestDaemon } from '../lib/daemon.js';
import { counted, Hook, starts } from '../lib/hook.js';
import { commandLine, descendants, identify } from '../lib/processes.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

const CALLS = 1_000;
const CLIENTS = 8;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGKILL', 'SIGHUP'] as const;
const TREE_SIZE = 3;
/** Children in the hook's session and in one of their own. */
const TREE = 'sleep 60 & echo $! >> "$1"; setsid sleep 60 & echo $! >> "$1"; wait';
const PYTHON_TREE = `
import os, subprocess, sys
with open(sys.argv[1], 'a') as file:
    print(os.getpid(), file=file)
    for session in (False, True):
        print(subprocess.Popen(['sleep', '60'], start_new_session=session).pid, file=file)
os.wait()
`;
/** A client connects, and its hook begins, within the first of these. */
const EARLY_MAX_MS = 20;

let daemon: TestDaemon;
beforeAll(() => {
  daemon = TestDaemon.start();
});
afterAll(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

function hookOf(number: number, file: string): string[] {
  return number % 8 < 4 ? counted(file, TREE) : [findPython().executable, '-c', PYTHON_TREE, file];
}

/** Every other call before its hook can have begun, or just as it does. */
async function cancelledCall(number: number): Promise<string | null> {
  const file = join(mkdtempSync(join(daemon.home.root, 'call-')), 'pids');
  const hook = new Hook(daemon.home, hookOf(number, file), { explain: false });
  const isEarly = number % 2 === 1;
  if (isEarly) await sleep((number * 7) % EARLY_MAX_MS);
  else await waitFor('the tree', () => (starts(file).length === TREE_SIZE ? true : undefined));
  hook.process.kill(SIGNALS[(number >> 1) % SIGNALS.length]);
  return (await hook.end).signal;
}

/** What below the daemon is neither its own nor parked. */
async function residue(): Promise<string[]> {
  const { pid, keepers, pools, calls } = await daemon.status();
  const workers = pools.flatMap((pool) => pool.workers);
  const known = new Set([...keepers, ...workers].map((one) => one.pid));
  const strangers = descendants([pid]).filter((one) => !known.has(one) && identify(one) !== undefined);
  return [
    ...(calls.active + calls.queued > 0 ? [`${calls.active} calls run, ${calls.queued} wait`] : []),
    ...workers
      .filter(({ kind, state }) => kind === 'parked' && state !== 'parked')
      .map((one) => `${one.pid} is ${one.state}`),
    ...strangers.map((one) => `process ${one}: ${commandLine(one)}`),
  ];
}

it('1,000 cancelled calls leave nothing', { timeout: 300_000 }, async () => {
  const before = (await daemon.status()).calls;
  const ends: (string | null)[] = [];
  let next = 0;
  const client = async () => {
    for (let number = next++; number < CALLS; number = next++) ends[number] = await cancelledCall(number);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  expect(ends.filter((signal, number) => signal !== SIGNALS[(number >> 1) % SIGNALS.length])).toEqual([]);
  await waitFor('the daemon to rest', async () => ((await residue()).length === 0 ? true : undefined)).catch(() => {});
  expect(await residue()).toEqual([]);
  const { byOutcome, total } = (await daemon.status()).calls;
  // The others were cancelled before they had come to the daemon.
  const came = total - before.total;
  expect(came).toBeGreaterThanOrEqual(CALLS / 2);
  expect(byOutcome).toEqual({ ...before.byOutcome, cancelled: came });
  console.log(`${came} of ${CALLS} calls had come to the daemon, all were cancelled`);
});
