import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Runtime } from '../../../supervisor/contract/call.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { Demand, type ParkedCounts } from '../../../supervisor/pool/demand.js';
import type { Scaling } from '../../../supervisor/pool/scaling.js';
import { type Sharer, Shares } from '../../../supervisor/pool/shares.js';
import { FakeClock } from '../../lib/fake-clock.js';

const COST_BYTES = 10;

const HOUR_MS = 3_600_000;
const ROOMY = { spareMemoryBytes: 2 ** 40, memoryPressurePercent: 0, cpuPressurePercent: 0 };

let clock: FakeClock;
let told: [FakePool, Scaling][];
beforeEach(() => {
  clock = new FakeClock();
  told = [];
});

class FakePool implements Sharer {
  readonly cost = { steadyBytes: COST_BYTES };
  readonly spec: { runtime: Runtime };
  readonly demand: Demand;
  parkedMemoryBytes = 0;
  /** Every count it was told that differs from the one before. */
  readonly told: number[] = [];
  readonly target: { share: number; setShare(count: number): void };

  constructor(counts: ParkedCounts = { min: 4, max: 4, first: 4 }, runtime: Runtime = 'node') {
    this.spec = { runtime };
    this.demand = new Demand(counts, 32, runtime, clock.now);
    this.target = {
      share: counts.first,
      setShare: (count) => {
        if (count !== this.target.share) this.told.push(count);
        this.target.share = count;
      },
    };
  }

  get share(): number {
    return this.target.share;
  }

  /** As often as it takes to be believed. */
  burst(calls: number): void {
    for (let times = 0; times < 2; times++) {
      clock.now += 1000;
      for (let call = 0; call < calls; call++) this.demand.arrived(clock.now);
    }
  }
}

function sharesOf(setAsideBytes: number): Shares<FakePool> {
  return new Shares<FakePool>(
    setAsideBytes,
    () => clock.now,
    (pool, scaling) => told.push([pool, scaling]),
  );
}

function use(shares: Shares<FakePool>, pool: FakePool, times: number): void {
  for (let i = 0; i < times; i++) shares.used(pool);
}

test('a newcomer gets one at the cost of the pool before it, and all once that one is out of use', () => {
  const shares = sharesOf(4 * COST_BYTES);
  const [older, newer] = [new FakePool(), new FakePool()];
  shares.join(older);
  expect(older.share).toBe(4);
  shares.join(newer);
  expect([older.share, newer.share]).toEqual([3, 1]);
  use(shares, newer, LIMITS.poolInUseCalls);
  expect([older.share, newer.share]).toEqual([0, 4]);
  shares.used(older);
  expect([older.share, newer.share]).toEqual([1, 3]);
  use(shares, older, LIMITS.poolInUseCalls);
  expect([older.share, newer.share]).toEqual([4, 0]);
});

test('pools that are used in turns, however, keep what they have: nothing is ended or started at every call', () => {
  const pools = [new FakePool(), new FakePool(), new FakePool()];
  const within = LIMITS.poolInUseCalls / 2; // calls until each has been used again
  const turns = fc.array(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), { minLength: 1, maxLength: within });
  fc.assert(
    fc.property(turns, (rounds) => {
      const shares = sharesOf(6 * COST_BYTES);
      for (const pool of pools) shares.join(pool);
      const before = pools.map(({ told }) => told.length);
      for (const index of rounds.flat()) shares.used(pools[index] as FakePool);
      expect(pools.map(({ told }) => told.length)).toEqual(before);
    }),
  );
});

test('a pool that leaves gives its share to the others', () => {
  const shares = sharesOf(4 * COST_BYTES);
  const [older, newer] = [new FakePool(), new FakePool()];
  shares.join(older);
  shares.join(newer);
  shares.leave(newer);
  expect(older.share).toBe(4);
  shares.used(newer);
  expect(newer.share).toBe(1);
});

test('processes that turn out dearer are fewer', () => {
  const shares = sharesOf(4 * COST_BYTES);
  const pool = new FakePool();
  shares.join(pool);
  pool.cost.steadyBytes = 2 * COST_BYTES;
  shares.divide();
  expect(pool.share).toBe(2);
});

