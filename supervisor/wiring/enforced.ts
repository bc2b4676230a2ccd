/** What holds for a task, as it is shown. */
import type { CgroupDriver } from '../cgroup/driver.js';
import { networkEnforced } from '../contract/confinement.js';
import type { Lease } from '../pool/pool.js';

/** Layers every task has, whatever the host: own session, no stray descriptors, no core files, kill of the whole tree. */
const ALWAYS_ENFORCED = ['session', 'fds', 'core-limit', 'tree-kill'];

/** Of every task of this host. */
export function everywhereEnforced(driver: CgroupDriver): string[] {
  return driver.name === 'none' ? ALWAYS_ENFORCED : [...ALWAYS_ENFORCED, ...driver.enforced];
}

export function enforcedBy(driver: CgroupDriver): (lease: Lease) => string[] {
  return ({ cgroupPath, layers, pool }) => {
    const isInGroup = cgroupPath?.startsWith(`${driver.workersPath}/`) === true;
    const ofHost = isInGroup ? everywhereEnforced(driver) : ALWAYS_ENFORCED;
    return [...ofHost, ...layers, ...networkEnforced(pool.spec.confinement)];
  };
}
