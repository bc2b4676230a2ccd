/** Can a task be limited in memory and processes here? */
import { readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupRemedy } from './cgroup-remedy.js';
import { refusedStep } from './cgroup-steps.js';
import { type Check, ok, warn } from './check.js';

const CGROUP2_MAGIC = 0x63677270;
const CGROUP_ROOT = '/sys/fs/cgroup';
const NAME = 'cgroup';

/** OK: a group could be made, entered and killed. */
export function cgroupCheck(isContainer: boolean): Check {
  if (typeOf(CGROUP_ROOT) !== CGROUP2_MAGIC) {
    const hybrid = typeOf(join(CGROUP_ROOT, 'unified')) === CGROUP2_MAGIC ? ', with a v2 tree beside it' : '';
    const remedy =
      'boot with systemd.unified_cgroup_hierarchy=1; as root with a v2 tree beside it, cgroup: "v1"; else memory is polled';
    return warn(NAME, `version 1${hybrid}: no group for every user`, remedy);
  }
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  const refused = refusedStep(join(CGROUP_ROOT, own));
  if (refused === undefined) return ok(NAME, `version 2, own group ${own}: made a group, entered it, killed it`);
  const place = isContainer ? 'container' : process.geteuid?.() === 0 ? 'root' : 'user';
  const what = `version 2, own group ${own}: step "${refused.step}" is refused (${refused.errno})`;
  return warn(NAME, what, cgroupRemedy(refused, place));
}

function typeOf(path: string): number | undefined {
  try {
    return statfsSync(path).type;
  } catch {
    return undefined;
  }
}
