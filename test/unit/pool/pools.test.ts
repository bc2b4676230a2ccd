/** Pools: who makes room for whom, and which parked process is believed. */
import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { GONE_BYTES, HELLO_BYTES, RecordKind, START_HEAD_BYTES } from '../../../supervisor/contract/wire.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import { DRAINED } from '../../../supervisor/pool/target.js';
import {
  clock,
  distrusted,
  failures,
  forKey,
  hopeless,
  keepers,
  keeperTakes,
  LANDLOCK,
  parked,
  parkedOf,
  pools,
  resetPools,
  targets,
  usePools,
} from './pools-scene.js';

beforeEach(resetPools);

describe('a parked process', () => {
  test('that has entered what was asked for is leased with it', () => {
    const pool = forKey('a') as Pool;
    keepers[0]?.onRecord(RecordKind.PARKED, 0, 0, 0, 1, parked(LANDLOCK));
    expect(pool.lease()).toMatchObject({ pid: 7, layers: ['landlock'] });
    expect(failures).toEqual([]);
  });

  test('that has entered less gets no hook; its keeper is ended and the layer is named', async () => {
    const pool = forKey('a') as Pool;
    keepers[0]?.onRecord(RecordKind.PARKED, 0, 0, 0, 1, parked(0));
    expect(pool.lease()).toBeUndefined();
    expect(failures).toEqual([{ stage: 39, errnum: 0, subject: 'landlock' }]);
    expect(pool.failure).toEqual(failures[0]);
    await new Promise((done) => setImmediate(done));
    expect(pool.state).toBe('backoff');
  });

  test('of a later start takes the failure of the one before away', () => {
    const pool = forKey('a') as Pool;
    const failure = Buffer.concat([Buffer.from([25, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]), Buffer.from('x')]);
    keepers[0]?.onRecord(RecordKind.FAILURE, 0, 0, 0, 1, failure);
    expect(pool.failure).toEqual({ stage: 25, errnum: 1, subject: 'x' });
    keepers[0]?.onRecord(RecordKind.PARKED, 0, 0, 0, 1, parked(LANDLOCK));
    expect(pool.failure).toBeUndefined();
  });
});

describe('a keeper', () => {
  test('to which nothing was ever written is let be', () => {
    const pool = forKey('a') as Pool;
    keepers[0]?.onRecord(RecordKind.HELLO, 0, 0, 0, 0, Buffer.alloc(HELLO_BYTES));
    for (let look = 0; look < 3 * LIMITS.keeperUnreadLooksMax; look++) clock.pass(LIMITS.keeperLookEveryMs);
    expect(distrusted).toBe(0);
    expect(pool.keeperPid).toBeDefined();
  });
});

describe('a keeper that has run for long', () => {
  const aged = () => {
    clock.now += 2 * LIMITS.recycleAgeMs;
  };

  test('is to be replaced once no call has come for a while, unless a hook runs or something of one lingers', () => {
    const pool = forKey('a') as Pool;
    for (const slot of [0, 1]) keepers[0]?.onRecord(RecordKind.PARKED, 0, 0, slot, 1, parked(LANDLOCK));
    expect(pool.dueBecause).toBeUndefined();
    aged();
    expect(pool.dueBecause).toBe('it has run for long');
    pool.use();
    expect(pool.dueBecause).toBeUndefined();
    clock.now += LIMITS.recycleQuietMs;
    const lease = pool.lease();
    if (lease === undefined) throw new Error('nothing is parked');
    pool.begin(lease, 1, Buffer.alloc(START_HEAD_BYTES), [0], { ended() {}, notStarted() {} } as never);
    expect(pool.dueBecause).toBeUndefined();
    const lingers = Buffer.alloc(GONE_BYTES);
    keepers[0]?.onRecord(RecordKind.LINGERING, 0, 0, lease.slot, 1, lingers);
    keepers[0]?.onRecord(RecordKind.NOT_STARTED, 0, 1, lease.slot, 1, Buffer.alloc(4));
    expect(pool.activeTasks).toBe(0);
    expect(pool.dueBecause).toBeUndefined();
    lingers.writeInt32LE(-1, 4);
    keepers[0]?.onRecord(RecordKind.LINGERING, 0, 0, lease.slot, 1, lingers);
    expect(pool.dueBecause).toBe('it has run for long');
  });

  test('and is replaced: the next one is started at once, and it has not died of anything', async () => {
    const pool = forKey('a') as Pool;
    keepers[0]?.onRecord(RecordKind.PARKED, 0, 0, 0, 1, parked(LANDLOCK));
    aged();
    pool.recycle('it has run for long');
    expect(pool.lease()).toBeUndefined();
    await new Promise((done) => setImmediate(done));
    expect(pool.isRecycling).toBe(true);
    clock.pass(0);
    expect(keepers).toHaveLength(2);
    keepers[1]?.onRecord(RecordKind.HELLO, 0, 0, 0, 0, Buffer.alloc(HELLO_BYTES));
    keepers[1]?.onRecord(RecordKind.PARKED, 0, 0, 0, 1, parked(LANDLOCK));
    expect(pool).toMatchObject({ isReady: true, isRecycling: false, dueBecause: undefined });
    expect(pool.life).toMatchObject({ restarts: 0 });
    expect(pool.life.deaths()).toEqual([]);
  });
});

describe('an order', () => {
  test('that a keeper does not take has not started, and no other is given to that keeper', async () => {
    const pool = forKey('a') as Pool;
    for (const slot of [0, 1]) keepers[0]?.onRecord(RecordKind.PARKED, 0, 0, slot, 1, parked(LANDLOCK));
    const lease = pool.lease();
    if (lease === undefined) throw new Error('nothing is parked');
    keeperTakes.fdStatus = -32;
    expect(pool.begin(lease, 1, Buffer.alloc(START_HEAD_BYTES), [0], {} as never)).toBe(false);
    expect(pool.lease()).toBeUndefined();
    await new Promise((done) => setImmediate(done));
    expect(pool.state).toBe('backoff');
  });
});

