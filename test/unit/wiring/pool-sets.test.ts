import { beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import type { Pools } from '../../../supervisor/pool/pools.js';
import { PoolSets } from '../../../supervisor/wiring/pool-sets.js';
import { FakeClock } from '../../lib/fake-clock.js';

class FakePool {
  activeTasks = 0;
  isStopped = false;
  isLeaving = false;
  settled = 0;
  readonly target = {
    leave: () => {
      this.isLeaving = true;
    },
  };
  readonly spec: { id: string };
  constructor(id: string) {
    this.spec = { id };
  }
  settle() {
    this.settled++;
  }
  stop(done: () => void) {
    this.isStopped = true;
    done();
  }
}

let made = 0;

function setOf(...pools: FakePool[]): Pools {
  const all = () => pools;
  const one = { all, keepers: () => [], parkedMemoryBytes: 5, ringCounters: () => ({ records: 3, wakeups: 2 }) };
  const stopAll = async () => {
    for (const pool of pools) pool.stop(() => {});
  };
  return { ...one, stopAll, set: ++made } as unknown as Pools;
}

const asPool = (pool: FakePool) => pool as unknown as Pool;
let clock: FakeClock;
let oldExec: FakePool;
let newExec: FakePool;
let sets: PoolSets;

async function pass(ms: number): Promise<void> {
  clock.pass(ms);
  for (let turns = 0; turns < 3; turns++) await new Promise((done) => setImmediate(done));
}

beforeEach(() => {
  clock = new FakeClock();
  made = 0;
  oldExec = new FakePool('exec');
  newExec = new FakePool('exec');
  sets = new PoolSets(setOf(oldExec), clock);
});

describe('attempt', () => {
  it('one that will not do is stopped, and was among ours while that was found out', async () => {
    const why = sets.attempt(setOf(newExec), async () => 'it dies');
    expect([sets.all(), sets.current.all()]).toEqual([[oldExec, newExec], [oldExec]]);
    expect(await why).toBe('it dies');
    expect([newExec.isStopped, oldExec.isStopped, sets.all()]).toEqual([true, false, [oldExec]]);
  });

  it('each pool has its place: what serves, what is tried, what goes', async () => {
    oldExec.activeTasks = 1;
    const places = () => sets.all().map((pool) => sets.placeOf(pool));
    let isFit: (why: undefined) => void = () => {};
    const whyNot = new Promise<undefined>((resolve) => {
      isFit = resolve;
    });
    const taken = sets.attempt(setOf(newExec), () => whyNot);
    expect(places()).toEqual([
      { set: 1, standing: 'serving' },
      { set: 2, standing: 'coming' },
    ]);
    isFit(undefined);
    await taken;
    expect(places()).toEqual([
      { set: 2, standing: 'serving' },
      { set: 1, standing: 'leaving' },
    ]);
  });

  it('an idle set is stopped at once and forgotten; its ring is still counted', async () => {
    await sets.attempt(setOf(newExec), async () => undefined);
    await pass(0);
    expect(oldExec.isStopped).toBe(true);
    expect(sets.all()).toEqual([newExec]);
    expect(sets.ringCounters()).toEqual({ records: 6, wakeups: 4 });
  });

  it('a pool with a call goes when that has ended, and parks nothing until then', async () => {
    oldExec.activeTasks = 1;
    await sets.attempt(setOf(newExec), async () => undefined);
    await pass(60_000);
    expect([oldExec.isStopped, oldExec.isLeaving, sets.all().length]).toEqual([false, true, 2]);
    oldExec.activeTasks = 0;
    await pass(20);
    expect([oldExec.isStopped, sets.all().length]).toEqual([true, 1]);
  });

  it('what the switchboard runs in an old pool is known before it is asked whether that has a call', async () => {
    await sets.attempt(setOf(newExec), async () => undefined);
    expect([oldExec.settled, newExec.settled]).toEqual([1, 0]);
  });

  it('what waits for an old pool is served by the new one of the same name', async () => {
    const gone = new FakePool('python-1');
    oldExec.activeTasks = gone.activeTasks = 1;
    sets = new PoolSets(setOf(oldExec, gone), clock);
    expect(sets.standIn(asPool(oldExec))).toBe(oldExec);
    await sets.attempt(setOf(newExec), async () => undefined);
    expect(sets.standIn(asPool(oldExec))).toBe(newExec);
    expect(sets.standIn(asPool(newExec))).toBe(newExec);
    expect(sets.standIn(asPool(gone))).toBe(gone);
  });

  it('is full once so many have calls', async () => {
    for (let count = 0; count < LIMITS.leavingPoolSetsMax; count++) {
      expect(sets.isFull).toBe(false);
      const busy = new FakePool('exec');
      busy.activeTasks = 1;
      oldExec.activeTasks = 1;
      await sets.attempt(setOf(busy), async () => undefined);
    }
    expect(sets.isFull).toBe(true);
  });
});
