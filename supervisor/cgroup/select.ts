/** Picks the driver for this host: probes, and says why it is not the better one. */
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import type { Config } from '../contract/config.js';
import { type CgroupFacts, findBase } from './base.js';
import { findV1Base } from './base-v1.js';
import type { CgroupDriver } from './driver.js';
import { noneDriver } from './driver-none.js';
import { v1Driver } from './driver-v1.js';
import { v2Driver } from './driver-v2.js';

export async function selectDriver(
  config: Pick<Config, 'cgroup' | 'cgroupPath' | 'runtimeFolder' | 'limits'>,
  sleep: (ms: number) => Promise<void>,
  isSuccessor = false,
): Promise<CgroupDriver> {
  if (config.cgroup === 'none') {
    return noneDriver('switched off by configuration (cgroup: none)', 'set cgroup to auto');
  }
  const facts = hostFacts(config.cgroupPath);
  const name = createHash('sha256').update(config.runtimeFolder).digest('hex').slice(0, 12);
  // A successor's groups stand beside those of the daemon that still has calls to end.
  const instance = isSuccessor
    ? { name: `${name}.${process.pid}`, isLeftOver: () => false }
    : { name, isLeftOver: leftOverOf(name) };
  const base = config.cgroup === 'v1' ? undefined : findBase(facts);
  if (base?.ok === true) return v2Driver(base, instance, config.limits, sleep);
  if (config.cgroup === 'v2') return noneDriver(base?.reason ?? '', base?.remedy ?? '');
  const v1 = findV1Base(facts, config.cgroup === 'v1');
  if (v1.ok) return v1Driver(v1, instance, config.limits, sleep);
  if (base === undefined) return noneDriver(v1.reason, v1.remedy);
  return base.isHybrid === true
    ? noneDriver(`${base.reason}, and ${v1.reason}`, v1.remedy)
    : noneDriver(base.reason, base.remedy);
}

/** Groups of daemons of this runtime folder that were killed: nobody else can have any, since we hold its lock. */
function leftOverOf(name: string): (group: string) => boolean {
  return (group) => group === name || group.startsWith(`${name}.`);
}

export function hostFacts(explicitPath: string | null): CgroupFacts {
  return {
    selfCgroup: readFileSync('/proc/self/cgroup', 'latin1'),
    mountInfo: readFileSync('/proc/self/mountinfo', 'latin1'),
    uid: process.geteuid?.() ?? -1,
    hasSystemd: existsSync('/run/systemd/system'),
    explicitPath,
    look(folder) {
      const stat = statSync(folder, { throwIfNoEntry: false });
      if (stat === undefined) return undefined;
      return { writable: isWritable(folder), ownerUid: stat.uid, isRoot: !existsSync(`${folder}/cgroup.events`) };
    },
  };
}

function isWritable(folder: string): boolean {
  try {
    accessSync(`${folder}/cgroup.procs`, constants.W_OK);
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
