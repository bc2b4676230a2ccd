/** What `supervisor status` shows, put together from the rooms that know it. */
import type { CgroupDriver } from '../cgroup/driver.js';
import type { Clock } from '../contract/clock.js';
import type { LibraryStatus } from '../contract/library.js';
import type { Degraded, RunningStatus } from '../contract/status.js';
import { levelsDegraded } from '../isolation/degraded.js';
import type { HostLayers } from '../isolation/host-layers.js';
import { poolsDegraded, ringDegraded } from '../pool/degraded.js';
import { poolStatus } from '../pool/status.js';
import type { Recorder } from '../recording/recorder.js';
import type { CallCounters } from '../scheduler/counters.js';
import type { Store } from '../store/store.js';
import type { Http } from './http.js';
import type { PoolSets } from './pool-sets.js';
import type { Profiles } from './profiles.js';
import type { Validating } from './validating.js';

export interface StatusRooms {
  identity: Pick<RunningStatus, 'pid' | 'version' | 'uid' | 'socketPath'> & { startedAt: Date };
  clock: Clock;
  /** By that clock: the other one may be set. */
  startedAtMs: number;
  predecessorPid(): number | undefined;
  driver: CgroupDriver;
  /** Layers of every task. */
  everywhere: readonly string[];
  degraded: readonly Degraded[];
  pools: PoolSets;
  hostLayers: HostLayers;
  store: Pick<Store, 'degraded' | 'status'>;
  recorder: Pick<Recorder, 'status'>;
  counters: CallCounters;
  waiting: { readonly size: number };
  parkedMemoryMaxBytes(): number;
  validating: Pick<Validating, 'status' | 'events' | 'cacheStats'>;
  profiles: Pick<Profiles, 'status'>;
  http(): Http;
  library(): LibraryStatus;
}

export function statusMaker(rooms: StatusRooms): () => RunningStatus {
  const { clock, driver, pools, hostLayers, store, identity } = rooms;
  const hasGroups = driver.name !== 'none';
  return () => {
    for (const pool of pools.all()) pool.settle();
    return {
      schema: 'supervisor.status/v1',
      running: true,
      ...identity,
      predecessorPid: rooms.predecessorPid() ?? null,
      startedAt: identity.startedAt.toISOString(),
      uptimeMs: Math.round(clock.nowMs() - rooms.startedAtMs),
      driver: driver.name,
      degraded: [
        ...rooms.degraded,
        ...ringDegraded(pools.all()),
        ...poolsDegraded(pools.all()),
        ...(typeof hostLayers.known === 'object' ? levelsDegraded(hostLayers.known) : []),
        ...store.degraded(),
        ...rooms.http().degraded,
      ],
      keepers: pools.keepers(),
      pools: pools.all().map((pool) => poolStatus(pool, pools.placeOf(pool), rooms.everywhere, hasGroups)),
      parkedMemory: { usedBytes: pools.parkedMemoryBytes, maxBytes: rooms.parkedMemoryMaxBytes() },
      calls: { ...rooms.counters.snapshot(), queued: rooms.waiting.size },
      ring: pools.ringCounters(),
      records: store.status(),
      recording: rooms.recorder.status(),
      http: rooms.http().status(),
      validators: rooms.validating.status(),
      events: rooms.validating.events(),
      cache: rooms.validating.cacheStats(),
      library: rooms.library(),
      profile: rooms.profiles.status(),
    };
  };
}
