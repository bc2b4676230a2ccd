/** Pools whose keepers are played by the test. */
import { defaultConfig } from '../../../supervisor/config/defaults.js';
import type { Confinement } from '../../../supervisor/contract/confinement.js';
import type { Happening } from '../../../supervisor/contract/happening.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { PARKED_BYTES, RecordKind } from '../../../supervisor/contract/wire.js';
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
export let keepers: { onRecord: OnRecord; onAnswered: OnAnswered; onClosed(errnum: number): void }[];
/** How many each keeper was told to keep parked, by their number. */
export let targets: number[][];
export let happenings: Happening[];
export let slow: string[];
export let restartDelays: number[];
export let clock: FakeClock;
export let parkedOf: (string | undefined)[];
/** What a test may set. */
export const keeperTakes = { fdStatus: 0 };
export let distrusted: number;
export let failures: SetupFailure[];
export let pools: Pools;
/** Others than the two that may be besides that of exec. */
export let usePools: (max: number, ofExec?: Pick<PoolSpec, 'parked' | 'slots'>) => void;

const ONE: ParkedCounts = { min: 1, max: 1, first: 1 };
export const LANDLOCK = 1 << 15;
export const confinement: Confinement = {
  ...{ level: 'restricted', layers: ['landlock'], network: 'host', read: [], write: [], protect: [] },
  ...{ project: '/p', without: '' },
};

export function spec(id: string, held?: Confinement): PoolSpec {
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

export function resetPools(): void {
  keepers = [];
  targets = [];
  happenings = [];
  slow = [];
  restartDelays = [];
  parkedOf = [];
  keeperTakes.fdStatus = 0;
  distrusted = 0;
  failures = [];
  const native = {
    createChannel: () => {
      const offered = new Set<number>();
      return {
        setEvents: (events: (typeof keepers)[number]) => void keepers.push(events),
        write: writer(targets.push([]) - 1),
        ...{
          sendFds: () => keeperTakes.fdStatus,
          offer: (slot: number) => void offered.add(slot),
          withdraw: (slot: number) => offered.delete(slot),
          settle() {},
          isConsumed: () => true,
        },
        counters: () => ({ recordsWritten: 0, recordsRead: 0, wakeupsSent: 0, wakeupsReceived: 0 }),
        distrust: () => void distrusted++,
        ...{ closePeerEnds() {}, close() {} },
      };
    },
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
      violated() {},
      held() {},
      probing() {},
      released() {},
      recycling() {},
    },
    restarting: (_pool, delayMs) => void restartDelays.push(delayMs),
    slow: (pool, { about }) => void slow.push(`${pool.spec.id}: ${about}`),
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
  usePools = (max, ofExec) => {
    pools = new Pools({ ...spec('exec'), ...ofExec }, max, parkingRoom(), made, events);
  };
  usePools(2);
}

export function parked(layers: number, startMs = 0): Buffer {
  const payload = Buffer.alloc(PARKED_BYTES);
  payload.writeUInt32LE(7, 0);
  payload.writeUInt32LE(layers, 16);
  payload.writeUInt32LE(startMs, 20);
  return payload;
}

/** The newest keeper tells of so many failed starts that its pool is put into quarantine. */
export function hopeless(): void {
  const failure = Buffer.concat([Buffer.from([5, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0]), Buffer.from('no')]);
  for (let death = 0; death <= LIMITS.deathsMax; death++)
    keepers.at(-1)?.onRecord(RecordKind.FAILURE, 0, 0, 0, 1, failure);
}

export function forKey(id: string, isOnlyWay = true): Pool | string {
  return pools.forKey(id, () => spec(id, confinement), isOnlyWay);
}
