/** What stands around a pool: its group, its proxy, and what is left when its keeper dies. */
import type { CgroupDriver, PoolGroup } from '../cgroup/driver.js';
import type { PoolLimits } from '../contract/config.js';
import type { Tell } from '../contract/happening.js';
import type { Degraded } from '../contract/status.js';
import type { Egress } from '../egress/process.js';
import type { Proxies } from '../egress/proxies.js';
import type { PoolSpec } from '../pool/keeper-argv.js';
import type { Pool } from '../pool/pool.js';
import type { Strays } from '../pool/strays.js';

/** A pool whose group cannot be made runs without limits, and `status` says so. */
export function openPoolGroup(
  driver: CgroupDriver,
  poolId: string,
  limits: PoolLimits,
  degraded: Degraded[],
  tell: Tell,
): PoolGroup | undefined {
  const group = driver.openPool(poolId, limits);
  const layer = `cgroup of pool ${poolId}`;
  if (group !== undefined || driver.name === 'none' || degraded.some((one) => one.layer === layer)) return group;
  tell({ kind: 'degraded', pool: poolId, about: 'no cgroup for this pool' });
  degraded.push({ layer, reason: 'its group could not be made', remedy: 'supervisor down, then up again' });
  return group;
}

export function openEgress(proxies: Proxies, { id, confinement }: PoolSpec): Egress | undefined | 'failed' {
  if (confinement === undefined || typeof confinement.network === 'string') return undefined;
  return proxies.start(id, confinement, confinement.network) ?? 'failed';
}

/** After a keeper's death: what its hooks left behind, here and in its group. */
export async function sweep(
  strays: Strays,
  driver: CgroupDriver,
  pools: { all(): readonly Pool[] },
  proxies: Proxies,
  pool: Pool,
  groupName: string,
  tell: Tell,
  successors: readonly number[],
): Promise<void> {
  const keepers = () =>
    new Set([...pools.all().flatMap(({ keeperPid }) => keeperPid ?? []), ...proxies.pids(), ...successors]);
  const killed = await strays.kill(keepers);
  if (killed > 0) {
    const about = `killed what a dead keeper left behind: ${killed} processes`;
    tell({ kind: 'straysKilled', pool: pool.spec.id, about, inputs: { killed } });
  }
  await driver.removePool(groupName);
}
