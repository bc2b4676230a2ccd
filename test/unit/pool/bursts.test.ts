/** Pools that follow what calls ask of them. */
import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { OUTCOME_CODE } from '../../../supervisor/contract/outcome.js';
import { HELLO_BYTES, RecordKind, START_HEAD_BYTES, TASK_END_BYTES } from '../../../supervisor/contract/wire.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import {
  clock,
  happenings,
  hopeless,
  keepers,
  parked,
  pools,
  resetPools,
  spec,
  targets,
  usePools,
} from './pools-scene.js';

beforeEach(resetPools);

describe('bursts', () => {
  const RANGE = { min: 2, max: 24, first: 4 };
  const HOUR_MS = 3_600_000;

  async function pass(ms: number): Promise<void> {
    clock.pass(ms);
    await new Promise((done) => setImmediate(done));
  }

  /** A pool that has been there for a while. */
  async function rangedPool(): Promise<Pool> {
    const pool = pools.forKey('r', () => ({ ...spec('r'), runtime: 'node', parked: RANGE, slots: 32 }), false) as Pool;
    keepers[0]?.onRecord(RecordKind.HELLO, 0, 0, 0, 0, Buffer.alloc(HELLO_BYTES));
    await pass(LIMITS.scalingDelayMs);
    return pool;
  }

  test('of calls that came this way: so many are parked after the second one, and the least after a quiet hour', async () => {
    await rangedPool();
    for (let times = 0; times < 2; times++) {
      await pass(1000);
      for (let call = 0; call < 8; call++) pools.forKey('r', () => spec('r'), false);
    }
    await pass(LIMITS.scalingDelayMs);
    expect(targets).toEqual([[8]]);
    await pass(HOUR_MS);
    expect(targets).toEqual([[8, 2]]);
    expect(clock.timers.filter(({ dueMs }) => dueMs > clock.now + LIMITS.keeperLookEveryMs)).toEqual([]);
    expect(happenings.map(({ about }) => about)).toEqual([
      'parks 1: a new pool',
      'parks 4: a new pool',
      'parks 8 instead of 4: bursts of 8 calls',
      'parks 2 instead of 8: no such bursts lately',
    ]);
    expect(happenings.every(({ kind, pool }) => kind === 'scaled' && pool !== undefined)).toBe(true);
  });

  test('of calls that the switchboard answered count from when they came, though they are told one by one later', async () => {
    const pool = await rangedPool();
    const end = Buffer.alloc(TASK_END_BYTES);
    end.writeUInt32LE(OUTCOME_CODE.answered, 0);
    for (let times = 0; times < 2; times++) {
      const cameAtMs = clock.now;
      for (let call = 0; call < 8; call++) {
        await pass(300); // told so far apart that they would be no burst
        keepers[0]?.onAnswered({}, 0, 1, 40, clock.now - cameAtMs - 40, end);
      }
    }
    await pass(LIMITS.scalingDelayMs);
    expect(targets[0]?.at(-1)).toBe(8);
    expect(pool.demand.figures(clock.now).concurrency).toBeCloseTo((16 * 40) / 60_000, 2);
  });

  test('hooks that run count for as long as they do', async () => {
    const pool = await rangedPool();
    keepers[0]?.onRecord(RecordKind.PARKED, 0, 0, 0, 1, parked(0));
    const lease = pool.lease();
    if (lease === undefined) throw new Error('nothing is parked');
    pool.begin(lease, 1, Buffer.alloc(START_HEAD_BYTES), [0], { ended() {} } as never);
    await pass(6_000);
    const end = Buffer.alloc(TASK_END_BYTES);
    end.writeUInt32LE(OUTCOME_CODE.answered, 0);
    keepers[0]?.onRecord(RecordKind.END, 0, 1, 0, 1, end);
    expect(pool.demand.figures(clock.now).concurrency).toBeCloseTo(6_000 / 60_000);
  });

  test('of calls for which none is parked go on, though the calls come slowly', async () => {
    const pool = await rangedPool();
    keepers[0]?.onRecord(RecordKind.PARKED, 0, 0, 0, 1, parked(0));
    pool.lease();
    for (let times = 0; times < 2; times++) {
      await pass(1000);
      for (let call = 0; call < 8; call++) {
        pools.forKey('r', () => spec('r'), false);
        expect(pool.lease()).toBeUndefined();
        await pass(150);
      }
    }
    expect(pool.demand.figures(clock.now).fanOut).toBe(8);
  });

  test('of commands that no interpreter is kept warm for make the pool of exec larger', async () => {
    usePools(2, { parked: { min: 8, max: 24, first: 8 }, slots: 32 });
    pools.exec.start();
    for (let times = 0; times < 2; times++) {
      await pass(1000);
      for (let call = 0; call < 20; call++) expect(pools.forAnyCommand()).toBe(pools.exec);
    }
    await pass(LIMITS.scalingDelayMs);
    expect(targets).toEqual([[20]]);
  });

  test('are nothing to a pool in quarantine: its share is not decided on', async () => {
    const pool = await rangedPool();
    hopeless();
    await pass(0);
    expect(pool.state).toBe('quarantined');
    await pass(HOUR_MS);
    expect(happenings.filter(({ about }) => about.includes('instead'))).toEqual([]);
  });

  test('are parked for in the pool of exec also after it was in quarantine', async () => {
    usePools(2, { parked: { min: 1, max: 24, first: 1 }, slots: 32 });
    pools.exec.start();
    hopeless();
    await pass(0); // its keeper goes
    await pass(LIMITS.quarantineFirstMs);
    keepers.at(-1)?.onRecord(RecordKind.PARKED, 0, 0, 0, 1, parked(0));
    expect(pools.exec.isReady).toBe(true);
    for (let times = 0; times < 2; times++) {
      await pass(1000);
      for (let call = 0; call < 5; call++) pools.forAnyCommand();
    }
    await pass(LIMITS.scalingDelayMs);
    expect(targets.at(-1)).toEqual([5]);
  });
});
