/** Pools whose keepers are played by the test: who makes room for whom, and which parked process is believed. */

import { beforeEach, describe, expect, test } from 'vitest';
import { defaultConfig } from '../../../supervisor/config/defaults.js';
import type { Confinement } from '../../../supervisor/contract/confinement.js';
import type { Happening } from '../../../supervisor/contract/happening.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { OUTCOME_CODE } from '../../../supervisor/contract/outcome.js';
import {
  GONE_BYTES,
  HELLO_BYTES,
  PARKED_BYTES,
  RecordKind,
  START_HEAD_BYTES,
  TASK_END_BYTES,
} from '../../../supervisor/contract/wire.js';
import type { Native, SpawnRequest } from '../../../supervisor/native.js';
import type { ParkedCounts } from '../../../supervisor/pool/demand.js';
import type { PoolSpec } from '../../../supervisor/pool/keeper-argv.js';
import type { Pool, PoolOptions } from '../../../supervisor/pool/pool.js';
import { type ParkingRoom, Pools, type PoolsEvents } from '../../../supervisor/pool/pools.js';
import type { SetupFailure } from '../../../supervisor/pool/report.js';
import { FakeClock } from '../../lib/fake-clock.js';

type OnAnswered = (
  token: object,
  slot: number,
  generation: number,
  tookMs: number,
  agoMs: number,
  payload: Buffer,
) => void;
type OnRecord = (kind: number, flags: number, call: number, slot: number, generation: number, payload: Buffer) => void;
let keepers: { onRecord: OnRecord; onAnswered: OnAnswered }[];
/** How many each keeper was told to keep parked, by their number. */
let targets: number[][];
let happenings: Happening[];
let clock: FakeClock;
let parkedOf: (string | undefined)[];
let sendFdStatus: number;
let distrusted: number;
let failures: SetupFailure[];
let pools: Pools;
let makePools: (max: number, ofExec?: Pick<PoolSpec, 'parked' | 'slots'>) => Pools;

const ONE: ParkedCounts = { min: 1, max: 1, first: 1 };
const LANDLOCK = 1 << 15;
const confinement: Confinement = {
  ...{ level: 'restricted', layers: ['landlock'], network: 'host', read: [], write: [], protect: [] },
  ...{ project: '/p', without: '' },
};

function spec(id: string, held?: Confinement): PoolSpec {
  return {
    id,
    runtime: 'exec',
    describes: '',
    zygoteArgv: [],
    env: [],
    parked: ONE,
    slots: 2,
    limits: defaultConfig(0).limits,
    confinement: held,
  };
}

function writer(keeper: number) {
  return (kind: number, _flags: number, _call: number, _slot: number, _generation: number, payload: Buffer) => {
    if (kind === RecordKind.TARGET) targets[keeper]?.push(payload.readUInt32LE(0));
    return 1;
  };
}

function parkingRoom(): ParkingRoom {
  const room = { spareMemoryBytes: null, memoryPressurePercent: null, cpuPressurePercent: null };
  return { clock, memoryMaxBytes: 2 ** 30, readRoom: async () => room };
}

beforeEach(() => {
  keepers = [];
  targets = [];
  happenings = [];
  parkedOf = [];
  sendFdStatus = 0;
  distrusted = 0;
  failures = [];
  const native = {
    createChannel: () => ({
      setEvents: (events: (typeof keepers)[number]) => void keepers.push(events),
      write: writer(targets.push([]) - 1),
      ...{
        sendFd: () => sendFdStatus,
        offer() {},
        withdraw: () => true,
        settle() {},
        isConsumed: () => true,
      },
      counters: () => ({ recordsWritten: 0, recordsRead: 0, wakeupsSent: 0, wakeupsReceived: 0 }),
      distrust: () => void distrusted++,
      ...{ closePeerEnds() {}, close() {} },
    }),
    spawn: ({ argv }: SpawnRequest) => {
      parkedOf.push(argv[argv.indexOf('--parked') + 1]);
      return { pid: 100 + keepers.length };
    },
    reap: () => ({ exitCode: 0, signal: 0 }),
    ...{ kill: () => 0, closeFd() {} },
  } as unknown as Native;
  clock = new FakeClock();
  const events: PoolsEvents = {
    ...{
      available() {},
      answeredUntold() {},
      restarting() {},
      violated() {},
      held() {},
      probing() {},
      released() {},
      recycling() {},
    },
    scaled: (happening) => void happenings.push(happening),
    failed: (_pool, failure) => void failures.push(failure),
    keeperGone: async () => {},
  };
  const options = { native, clock, keeperFile: '/k', runtimeFolder: '/r', logFd: -1, random: () => 0 };
  const made = (): PoolOptions => ({
    ...options,
    oomKills: () => 0,
    openCgroup: () => undefined,
    openEgress: () => undefined,
  });
  makePools = (max, ofExec) => new Pools({ ...spec('exec'), ...ofExec }, max, parkingRoom(), made, events);
  pools = makePools(2);
});

function parked(layers: number): Buffer {
  const payload = Buffer.alloc(PARKED_BYTES);
  payload.writeUInt32LE(7, 0);
  payload.writeUInt32LE(layers, 16);
  return payload;
}

function forKey(id: string, isOnlyWay = true): Pool | string {
  return pools.forKey(id, () => spec(id, confinement), isOnlyWay);
}

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
    pool.begin(lease, 1, Buffer.alloc(START_HEAD_BYTES), 0, { ended() {}, notStarted() {} } as never);
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
    sendFdStatus = -32;
    expect(pool.begin(lease, 1, Buffer.alloc(START_HEAD_BYTES), 0, {} as never)).toBe(false);
    expect(pool.lease()).toBeUndefined();
    await new Promise((done) => setImmediate(done));
    expect(pool.state).toBe('backoff');
  });
});

describe('a pool in quarantine', () => {
  const hopeless = () => {
    const failure = Buffer.concat([Buffer.from([5, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0]), Buffer.from('no')]);
    for (let death = 0; death <= LIMITS.deathsMax; death++)
      keepers.at(-1)?.onRecord(RecordKind.FAILURE, 0, 0, 0, 1, failure);
  };
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
});

describe('room', () => {
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
    pools = makePools(0);
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
      expect(pool.begin(lease, 1, Buffer.alloc(START_HEAD_BYTES), 0, {} as never)).toBe(true);
    }
    expect(forKey('c')).toBe('all pools are busy');
  });
});

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
    pool.begin(lease, 1, Buffer.alloc(START_HEAD_BYTES), 0, { ended() {} } as never);
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
    pools = makePools(2, { parked: { min: 8, max: 24, first: 8 }, slots: 32 });
    pools.exec.start();
    for (let times = 0; times < 2; times++) {
      await pass(1000);
      for (let call = 0; call < 20; call++) expect(pools.forAnyCommand()).toBe(pools.exec);
    }
    await pass(LIMITS.scalingDelayMs);
    expect(targets).toEqual([[20]]);
  });
});
