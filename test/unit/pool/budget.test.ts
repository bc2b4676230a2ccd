import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { apportion, type Claim, isInUse } from '../../../supervisor/pool/budget.js';

const NOW = 1000;
const LONG_AGO = NOW - LIMITS.poolInUseCalls;

/** Wants four in any case. */
function claim(usedAt: number, change: Partial<Claim> = {}): Claim {
  return { least: 4, wanted: 4, timesWanted: () => 1, costBytes: 10, usedAt, inUseSince: usedAt, ...change };
}

/** Wants one in any case, and three more for bursts that came so often. */
function bursts(usedAt: number, times: number, change: Partial<Claim> = {}): Claim {
  return claim(usedAt, { least: 1, timesWanted: (n) => (n <= 4 ? times : 0), ...change });
}

describe('how many each pool may keep parked', () => {
  test.each([
    ['enough for all -> each its configured count', 80, [claim(NOW), claim(NOW - 1)], [4, 4]],
    ['not enough -> the longest in use is filled first, the other has one', 50, [claim(NOW), claim(NOW - 1)], [1, 4]],
    [
      'pools in use that do not all fit -> one for each before a second for any',
      40,
      [claim(NOW - 2), claim(NOW - 1), claim(NOW)],
      [2, 1, 1],
    ],
    ['a pool out of use -> what is left by those in use', 60, [claim(LONG_AGO), claim(NOW)], [2, 4]],
    ['two out of use -> the one used later first', 60, [claim(LONG_AGO - 1), claim(LONG_AGO), claim(NOW)], [0, 2, 4]],
    ['nothing set aside -> one for the pool used last', 0, [claim(NOW - 1), claim(NOW)], [0, 1]],
    ['dearer than all that is set aside -> still one for the pool used last', 5, [claim(NOW)], [1]],
    ['a pool configured to keep none -> none, also if used last', 80, [claim(NOW, { least: 0, wanted: 0 })], [0]],
    ['processes that cost nothing -> all of them', 0, [claim(NOW, { costBytes: 0 })], [4]],
    ['no pools', 80, [], []],
    ['more for bursts -> after the least of every pool', 60, [claim(LONG_AGO), bursts(NOW, 9)], [4, 2]],
    ['not enough for all bursts -> those that came most often', 60, [bursts(NOW, 2), bursts(NOW - 1, 9)], [2, 4]],
    ['bursts that came about as often -> the pool longest in use', 60, [bursts(NOW, 9), bursts(NOW - 1, 8)], [2, 4]],
    ['for bursts of a pool out of use, too', 60, [bursts(NOW, 2), bursts(LONG_AGO, 9)], [2, 4]],
    [
      'a process that does not fit -> one that is wanted less often and does',
      65,
      [bursts(NOW, 9, { costBytes: 30 }), bursts(NOW - 1, 2)],
      [1, 3],
    ],
    ['fewer wanted than is least -> no more than wanted', 80, [claim(NOW, { wanted: 2, least: 2 })], [2]],
  ])('%s', (_name, maxBytes, claims, counts) => {
    expect(apportion(claims, maxBytes, NOW)).toEqual(counts);
  });

  const anyClaim = fc
    .record({
      ...{ least: fc.nat(8), more: fc.nat(8), often: fc.nat(20) },
      ...{ costBytes: fc.integer({ min: 1, max: 50 }), age: fc.nat(100), before: fc.nat(100) },
    })
    .map(({ age, before, more, often, ...rest }) => ({
      ...rest,
      ...{ wanted: rest.least + more, timesWanted: (n: number) => often / n },
      ...{ usedAt: NOW - age, inUseSince: NOW - age - before },
    }));
  // As calls are: one after the other.
  const anyClaims = fc.uniqueArray(anyClaim, { maxLength: 8, selector: ({ usedAt }) => usedAt });
  const anyBytes = fc.nat(1000);
  const last = (claims: Claim[]) => claims.reduce((a, b) => (b.usedAt > a.usedAt ? b : a));

  test('never over the budget, but for one process of the pool used last', () => {
    fc.assert(
      fc.property(anyClaims, anyBytes, (claims, maxBytes) => {
        const counts = apportion(claims, maxBytes, NOW);
        const usedBytes = claims.reduce((sum, { costBytes }, index) => sum + costBytes * (counts[index] ?? 0), 0);
        expect(usedBytes).toBeLessThanOrEqual(claims.length === 0 ? 0 : Math.max(maxBytes, last(claims).costBytes));
      }),
    );
  });

  test('never above what is wanted, never below 0, and one at least for the pool used last', () => {
    fc.assert(
      fc.property(anyClaims, anyBytes, (claims, maxBytes) => {
        const counts = apportion(claims, maxBytes, NOW);
        for (const [index, { wanted }] of claims.entries()) {
          expect(counts[index]).toBeGreaterThanOrEqual(0);
          expect(counts[index]).toBeLessThanOrEqual(wanted);
        }
        if (claims.length === 0) return;
        const index = claims.indexOf(last(claims));
        expect(counts[index]).toBeGreaterThanOrEqual(Math.min(1, claims[index]?.wanted ?? 0));
      }),
    );
  });

  test('a pool goes short only if no further process of it fits', () => {
    fc.assert(
      fc.property(anyClaims, anyBytes, (claims, maxBytes) => {
        const counts = apportion(claims, maxBytes, NOW);
        const leftBytes = claims.reduce(
          (left, { costBytes }, index) => left - costBytes * (counts[index] ?? 0),
          maxBytes,
        );
        for (const [index, { wanted, costBytes }] of claims.entries()) {
          if ((counts[index] ?? 0) < wanted) expect(costBytes).toBeGreaterThan(leftBytes);
        }
      }),
    );
  });

  test('of pools that cost the same and are out of use, one used later has never the smaller part of what it may have', () => {
    fc.assert(
      fc.property(anyClaims, anyBytes, (any, maxBytes) => {
        const claims = any.map((one) => ({ ...one, costBytes: 10, least: 4, wanted: 4 }));
        const counts = apportion(claims, maxBytes, NOW);
        const idle = claims
          .map((one, index) => ({ ...one, count: counts[index] ?? 0 }))
          .filter((one) => !isInUse(one, NOW) && one.usedAt !== last(claims).usedAt)
          .sort((a, b) => b.usedAt - a.usedAt);
        expect(idle.map(({ count }) => count)).toEqual(idle.map(({ count }) => count).sort((a, b) => b - a));
      }),
    );
  });

  test('the order of the claims does not matter', () => {
    fc.assert(
      fc.property(anyClaims, anyBytes, (claims, maxBytes) => {
        const inUseOnce = claims.map((one) => ({ ...one, inUseSince: one.usedAt })); // no two since the same moment
        const counts = apportion(inUseOnce, maxBytes, NOW);
        expect(apportion([...inUseOnce].reverse(), maxBytes, NOW)).toEqual([...counts].reverse());
      }),
    );
  });
});
