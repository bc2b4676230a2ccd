/** The cgroup drivers behind one interface. `v2`: one group a pool, one leaf a slot. `v1`: the same in each hierarchy.
 *  `none`: rlimits and tree kill only, and `status` says so. */
import type { PoolLimits } from '../contract/config.js';
import type { Degraded, DriverName } from '../contract/status.js';

/** What the groups of one daemon are called, and which others are what a killed one has left. */
export interface Instance {
  name: string;
  isLeftOver(group: string): boolean;
}

/** A file of a leaf, and what the keeper writes there for each task. */
export interface LeafLimit {
  file: string;
  text: string;
}

/** What a keeper needs to make leaves. The descriptors are closed once it has them. */
export interface PoolGroup {
  fd: number;
  /** v1: the pool's groups in the hierarchies of the controllers. */
  controllers: readonly { name: string; fd: number }[];
  /** In the order in which they are to be written. */
  limits: readonly LeafLimit[];
}

export interface CgroupDriver {
  readonly name: DriverName;
  readonly degraded: readonly Degraded[];
  /** Layers that a placed worker has proved active. */
  readonly enforced: readonly string[];
  /** Cgroup path below which all our workers are, '' with no cgroup. */
  readonly workersPath: string;
  /** Opens the group of a pool, made if missing, whose tasks have these limits. Undefined with no cgroup, or where it cannot be made. */
  openPool(poolId: string, limits: PoolLimits): PoolGroup | undefined;
  /** Processes of a pool that the kernel has ended for their memory, so far; 0 where nobody counts. */
  oomKills(poolId: string): number;
  /** Kills and removes what a pool left behind. */
  removePool(poolId: string): Promise<void>;
  /** Kills whatever is left in our groups, removes them, and puts the daemon back where it was. */
  close(): Promise<void>;
}
