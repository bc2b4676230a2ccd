import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { type Sharer, Shares } from '../../../supervisor/pool/shares.js';

const COST_BYTES = 10;

class FakePool implements Sharer {
  readonly spec = { parked: 4 };
  readonly cost = { steadyBytes: COST_BYTES };
  /** Every count it was told that differs from the one before. */
  readonly told: number[] = [];
  get share(): number | undefined {
    return this.told.at(-1);
  }
  readonly target = {
    setShare: (count: number) => {
      if (count !== this.share) this.told.push(count);
    },
  };
}

function use(shares: Shares, pool: Sharer, times: number): void {
  for (let i = 0; i < times; i++) shares.used(pool);
}

test('a newcomer gets one at the cost of the pool before it, and all once that one is out of use', () => {
  const shares = new Shares(4 * COST_BYTES);
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
      const shares = new Shares(6 * COST_BYTES);
      for (const pool of pools) shares.join(pool);
      const before = pools.map(({ told }) => told.length);
      for (const index of rounds.flat()) shares.used(pools[index] as FakePool);
      expect(pools.map(({ told }) => told.length)).toEqual(before);
    }),
  );
});

test('a pool that leaves gives its share to the others', () => {
  const shares = new Shares(4 * COST_BYTES);
  const [older, newer] = [new FakePool(), new FakePool()];
  shares.join(older);
  shares.join(newer);
  shares.leave(newer);
  expect(older.share).toBe(4);
  shares.used(newer);
  expect(newer.share).toBe(1);
});

test('processes that turn out dearer are fewer', () => {
  const shares = new Shares(4 * COST_BYTES);
  const pool = new FakePool();
  shares.join(pool);
  pool.cost.steadyBytes = 2 * COST_BYTES;
  shares.divide();
  expect(pool.share).toBe(2);
});
