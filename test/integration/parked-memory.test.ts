/** Parked processes of all interpreters stay within the memory set aside for them; calls are answered all the same. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../supervisor/contract/limits.js';
import type { PoolStatus } from '../../supervisor/contract/status.js';
import { TestDaemon } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

const PYTHON = findPython().executable;
/** Two pools of Python, by their flags, and one of Node. */
const HOOKS = {
  plain: { argv: [PYTHON, 'hook.py'], describes: PYTHON },
  isolated: { argv: [PYTHON, '-I', 'hook.py'], describes: `${PYTHON} -I` },
  node: { argv: [process.execPath, 'hook.js'], describes: process.execPath },
} as const;
/** Longer than the calls of one burst, and than it takes to decide on them. */
const BURSTS_APART_MS = 1_000;
type HookName = keyof typeof HOOKS;

let daemon: TestDaemon;
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

function start(parkedMemoryMaxBytes: number, parked: number | string): void {
  daemon = TestDaemon.start({
    SUPERVISOR_PARKED_MEMORY_MAX_BYTES: String(parkedMemoryMaxBytes),
    SUPERVISOR_PARKED_PYTHON: String(parked),
    SUPERVISOR_PARKED_NODE: String(parked),
  });
  writeFileSync(join(daemon.home.root, 'hook.py'), 'import sys; print("said", sys.stdin.read())');
  writeFileSync(join(daemon.home.root, 'hook.js'), 'process.stdin.on("data", (text) => console.log(`said ${text}`));');
}

/** @returns the path that it took. */
async function call(name: HookName): Promise<string | undefined> {
  const end = await runHook(daemon.home, HOOKS[name].argv, { stdin: name });
  expect(end).toMatchObject({ code: 0, stdout: `said ${name}\n`, explained: { outcome: 'answered' } });
  return end.explained?.path;
}

async function poolOf(name: HookName): Promise<PoolStatus | undefined> {
  return (await daemon.status()).pools.find(({ describes }) => describes === HOOKS[name].describes);
}

async function parked(name: HookName): Promise<number> {
  return (await poolOf(name))?.parked ?? 0;
}

function untilParked(name: HookName, count: number): Promise<true> {
  return waitFor(`${count} parked for ${name}`, async () => (await parked(name)) === count || undefined);
}

describe('nothing set aside: the pool used last keeps one process', () => {
  it('the pool before it keeps none, is served all the same, and gets its process back', async () => {
    start(0, 4);
    await call('plain');
    await untilParked('plain', 1);
    await call('isolated');
    await untilParked('isolated', 1);
    await untilParked('plain', 0);
    // Python waits for a fork.
    expect(await call('plain')).toBe('worker');
    await untilParked('plain', 1);
    await untilParked('isolated', 0);
    expect(await call('plain')).toBe('worker');
  });

  it('a Node hook whose pool keeps none goes to exec at once; the next one is answered by the warm one', async () => {
    start(0, 4);
    await call('node');
    await untilParked('node', 1);
    await call('plain');
    await untilParked('node', 0);
    expect(await call('node')).toBe('exec');
    await untilParked('node', 1);
    expect(await call('node')).toBe('worker');
  });

  it('calls of three pools at once are all answered, each by a worker or exec', async () => {
    start(0, 4);
    const names: HookName[] = ['plain', 'isolated', 'node'];
    const paths: (string | undefined)[] = [];
    for (let round = 0; round < 8; round++) paths.push(...(await Promise.all(names.map((name) => call(name)))));
    expect(paths.filter((path) => path !== 'worker' && path !== 'exec')).toEqual([]);
    const { active, queued, byOutcome } = (await daemon.status()).calls;
    expect({ active, queued, outcomes: Object.keys(byOutcome) }).toEqual({
      active: 0,
      queued: 0,
      outcomes: ['answered'],
    });
  });
});

describe('room for two and a half processes', () => {
  /** By what a pool of two says of itself where there is room for all. */
  async function costBytes(): Promise<number> {
    start(2 ** 40, 2);
    await call('plain');
    await untilParked('plain', 2);
    const cost = ((await poolOf('plain'))?.parkedMemoryBytes ?? 0) / 2;
    expect(await daemon.stop(), 'left behind').toEqual([]);
    return cost;
  }

  it('the older pool gives one up to a newer one, and has it back when it is used and the other is not', async () => {
    const cost = await costBytes();
    expect(cost).toBeGreaterThan(1024 ** 2);
    start(Math.round(2.5 * cost), 2);
    await call('plain');
    await untilParked('plain', 2);
    await call('isolated');
    await untilParked('isolated', 1);
    await untilParked('plain', 1);
    for (let i = 0; i < LIMITS.poolInUseCalls; i++) {
      await waitFor('a process that the switchboard may use', async () => (await parked('plain')) > 0 || undefined);
      await runHook(daemon.home, HOOKS.plain.argv, { explain: false });
    }
    expect((await daemon.status()).calls.switched).toBeGreaterThan(LIMITS.poolInUseCalls / 2);
    await untilParked('isolated', 0);
    await untilParked('plain', 2);
    const { parkedMemory, pools } = await daemon.status();
    expect(parkedMemory.maxBytes).toBe(Math.round(2.5 * cost));
    expect(parkedMemory.usedBytes).toBeLessThanOrEqual(parkedMemory.maxBytes);
    expect(parkedMemory.usedBytes).toBe(pools.reduce((sum, pool) => sum + pool.parkedMemoryBytes, 0));
  });
});

describe('bursts of eight hooks of one event', () => {
  async function burst(name: HookName): Promise<number> {
    const before = (await daemon.status()).calls.byPath.worker;
    await Promise.all(Array.from({ length: 8 }, () => runHook(daemon.home, HOOKS[name].argv, { stdin: name })));
    return (await daemon.status()).calls.byPath.worker - before;
  }

  it('four Nodes are parked before them, eight after them: then all are answered by one; the log says what for', async () => {
    start(2 ** 30, '2-24');
    await call('node');
    await untilParked('node', 4);
    expect(await burst('node')).toBeLessThan(8);
    // A busy machine spreads some of them, and starts the processes one by one.
    for (let more = 0; more < 10 && (await parked('node')) < 8; more++) {
      await burst('node');
      await setTimeout(BURSTS_APART_MS);
    }
    await untilParked('node', 8);
    expect(await burst('node')).toBe(8);
    expect((await poolOf('node'))?.parking).toMatchObject({ wanted: 8, min: 2, max: 24, fanOut: 8 });
    expect(daemon.home.log()).toMatch(/"happening":"scaled".*"parkedAfter":8.*"fanOut":8/);
  });
});
