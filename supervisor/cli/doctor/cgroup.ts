/** Can a task be limited in memory and processes here? */
import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, ok, warn } from './check.js';

const CGROUP2_MAGIC = 0x63677270;
const CGROUP_ROOT = '/sys/fs/cgroup';
const NEEDED_CONTROLLERS = ['memory', 'pids'];
const NAME = 'cgroup';
const DELEGATE = 'start the daemon by: systemd-run --user --scope -p Delegate=yes supervisor up -d';

/** OK: nothing that can be seen without making a group stands in the way. */
export function cgroupCheck(isContainer: boolean): Check {
  if (typeOf(CGROUP_ROOT) !== CGROUP2_MAGIC) {
    const hybrid = typeOf(join(CGROUP_ROOT, 'unified')) === CGROUP2_MAGIC ? ', with a v2 tree beside it' : '';
    const remedy = 'boot with systemd.unified_cgroup_hierarchy=1; until then limits are rlimits and output caps';
    return warn(NAME, `version 1${hybrid}: no memory or process limits of a task`, remedy);
  }
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  const folder = join(CGROUP_ROOT, own);
  const file = join(folder, 'cgroup.controllers');
  const controllers = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
  const missing = NEEDED_CONTROLLERS.filter((controller) => !controllers.includes(controller));
  if (missing.length > 0)
    return warn(NAME, `version 2, but ${missing.join(' and ')} cannot be limited in ${own}`, DELEGATE);
  if (!isWritable(folder)) {
    const remedy = isContainer ? 'docker run --security-opt writable-cgroups=true, from Docker 28 on' : DELEGATE;
    return warn(NAME, `version 2, but we may not make groups in ${own}`, remedy);
  }
  return ok(NAME, `version 2, own group ${own}, controllers ${controllers.join(' ')}`);
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function typeOf(path: string): number | undefined {
  try {
    return statfsSync(path).type;
  } catch {
    return undefined;
  }
}
