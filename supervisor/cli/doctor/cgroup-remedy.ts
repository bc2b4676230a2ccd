/** What helps against a refused step, by the kind of place. Pure. */
import type { RefusedStep } from './cgroup-steps.js';

export type Place = 'container' | 'root' | 'user';

const CONTAINER =
  'docker run --security-opt writable-cgroups=true (Docker 28 or newer); compose: security_opt: ["writable-cgroups=true"] ' +
  'with cgroup: private; devcontainer.json: "runArgs": ["--security-opt", "writable-cgroups=true"]';
const USER = 'start it in a scope of its own: systemd-run --user --scope -p Delegate=yes supervisor up -d';
const ROOT =
  'start it in a scope of its own: systemd-run --scope -p Delegate=yes supervisor up -d; or in a unit with Delegate=yes';
const CONTROLLERS =
  'delegate them: systemctl edit user@.service, then in [Service] Delegate=cpu cpuset io memory pids, and log in anew';

export function cgroupRemedy({ step, errno }: RefusedStep, place: Place): string {
  if (place === 'container') return CONTAINER;
  if (step === 'controllers') return place === 'user' ? CONTROLLERS : ROOT;
  if (step === 'kill it' && errno === 'ENOENT')
    return 'none needed: before Linux 5.14 groups are frozen and killed one by one';
  return place === 'user' ? USER : ROOT;
}
