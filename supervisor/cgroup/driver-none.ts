/** No cgroup: what is left is rlimits, the session and the walk over the process tree. */
import type { Degraded } from '../contract/status.js';
import type { CgroupDriver } from './driver.js';

export function noneDriver(reason: string, remedy: string): CgroupDriver {
  const degraded: Degraded[] = [{ layer: 'cgroup', reason: `${reason}; memory by polling`, remedy }];
  return {
    name: 'none',
    degraded,
    enforced: [],
    workersPath: '',
    openPool: () => undefined,
    oomKills: () => 0,
    removePool: async () => {},
    close: async () => {},
  };
}
