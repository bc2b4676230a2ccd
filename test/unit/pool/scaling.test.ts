import { describe, expect, test } from 'vitest';
import { type Scaling, scaledHappening } from '../../../supervisor/pool/scaling.js';

const pool = {
  spec: { id: 'node-1' },
  demand: {
    counts: { min: 2, max: 24 },
    figures: () => ({ ratePerSecond: 1.23, concurrency: 2, fanOut: 8 }),
  },
  cost: { steadyBytes: 10.4 },
};
const room = { spareMemoryBytes: 500, memoryPressurePercent: 1.5, cpuPressurePercent: null };
const grown: Scaling = {
  ...{ before: 4, after: 8, wanted: 8, wantedBefore: 4, room },
  head: { maxBytes: 100, isOneByOne: false, why: undefined },
};

test('a decision is told with all that it was made of', () => {
  expect(scaledHappening(pool, grown, 0)).toEqual({
    kind: 'scaled',
    pool: 'node-1',
    about: 'parks 8 instead of 4: bursts of 8 calls',
    inputs: {
      ...{ parkedBefore: 4, parkedAfter: 8, wanted: 8, parkedMin: 2, parkedMax: 24 },
      ...{ fanOut: 8, ratePerSecond: 1.23, concurrency: 2, costBytes: 10, memoryMaxBytes: 100 },
      ...{ spareMemoryBytes: 500, memoryPressurePercent: 1.5, cpuPressurePercent: null },
    },
  });
});

describe('in words', () => {
  const short = { ...grown.head, why: 'too little memory is free' };
  test.each<[string, Partial<Scaling>, string]>([
    ['a new pool', { after: 4, wanted: 4, wantedBefore: undefined }, 'parks 4: a new pool'],
    ['quiet', { before: 8, after: 2, wanted: 2, wantedBefore: 8 }, 'parks 2 instead of 8: no such bursts lately'],
    ['room again', { wantedBefore: 8 }, 'parks 8 instead of 4: there is room for them again'],
    ['a poor host', { after: 4, head: short }, 'still parks 4: 8 are wanted, too little memory is free'],
    [
      'a shared budget',
      { after: 6 },
      'parks 6 instead of 4: 8 are wanted, the memory set aside is not enough for all pools',
    ],
    [
      'busy processors',
      { after: 5, head: { ...grown.head, isOneByOne: true } },
      'parks 5 instead of 4: processors are busy, one more at a time',
    ],
  ])('%s', (_name, change, about) => {
    expect(scaledHappening(pool, { ...grown, ...change }, 0).about).toBe(about);
  });
});
