/** Calls pass through the ring of shared memory, and a ring that somebody has scribbled over is given up with its keeper. */
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestDaemon } from '../lib/daemon.js';
import { counted, Hook, runHook, starts } from '../lib/hook.js';
import { onlyRoot } from '../lib/skip.js';
import { waitFor } from '../lib/wait.js';

const RING_NAME = 'memfd:hook-supervisor-ring';
const RING_MAGIC = 0x676e697248535631n; // as in native-shim/lib/ring.h
const TAIL_OFFSET = 128;
const hidden = onlyRoot('may look into a keeper, which hides its memory from its own user');

let daemon: TestDaemon;
beforeEach(() => {
  daemon = TestDaemon.start();
});
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

async function execKeeper() {
  return waitFor('a ready pool', async () => {
    const { pools, keepers } = await daemon.status();
    const pool = pools.find(({ runtime }) => runtime === 'exec');
    const pid = keepers.find((one) => one.pool === pool?.id)?.pid;
    return pool?.state === 'ready' && pid !== undefined ? { pid, restarts: pool.restarts } : undefined;
  });
}

/** Where the rings lie in a process; it is non-dumpable, so only root may look. */
function ringAddress(pid: number): number {
  const lines = readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n');
  const mapping = lines.find((line) => line.includes(RING_NAME));
  return Number.parseInt(mapping?.split('-')[0] ?? '', 16);
}

/** Reads or writes eight bytes of another process. */
function memoryWord(pid: number, address: number, value?: bigint): bigint {
  const fd = openSync(`/proc/${pid}/mem`, value === undefined ? 'r' : 'r+');
  const word = Buffer.alloc(8);
  try {
    if (value === undefined) readSync(fd, word, 0, 8, address);
    else {
      word.writeBigUInt64LE(value);
      writeSync(fd, word, 0, 8, address);
    }
    return word.readBigUInt64LE();
  } finally {
    closeSync(fd);
  }
}

it('every call passes at least START, its output and END through the ring', async () => {
  const calls = 10;
  await execKeeper();
  const before = (await daemon.status()).ring;
  for (let number = 0; number < calls; number++) await runHook(daemon.home, ['echo', String(number)]);
  const after = (await daemon.status()).ring;
  expect(after.records - before.records).toBeGreaterThanOrEqual(3 * calls);
  expect(after.wakeups).toBeGreaterThan(before.wakeups);
});

it('the words of the keeper’s ring move with a call', hidden, async () => {
  const { pid } = await execKeeper();
  const at = ringAddress(pid);
  expect(memoryWord(pid, at)).toBe(RING_MAGIC);
  const tail = memoryWord(pid, at + TAIL_OFFSET);
  await runHook(daemon.home, ['true']);
  expect(memoryWord(pid, at + TAIL_OFFSET)).toBeGreaterThan(tail);
});

/** Overwrites a word while a hook runs and, the keeper being stopped for a moment, another call lies unread in the ring. */
async function scribble(offset: number, value: bigint) {
  const keeper = await execKeeper();
  const file = join(daemon.home.root, 'starts');
  const running = new Hook(daemon.home, counted(file, 'sleep 60'));
  await waitFor('its start', () => (starts(file).length === 1 ? true : undefined));
  process.kill(keeper.pid, 'SIGSTOP');
  const unread = new Hook(daemon.home, counted(file, 'cat'), { stdin: 'unread' });
  await waitFor('the second to be sent', async () => ((await daemon.status()).calls.active === 2 ? true : undefined));
  memoryWord(keeper.pid, ringAddress(keeper.pid) + offset, value);
  process.kill(keeper.pid, 'SIGCONT');
  return { keeper, file, running, unread };
}

for (const [name, offset, value] of [
  ['magic', 0, 0x6261642073636962n],
  ['tail', TAIL_OFFSET, 0xffff_ffff_ffff_fff8n],
] as const) {
  it(
    `${name} overwritten: the keeper is given up, its hook crashed, the unread call answered once`,
    hidden,
    async () => {
      const { keeper, file, running, unread } = await scribble(offset, value);
      expect(await unread.end).toMatchObject({
        code: 0,
        stdout: 'unread',
        explained: { path: 'exec', outcome: 'answered' },
      });
      expect(await running.end).toMatchObject({ code: 1, signal: null, stdout: '', explained: { outcome: 'crashed' } });
      expect(starts(file)).toHaveLength(2);
      const now = await execKeeper();
      expect(now.pid).not.toBe(keeper.pid);
      expect(now.restarts).toBe(keeper.restarts + 1);
      expect(memoryWord(now.pid, ringAddress(now.pid))).toBe(RING_MAGIC);
    },
  );
}

it(
  'magic overwritten while all is idle: the call that meets it is answered by the next keeper, once',
  hidden,
  async () => {
    const keeper = await execKeeper();
    const file = join(daemon.home.root, 'starts');
    memoryWord(keeper.pid, ringAddress(keeper.pid), 0n);
    const answer = await runHook(daemon.home, counted(file, 'echo answered'));
    expect(answer).toMatchObject({ code: 0, stdout: 'answered\n', explained: { path: 'exec', outcome: 'answered' } });
    expect(starts(file)).toHaveLength(1);
    expect((await execKeeper()).pid).not.toBe(keeper.pid);
  },
);
