/** What this machine lets us enforce. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { mem, osInfo } from 'systeminformation';
import { bytesText } from '../render/units.js';
import { type Check, ok, warn } from './check.js';

const CGROUP2_MAGIC = 0x63677270;
const CGROUP_ROOT = '/sys/fs/cgroup';
const NEEDED_CONTROLLERS = ['memory', 'pids'];

export async function hostChecks(): Promise<Check[]> {
  const [{ distro, release, kernel, arch }, { total, available }] = await Promise.all([osInfo(), mem()]);
  const host = `${distro} ${release}, Linux ${kernel}, ${arch}, ${bytesText(available)} of ${bytesText(total)} memory free`;
  return [ok('host', host), cgroupCheck(), landlockCheck(), seccompCheck()];
}

function cgroupCheck(): Check {
  const name = 'cgroup';
  const mounted = typeOf(CGROUP_ROOT) === CGROUP2_MAGIC ? CGROUP_ROOT : undefined;
  if (mounted === undefined) {
    const hybrid = typeOf(join(CGROUP_ROOT, 'unified')) === CGROUP2_MAGIC ? ', with a v2 tree beside it' : '';
    const remedy = 'boot with systemd.unified_cgroup_hierarchy=1; until then limits are rlimits and output caps';
    return warn(name, `version 1${hybrid}: no memory or process limits of a task`, remedy);
  }
  const own = /^0::(.*)$/m.exec(readText('/proc/self/cgroup'))?.[1] ?? '/';
  const controllers = readText(join(mounted, own, 'cgroup.controllers'))
    .trim()
    .split(' ');
  const missing = NEEDED_CONTROLLERS.filter((controller) => !controllers.includes(controller));
  if (missing.length > 0) {
    const remedy = 'start the daemon by: systemd-run --user --scope -p Delegate=yes supervisor up -d';
    return warn(name, `version 2, but ${missing.join(' and ')} cannot be limited in ${own}`, remedy);
  }
  return ok(name, `version 2, own group ${own}, controllers ${controllers.join(' ')}`);
}

function typeOf(path: string): number | undefined {
  try {
    return statfsSync(path).type;
  } catch {
    return undefined;
  }
}

/** For information: this version enforces neither. */
function landlockCheck(): Check {
  const modules = readText('/sys/kernel/security/lsm').trim();
  if (modules === '') return ok('landlock', 'the kernel does not say which security modules it runs');
  return ok('landlock', modules.split(',').includes('landlock') ? 'there' : `not among ${modules}`);
}

function seccompCheck(): Check {
  const mode = /^Seccomp:\s*(\d)/m.exec(readText('/proc/self/status'))?.[1];
  if (mode === undefined) return ok('seccomp', 'not there');
  if (mode === '0') return ok('seccomp', 'there, this shell is not filtered');
  const what = 'this shell is filtered: a daemon started elsewhere refuses its calls';
  return warn('seccomp', what, 'start the daemon from the same place as the agent');
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