describe('a pool that wants more after bursts', () => {
  const RANGE = { min: 2, max: 24, first: 4 };

  test('gets it once it is reconsidered, told with what was wanted before; after a quiet hour it has its least', () => {
    const shares = sharesOf(100 * COST_BYTES);
    const pool = new FakePool(RANGE);
    shares.join(pool);
    pool.burst(8);
    shares.reconsider(ROOMY);
    expect(pool.share).toBe(8);
    clock.now += HOUR_MS;
    expect(shares.isUnsettled).toBe(true);
    shares.reconsider(ROOMY);
    expect(pool.share).toBe(2);
    expect(shares.isUnsettled).toBe(false);
    const seen = told.map(([, { before, after, wantedBefore }]) => [before, after, wantedBefore]);
    expect(seen).toEqual([
      [4, 4, undefined],
      [4, 8, 4],
      [8, 2, 8],
    ]);
  });

  test('takes nothing from the least of another, and of the rest what is wanted more often goes first', () => {
    const shares = sharesOf(12 * COST_BYTES);
    const [often, seldom] = [new FakePool(RANGE), new FakePool(RANGE)];
    shares.join(seldom);
    shares.join(often);
    seldom.burst(12);
    for (let i = 0; i < 4; i++) often.burst(12);
    shares.reconsider(ROOMY);
    expect([seldom.share, often.share]).toEqual([2, 10]);
  });

  test('gets no more than the host has room for, gives back what is missing, and is still unsettled then', () => {
    const shares = sharesOf(100 * COST_BYTES);
    const pool = new FakePool(RANGE);
    shares.join(pool);
    pool.parkedMemoryBytes = 4 * COST_BYTES;
    pool.burst(8);
    shares.reconsider({ ...ROOMY, spareMemoryBytes: 2 * COST_BYTES });
    expect(pool.share).toBe(6);
    expect(told.at(-1)?.[1].head.why).toBe('too little memory is free');
    shares.reconsider({ ...ROOMY, spareMemoryBytes: -3 * COST_BYTES });
    expect(pool.share).toBe(1);
    expect(shares.isUnsettled).toBe(true);
  });

  test('keeps what it has under memory pressure, and gains one at a time while processors are busy', () => {
    const shares = sharesOf(100 * COST_BYTES);
    const pool = new FakePool(RANGE);
    shares.join(pool);
    pool.burst(8);
    shares.reconsider({ ...ROOMY, memoryPressurePercent: LIMITS.memoryPressureMaxPercent });
    expect(pool.share).toBe(4);
    const busy = { ...ROOMY, cpuPressurePercent: LIMITS.cpuPressureMaxPercent };
    for (const share of [5, 6]) {
      shares.reconsider(busy);
      shares.used(pool);
      expect(pool.share).toBe(share);
    }
    shares.reconsider(ROOMY);
    expect(pool.share).toBe(8);
  });

  test('is not told of what stays as it is', () => {
    const shares = sharesOf(100 * COST_BYTES);
    const pool = new FakePool(RANGE);
    shares.join(pool);
    for (let i = 0; i < 3; i++) shares.reconsider(ROOMY);
    expect(told).toHaveLength(1);
  });
});

test('processes of exec cost nothing: its pool gets what it wants, and its calls put no interpreter out of use', () => {
  const shares = sharesOf(4 * COST_BYTES);
  const [exec, older, newer] = [new FakePool({ min: 8, max: 24, first: 8 }, 'exec'), new FakePool(), new FakePool()];
  for (const pool of [exec, older, newer]) shares.join(pool);
  expect([exec.share, older.share, newer.share]).toEqual([8, 3, 1]);
  use(shares, exec, LIMITS.poolInUseCalls);
  use(shares, newer, 1);
  expect([older.share, newer.share]).toEqual([3, 1]);
  exec.burst(20);
  shares.reconsider({ ...ROOMY, spareMemoryBytes: 0 });
  expect(exec.share).toBe(20);
});
