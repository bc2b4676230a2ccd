/** Sets of pools, one for each configuration that changes them. */
import { join } from 'node:path';
import type { CgroupDriver } from '../cgroup/driver.js';
import type { Clock } from '../contract/clock.js';
import type { Config } from '../contract/config.js';
import type { Tell } from '../contract/happening.js';
import type { HostRoom } from '../contract/host-room.js';
import { LIMITS } from '../contract/limits.js';
import { type Degraded, ExitCode } from '../contract/status.js';
import type { Proxies } from '../egress/proxies.js';
import type { Native } from '../native.js';
import type { Pool } from '../pool/pool.js';
import { Pools, type PoolsEvents } from '../pool/pools.js';
import { execSpec, specUnder } from '../pool/specs.js';
import type { PoolSets } from './pool-sets.js';
import { openEgress, openPoolGroup } from './pool-surroundings.js';
import { whenReady } from './ready.js';
import { StartFailure } from './start-failure.js';

export interface PoolsMakerRooms {
  native: Native;
  clock: Clock;
  packageFolder: string;
  keeperLogFd: number;
  driver: CgroupDriver;
  proxies: Proxies;
  degraded: Degraded[];
  tell: Tell;
  readRoom(): Promise<HostRoom>;
  /** `groupName`: of the pool's group, by its id. */
  events(pools: () => Pools, groupName: (id: string) => string): PoolsEvents;
}

export function poolsMaker(rooms: PoolsMakerRooms): (config: Readonly<Config>) => Pools {
  const { native, clock, driver, degraded, tell, keeperLogFd } = rooms;
  let made = 0;
  return (config) => {
    const set = ++made;
    // Two sets may live at the same time, and emptying a group of one must not end the processes of the other.
    const suffix = set === 1 ? '' : `.${set}`;
    const groupName = (id: string) => `${id}${suffix}`;
    const pools: Pools = new Pools(
      execSpec(config),
      config.interpreterPoolsMax,
      { clock, memoryMaxBytes: config.parkedMemoryMaxBytes, readRoom: rooms.readRoom },
      (spec) => ({
        native,
        clock,
        keeperFile: join(rooms.packageFolder, 'bin', 'supervisor-keeper'),
        runtimeFolder: config.runtimeFolder,
        logFd: keeperLogFd,
        random: Math.random,
        oomKills: () => driver.oomKills(groupName(spec.id)),
        openCgroup: () => openPoolGroup(driver, groupName(spec.id), config.limits, degraded, tell),
        openEgress: () => openEgress(rooms.proxies, spec),
      }),
      rooms.events(() => pools, groupName),
      set,
    );
    return pools;
  };
}

/** Makes in `next` what `before` has that is in use. @returns those whose like served calls: they must come to do so, too. */
export function startLike(before: Pools, next: Pools, config: Readonly<Config>, nowMs: number): Pool[] {
  next.followWishesOf(before);
  next.exec.start();
  const started = [next.exec];
  const inUse = before
    .all()
    .filter((pool) => pool !== before.exec && pool.slots.parkedCount + pool.slots.busyCount > 0);
  for (const { spec } of inUse.sort((a, b) => a.demand.idleMs(nowMs) - b.demand.idleMs(nowMs))) {
    const renewed = specUnder(config, spec);
    if (renewed === undefined) continue;
    const pool = next.forKey(spec.id, () => renewed, false);
    if (typeof pool !== 'string') started.push(pool);
  }
  return started;
}

/** For a successor, which takes over only what it can serve. */
export async function readyOrNot(pools: PoolSets, clock: Clock): Promise<void> {
  const why = await whenReady(pools.current.all(), clock, LIMITS.poolsReadyTimeoutMs);
  if (why !== undefined) throw new StartFailure(ExitCode.UNAVAILABLE, `supervisor: ${why}`);
}

/** @returns why the pools are as before; undefined where they are the new ones. */
export async function replacePools(
  pools: PoolSets,
  makePools: (config: Readonly<Config>) => Pools,
  config: Readonly<Config>,
  clock: Clock,
): Promise<string | undefined> {
  if (pools.isFull) return 'calls of several earlier configurations still run: try again when they have ended';
  const next = makePools(config);
  return pools.attempt(next, () =>
    whenReady(startLike(pools.current, next, config, clock.nowMs()), clock, LIMITS.poolsReadyTimeoutMs),
  );
}
