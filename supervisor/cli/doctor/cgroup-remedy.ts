/** What helps against a refused step, by the kind of place. Pure. */
import type { RefusedStep } from './cgroup-steps.js';

export type Place = 'container' | 'root' | 'user';

/** For a read-only mount. With it comes root's share: without that the group is writable, but not to us. */
const CONTAINER =
  'docker run --user 0:0 --security-opt writable-cgroups=true (Docker 28 or newer) with docker/entrypoint.sh, which hands a ' +
  'group over and becomes the user; compose: security_opt: ["writable-cgroups=true"] with cgroup: private, as in ' +
  'docker/compose.yml; devcontainer.json: "runArgs": ["--security-opt", "writable-cgroups=true"] and "postStartCommand": ' +
  '"sudo hook-supervisor-delegate USER; supervisor up -d", as in docker/devcontainer';
const HAND_OVER =
  "the group is root's: as root run docker/delegate.sh USER (in our image hook-supervisor-delegate), then supervisor up -d";
const USER =
  'start it in a scope of its own: systemd-run --user --scope -p Delegate=yes supervisor up -d; for good: ' +
  'docker/systemd/user/hook-supervisor.service to ~/.config/systemd/user, then systemctl --user enable --now hook-supervisor';
const ROOT =
  'start it in a scope of its own: systemd-run --scope -p Delegate=yes supervisor up -d; for good: ' +
  'docker/systemd/hook-supervisor@.service to /etc/systemd/system, then systemctl enable --now hook-supervisor@0';
const CONTROLLERS =
  'delegate them: systemctl edit user@.service, then in [Service] Delegate=cpu cpuset io memory pids, and log in anew';

export function cgroupRemedy({ step, errno }: RefusedStep, place: Place): string {
  if (place === 'container') return errno === 'EACCES' ? HAND_OVER : CONTAINER;
  if (step === 'controllers') return place === 'user' ? CONTROLLERS : ROOT;
  if (step === 'kill it' && errno === 'ENOENT')
    return 'none needed: before Linux 5.14 groups are frozen and killed one by one';
  return place === 'user' ? USER : ROOT;
}
