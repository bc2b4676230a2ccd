// Docker's default seccomp profile keeps containers from making namespaces, which the levels above `contained` want. This
// adds to it the calls that supervisor-confine makes, and nothing else: node docker/seccomp.mjs < DEFAULT.json > hooks.json.
// DEFAULT.json is the profile of your Docker version, in its sources. With the result:
//   docker run --security-opt seccomp=hooks.json --security-opt apparmor=unconfined --security-opt systempaths=unconfined
// The price: all that runs in the container reaches the kernel's code for user namespaces and mounts. clone3 stays refused
// (libc and the keeper take clone), so do clone with flags of namespaces, setns, keyctl, bpf.
import { readFileSync } from 'node:fs';

const NAMES = ['unshare', 'mount', 'mount_setattr', 'move_mount', 'open_tree', 'pivot_root', 'umount2'];

const profile = JSON.parse(readFileSync(0, 'utf8'));
// A profile that allows by default would be made looser where it is meant to be a little less strict.
if (profile.defaultAction !== 'SCMP_ACT_ERRNO' || !Array.isArray(profile.syscalls)) {
  process.stderr.write('seccomp.mjs: this is not the default profile of Docker: it refuses what it does not name\n');
  process.exit(1);
}
const syscalls = [...profile.syscalls, { names: NAMES, action: 'SCMP_ACT_ALLOW' }];
process.stdout.write(`${JSON.stringify({ ...profile, syscalls }, null, 2)}\n`);
