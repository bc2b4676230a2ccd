/** What this machine is, and whether this shell is confined. */
import { existsSync, readFileSync } from 'node:fs';
import { mem, osInfo } from 'systeminformation';
import { bytesText } from '../render/units.js';
import { type Check, ok, warn } from './check.js';

export async function hostChecks(): Promise<Check[]> {
  const [{ distro, release, kernel, arch }, { total, available }] = await Promise.all([osInfo(), mem()]);
  const host = `${distro} ${release}, Linux ${kernel}, ${arch}, ${bytesText(available)} of ${bytesText(total)} memory free`;
  return [ok('host', host), seccompCheck()];
}

function seccompCheck(): Check {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const mode = /^Seccomp:\s*(\d)/m.exec(status)?.[1];
  if (mode === undefined) return ok('seccomp', 'not there');
  if (mode === '0') return ok('seccomp', 'there, this shell is not filtered');
  const what = 'this shell is filtered: a daemon started elsewhere refuses its calls';
  return warn('seccomp', what, 'start the daemon from the same place as the agent');
}