describe('a pool in quarantine', () => {
  const why = 'processes for any command cannot be kept warm: forking failed: ENOMEM: no';

  test('serves nobody, says why, and is still held when it comes back after it had to make room', async () => {
    forKey('a');
    hopeless();
    expect(forKey('a')).toBe(why);
    forKey('b');
    forKey('c');
    await new Promise((done) => setImmediate(done));
    expect(pools.all().map(({ spec }) => spec.id)).not.toContain('a');
    const before = keepers.length;
    expect(forKey('a')).toBe(why);
    expect(keepers).toHaveLength(before);
  });

  test('is tried with one process at least, though it has no share', async () => {
    const pool = forKey('a') as Pool;
    hopeless();
    await new Promise((done) => setImmediate(done));
    pool.target.setShare(0);
    clock.pass(LIMITS.quarantineFirstMs);
    expect(parkedOf.at(-1)).toBe('1');
    keepers.at(-1)?.onRecord(RecordKind.PARKED, 0, 0, 0, 1, parked(LANDLOCK));
    expect(forKey('a')).toBe(pool);
  });

  test('and drained: what the try has parked is not kept', async () => {
    const pool = forKey('a') as Pool;
    hopeless();
    await new Promise((done) => setImmediate(done));
    pool.target.setDrained(true);
    clock.pass(LIMITS.quarantineFirstMs);
    expect([parkedOf.at(-1), targets.at(-1)]).toEqual(['1', []]);
    keepers.at(-1)?.onRecord(RecordKind.PARKED, 0, 0, 0, 1, parked(LANDLOCK));
    expect(targets.at(-1)?.at(-1)).toBe(0);
  });
});

describe('a pool that the operator drains', () => {
  test('and takes back at once: what has been parked meanwhile is used', () => {
    const pool = forKey('a') as Pool;
    pool.target.setDrained(true);
    keepers[0]?.onRecord(RecordKind.PARKED, 0, 0, 0, 1, parked(LANDLOCK));
    expect([pool.lease(), forKey('a')]).toEqual([undefined, DRAINED]);
    pool.target.setDrained(false);
    expect([pool.lease()?.slot, pool.slots.busyCount]).toEqual([0, 1]);
  });

  test('or that leaves is given no call, though it has one parked', () => {
    const pool = forKey('a') as Pool;
    keepers[0]?.onRecord(RecordKind.PARKED, 0, 0, 0, 1, parked(LANDLOCK));
    pool.target.leave();
    expect([pool.lease(), pool.channel, forKey('a')]).toEqual([undefined, undefined, pool.closedBecause]);
  });

  test('is drained still, and keeps what is wanted at least, when it comes back after it had to make room', async () => {
    const pool = forKey('a') as Pool;
    pool.target.setFloor(2);
    pool.target.setDrained(true);
    forKey('b');
    forKey('c');
    await new Promise((done) => setImmediate(done));
    expect(pools.all().map(({ spec }) => spec.id)).not.toContain('a');
    expect(forKey('a')).toBe(DRAINED);
    expect(parkedOf.at(-1)).toBe('0');
    const back = pools.all().find(({ spec }) => spec.id === 'a') as Pool;
    back.target.setDrained(false);
    expect([forKey('a'), back.target.share]).toEqual([back, 2]);
  });

  test('is drained under a new configuration, too: that of exec, one that is there and one that had to make room', () => {
    pools.exec.target.setFloor(2);
    for (const id of ['a', 'b', 'c']) (forKey(id) as Pool).target.setDrained(true);
    const before = pools;
    usePools(3);
    pools.followWishesOf(before);
    expect(pools.exec.target.wish).toEqual({ floor: 2, isDrained: false });
    expect(['a', 'c', 'd'].map((id) => typeof forKey(id))).toEqual(['string', 'string', 'object']);
  });
});

describe('room', () => {
  test('the pool that makes it has no successor of its name until its keeper is gone', async () => {
    for (const id of ['a', 'b', 'c']) forKey(id);
    expect(forKey('a')).toBe('the pool for this call is being stopped');
    await new Promise((done) => setImmediate(done));
    expect(typeof forKey('a')).toBe('object');
  });

  test('is made by a pool without a call for long enough; a call without another way does not wait for that', () => {
    const [first, second] = [forKey('a'), forKey('b')];
    clock.now += 1000;
    expect(forKey('c', false)).toBe('all pools are busy');
    const third = forKey('c');
    expect(typeof third).toBe('object');
    expect(forKey('b')).toBe(second);
    expect(forKey('a')).not.toBe(first);
  });

  test('for one pool there is always, unless the call has another way', () => {
    usePools(0);
    expect(forKey('a', false)).toBe('all pools are busy');
    expect(typeof forKey('a')).toBe('object');
    expect(pools.all()).toHaveLength(2);
  });

  test('is never made by a pool with a running call', () => {
    for (const id of ['a', 'b']) {
      const pool = forKey(id) as Pool;
      keepers.at(-1)?.onRecord(RecordKind.PARKED, 0, 0, 0, 1, parked(LANDLOCK));
      const lease = pool.lease();
      if (lease === undefined) throw new Error('nothing is parked');
      expect(pool.begin(lease, 1, Buffer.alloc(START_HEAD_BYTES), [0], {} as never)).toBe(true);
    }
    expect(forKey('c')).toBe('all pools are busy');
  });
});
