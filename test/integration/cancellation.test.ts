/** Who cancels, and how soon all that the hook has started is gone. What is asserted does not depend on the clock; the times are
 *  printed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FrameKind } from '../../supervisor/contract/wire.js';
import { call, frame } from '../attack/peer.js';
import { TestDaemon } from '../lib/daemon.js';
import { counted, Hook, starts } from '../lib/hook.js';
import { identify, isAlive, type ProcessIdentity } from '../lib/processes.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

/** Itself, a child, a child in a session of its own, and an orphan in one: only the first shares anything with the hook. */
const TREE = 'sleep 60 & echo $! >> "$1"; setsid sleep 60 & echo $! >> "$1"; (setsid sleep 60 & echo $! >> "$1"); wait';
const TREE_SIZE = 4;
const TIMES = 9;
const LOOK_EVERY_MS = 1;
const GIVE_UP_MS = 10_000;
const CLOSING_CLIENT = join(import.meta.dirname, '..', 'fixtures', 'closing_client.py');

let daemon: TestDaemon;
beforeAll(() => {
  daemon = TestDaemon.start();
});
afterAll(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

interface Client {
  cancel(): void;
  /** What became of it, once the hook is gone. */
  end(): Promise<unknown>;
}

/** A client of ours, and a signal to it. */
const signalled = (signal: NodeJS.Signals) => (argv: string[]) => {
  const hook = new Hook(daemon.home, argv, { explain: false });
  return { cancel: () => hook.process.kill(signal), end: () => hook.end };
};

function closing(argv: string[]): Client {
  const args = ['-I', CLOSING_CLIENT, daemon.home.callSocket, frame(FrameKind.CALL, call(argv))];
  const client: ChildProcess = spawn(findPython().executable, args, { stdio: ['pipe', 'ignore', 'inherit'] });
  return {
    cancel: () => client.stdin?.write('close\n'),
    end: async () => {
      const hasEnded = client.exitCode !== null;
      client.stdin?.end();
      return { hasEnded };
    },
  };
}

async function untilGone(processes: ProcessIdentity[]): Promise<number> {
  const beganAtMs = performance.now();
  while (processes.some(isAlive)) {
    if (performance.now() - beganAtMs > GIVE_UP_MS) throw new Error(`${processes.filter(isAlive).length} live on`);
    await sleep(LOOK_EVERY_MS);
  }
  return performance.now() - beganAtMs;
}

it.each([
  ['SIGTERM to the client', signalled('SIGTERM'), { signal: 'SIGTERM', stderr: '' }],
  ['SIGINT to the client', signalled('SIGINT'), { signal: 'SIGINT', stderr: '' }],
  ['SIGHUP to the client', signalled('SIGHUP'), { signal: 'SIGHUP', stderr: '' }],
  ['SIGKILL of the client', signalled('SIGKILL'), { signal: 'SIGKILL', stderr: '' }],
  ['a closed connection of a client that lives on', closing, { hasEnded: false }],
])('%s ends the hook and all that it has started', async (what, begin, became) => {
  const tookMs: number[] = [];
  const cancelled = async () => (await daemon.status()).calls.byOutcome.cancelled ?? 0;
  const before = await cancelled();
  for (let time = 0; time < TIMES; time++) {
    const file = join(mkdtempSync(join(daemon.home.root, 'tree-')), 'pids');
    const client: Client = begin(counted(file, TREE));
    const pids = await waitFor('the tree', () => (starts(file).length === TREE_SIZE ? starts(file) : undefined));
    const tree = pids.flatMap((pid) => identify(pid) ?? []);
    expect(tree).toHaveLength(TREE_SIZE);
    client.cancel();
    tookMs.push(await untilGone(tree));
    expect(await client.end()).toMatchObject(became);
  }
  await waitFor('its account', async () => ((await cancelled()) === before + TIMES ? true : undefined));
  tookMs.sort((a, b) => a - b);
  const [median = 0, longest = 0] = [tookMs[(TIMES - 1) / 2], tookMs.at(-1)];
  console.log(
    `${what}: all ${TREE_SIZE} gone after ${median.toFixed(1)} ms (median of ${TIMES}), ${longest.toFixed(1)} at most`,
  );
});
