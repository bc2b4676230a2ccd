/** When keepers are replaced before they can hurt, and how many at once. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { ParkCost } from '../../../supervisor/pool/cost.js';
import { drawnSpan, nextToRecycle, type Recyclable, recycleFrom, wornOut } from '../../../supervisor/pool/recycle.js';
import { FakeClock } from '../../lib/fake-clock.js';

const MIB = 1024 * 1024;
const span = drawnSpan(() => 0.5);
const fresh = { tasks: span.tasks - 1, ageMs: span.ageMs - 1, growthBytes: LIMITS.recycleGrowthBytes };

describe('a keeper', () => {
  test('is worn out by tasks, by age, or by growth, and not just before', () => {
    expect(wornOut(fresh, span)).toBeUndefined();
    expect(wornOut({ ...fresh, tasks: span.tasks }, span)).toBe('it has served many tasks');
    expect(wornOut({ ...fresh, ageMs: span.ageMs }, span)).toBe('it has run for long');
    expect(wornOut({ ...fresh, growthBytes: LIMITS.recycleGrowthBytes + 1 }, span)).toBe('what it parks has grown');
  });

  test('has a span of its own, up to the jitter shorter or longer', () => {
    expect(drawnSpan(() => 0).ageMs).toBe(LIMITS.recycleAgeMs * (1 - LIMITS.recycleJitter));
    expect(span.ageMs).toBe(LIMITS.recycleAgeMs);
    expect(drawnSpan(() => 1 - Number.EPSILON).tasks).toBeCloseTo(LIMITS.recycleTasks * (1 + LIMITS.recycleJitter));
  });
});

describe('what a parked process costs', () => {
  const costAfter = (...told: number[]) => {
    const cost = new ParkCost('python');
    cost.begin();
    for (const mib of told) cost.told(mib * MIB);
    return cost;
  };

  test('has grown where the newest and those before it cost more than the cheapest', () => {
    expect(costAfter(20, 60, 60, 60, 60, 60, 60, 60).growthBytes).toBeGreaterThan(38 * MIB);
  });

  test('has not where the first ones cost most, where one alone does, and with a new keeper', () => {
    expect(costAfter(100, 20).growthBytes).toBe(0);
    expect(costAfter(100, 100, 100).growthBytes).toBe(0);
    expect(costAfter(20, 20, 20, 60, 20).growthBytes).toBe(0);
    expect(costAfter(20, 20, 20, 60).growthBytes).toBeLessThan(LIMITS.recycleGrowthBytes);
    const cost = costAfter(20, 60, 60, 60);
    cost.begin();
    expect(cost.growthBytes).toBe(0);
  });
});

class FakeRecyclable implements Recyclable {
  isRecycling = false;
  dueBecause: string | undefined = 'it has run for long';
  recycle(): void {
    this.isRecycling = true;
    this.dueBecause = undefined;
  }
}

describe('of pools whose keepers are all worn out', () => {
  const pools = (count: number) => Array.from({ length: count }, () => new FakeRecyclable());

  test('one is replaced at once where there are few, a tenth where there are many', () => {
    expect(nextToRecycle(pools(3))).toHaveLength(1);
    expect(nextToRecycle(pools(29))).toHaveLength(2);
  });

  test('the next one has to wait until the one before is whole again', () => {
    const clock = new FakeClock();
    const all = pools(2);
    const end = recycleFrom(() => all, clock);
    const recycled = () => all.filter(({ dueBecause }) => dueBecause === undefined).length;
    for (let look = 0; look < 3; look++) clock.pass(LIMITS.recycleLookEveryMs);
    expect(recycled()).toBe(1);
    for (const pool of all) pool.isRecycling = false;
    clock.pass(LIMITS.recycleLookEveryMs);
    expect(recycled()).toBe(2);
    end();
    expect(clock.timers).toEqual([]);
  });
});
