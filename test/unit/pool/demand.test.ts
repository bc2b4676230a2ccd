import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { Demand, type ParkedCounts } from '../../../supervisor/pool/demand.js';

const RANGE: ParkedCounts = { min: 2, max: 24, first: 4 };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** What one process of Node takes to be replaced, about. */
const BURST_MS = 200;

function demandOf(counts = RANGE, slots = 32): Demand {
  return new Demand(counts, slots, 'node', 0);
}

/** @returns whether any of the calls, all at that moment, made it want more. */
function burst(demand: Demand, calls: number, atMs: number): boolean {
  return Array.from({ length: calls }, () => demand.arrived(atMs)).includes(true);
}

function wantedLater(demand: Demand, nowMs: number): number {
  demand.settle(nowMs);
  return demand.wantedAt(nowMs);
}

describe('how many are wanted', () => {
  test('before anything is known: what is expected, for a quarter of an hour without more than single calls', () => {
    const demand = demandOf();
    expect(demand.wantedAt(0)).toBe(4);
    for (let atMs = 0; atMs <= 15 * MINUTE_MS; atMs += MINUTE_MS) burst(demand, 1, atMs);
    expect(wantedLater(demand, 15 * MINUTE_MS)).toBe(4);
    for (let atMs = 16 * MINUTE_MS; atMs <= 20 * MINUTE_MS; atMs += MINUTE_MS) burst(demand, 1, atMs);
    expect(wantedLater(demand, 20 * MINUTE_MS)).toBe(2);
  });

  test('one burst may be chance; the second one like it is believed, and says so once', () => {
    const demand = demandOf();
    expect(burst(demand, 8, 1000)).toBe(false);
    expect(demand.wantedAt(1000)).toBe(4);
    expect(burst(demand, 8, 2000)).toBe(true);
    expect(demand.wantedAt(2000)).toBe(8);
    expect(burst(demand, 8, 3000)).toBe(false);
  });

  test('of bursts of different size: what came twice', () => {
    const demand = demandOf();
    for (const [index, calls] of [6, 20, 9].entries()) burst(demand, calls, 1000 * (index + 1));
    expect(demand.wantedAt(3000)).toBe(9);
  });

  test('calls one after the other, each after its process could be replaced, are no burst', () => {
    const demand = demandOf({ ...RANGE, first: 2 });
    for (let call = 0; call < 100; call++) demand.arrived(call * (BURST_MS + 1));
    expect(demand.wantedAt(100 * BURST_MS)).toBe(2);
  });

  test('calls one after the other so fast that no process can be replaced take as many as a burst', () => {
    const demand = demandOf({ ...RANGE, first: 2 });
    for (let call = 0; call < 100; call++) demand.arrived(call * (BURST_MS / 4));
    expect(demand.wantedAt(25 * BURST_MS)).toBe(5);
  });

  test('calls of one burst that are told late count, in any order; of a burst long over they change nothing', () => {
    const demand = demandOf();
    for (const startMs of [1000, 2000]) {
      for (const lateMs of [150, 3, 0, 80, 1, 199, 20, 60]) demand.arrived(startMs + lateMs);
      demand.arrived(startMs - BURST_MS);
    }
    expect(demand.wantedAt(2000)).toBe(8);
  });

  test('a burst goes on while calls come for which none is parked: busy processors spread it', () => {
    const wantedWith = (isMissed: boolean) => {
      const demand = demandOf();
      for (const startMs of [1000, 10_000]) {
        burst(demand, 4, startMs);
        for (let call = 1; call <= 8; call++) {
          const atMs = startMs + call * (BURST_MS - 10);
          demand.arrived(atMs);
          if (isMissed) demand.missed(atMs);
        }
      }
      return demand.wantedAt(12_000);
    };
    expect(wantedWith(true)).toBe(12);
    expect(wantedWith(false)).toBe(5);
  });

  test('never more than the most, and beside hooks that run no more than there are slots', () => {
    const demand = demandOf(RANGE, 32);
    for (const atMs of [1000, 2000]) burst(demand, 40, atMs);
    expect(demand.wantedAt(2000)).toBe(24);
    for (let hook = 0; hook < 20; hook++) demand.ran(HOUR_MS, 3000);
    expect(demand.wantedAt(3000)).toBe(32 - 20);
    expect(demand.wantedAt(3000 + 10 * MINUTE_MS)).toBe(24);
  });

  test('a fixed number stays what it is', () => {
    const demand = demandOf({ min: 3, max: 3, first: 3 });
    for (const atMs of [1000, 2000]) burst(demand, 8, atMs);
    expect(demand.wantedAt(2000)).toBe(3);
    expect(wantedLater(demand, HOUR_MS)).toBe(3);
  });

  const anyCalls = fc.array(fc.record({ gapMs: fc.nat(5000), calls: fc.integer({ min: 1, max: 40 }) }), {
    maxLength: 100,
  });
  const played = (bursts: { gapMs: number; calls: number }[]) => {
    const demand = demandOf();
    let nowMs = 0;
    for (const { gapMs, calls } of bursts) {
      nowMs += gapMs;
      burst(demand, calls, nowMs);
    }
    return { demand, nowMs };
  };

  test('always between least and most; an hour after the last call the least, whatever came before', () => {
    fc.assert(
      fc.property(anyCalls, (bursts) => {
        const { demand, nowMs } = played(bursts);
        expect(demand.wantedAt(nowMs)).toBeGreaterThanOrEqual(RANGE.min);
        expect(demand.wantedAt(nowMs)).toBeLessThanOrEqual(RANGE.max);
        expect(wantedLater(demand, nowMs + HOUR_MS)).toBe(RANGE.min);
      }),
    );
  });

  test('quiet only ever makes it want less, however often it is looked at', () => {
    fc.assert(
      fc.property(anyCalls, fc.array(fc.nat(10 * MINUTE_MS), { maxLength: 50 }), (bursts, pausesMs) => {
        const { demand, nowMs } = played(bursts);
        let [before, atMs] = [demand.wantedAt(nowMs), nowMs];
        for (const pauseMs of pausesMs) {
          atMs += pauseMs;
          const now = wantedLater(demand, atMs);
          expect(now).toBeLessThanOrEqual(before);
          before = now;
        }
      }),
    );
  });

  test('a larger process number was never wanted more often than a smaller one', () => {
    fc.assert(
      fc.property(anyCalls, (bursts) => {
        const { demand } = played(bursts);
        for (let n = 1; n < RANGE.max; n++)
          expect(demand.timesWanted(n + 1)).toBeLessThanOrEqual(demand.timesWanted(n));
        expect(demand.timesWanted(1)).toBeLessThanOrEqual(LIMITS.burstsRememberedMax);
      }),
    );
  });
});

describe('figures', () => {
  test('rate and concurrency follow what comes, over about a minute', () => {
    const demand = demandOf();
    for (let atMs = 0; atMs <= 10 * MINUTE_MS; atMs += 500) {
      demand.arrived(atMs);
      demand.ran(1500, atMs);
    }
    const { ratePerSecond, concurrency } = demand.figures(10 * MINUTE_MS);
    expect(ratePerSecond).toBeCloseTo(2, 1);
    expect(concurrency).toBeCloseTo(3, 1);
    const quiet = demand.figures(15 * MINUTE_MS);
    expect(quiet.ratePerSecond).toBeCloseTo(2 * Math.exp(-5), 2);
    expect(quiet.concurrency).toBeCloseTo(3 * Math.exp(-5), 2);
  });

  test('a hook that ran for longer than that counts as one', () => {
    const demand = demandOf();
    demand.ran(HOUR_MS, 0);
    expect(demand.figures(0).concurrency).toBeCloseTo(1);
  });
});
