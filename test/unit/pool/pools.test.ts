/** Pools whose keepers are played by the test: who makes room for whom, and which parked process is believed. */

import { beforeEach, describe, expect, test } from 'vitest';
import { defaultConfig } from '../../../supervisor/config/defaults.js';
import type { Confinement } from '../../../supervisor/contract/confinement.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { HELLO_BYTES, PARKED_BYTES, RecordKind, START_HEAD_BYTES } from '../../../supervisor/contract/wire.js';
import type { Native, SpawnRequest } from '../../../supervisor/native.js';
import type { PoolSpec } from '../../../supervisor/pool/keeper-argv.js';
import type { Pool, PoolEvents, PoolOptions } from '../../../supervisor/pool/pool.js';
import { Pools } from '../../../supervisor/pool/pools.js';
import type { SetupFailure } from '../../../supervisor/pool/report.js';
import { FakeClock } from '../../lib/fake-clock.js';

type OnRecord = (kind: number, flags: number, call: number, slot: number, generation: number, payload: Buffer) => void;
let keepers: { onRecord: OnRecord }[];
let clock: FakeClock;
let parkedOf: (string | undefined)[];
let sendFdStatus: number;
let distrusted: number;
let failures: SetupFailure[];
let pools: Pools;
let makePools: (max: number) => Pools;

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
    parked: 1,
    slots: 2,
    limits: defaultConfig(0).limits,
    confinement: held,
  };
}

beforeEach(() => {
  keepers = [];
  parkedOf = [];
  sendFdStatus = 0;
  distrusted = 0;
  failures = [];
  const native = {
    createChannel: () => ({
      setEvents: (events: { onRecord: OnRecord }) => void keepers.push(events),
      ...{
        write: () => 1,
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
  const events: Omit<PoolEvents, 'used' | 'costChanged'> = {
    ...{ available() {}, answeredUntold() {}, restarting() {}, violated() {}, held() {}, probing() {}, released() {} },
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
  makePools = (max) => new Pools(spec('exec'), max, 2 ** 30, made, events);
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
