/** Attempts to become more, and doors of the kernel. */
import { at, byUser, everywhere, KERNEL, type Row, shell, tries } from './row.js';

const REFUSED_CALLS = [
  ...['unshare-user', 'unshare-mounts', 'unshare-processes', 'unshare-network', 'unshare-ipc', 'unshare-host-name'],
  ...['unshare-cgroup', 'setns', 'mount', 'umount', 'pivot-root', 'chroot', 'open-tree', 'move-mount', 'mount-setattr'],
  ...['fsopen', 'fspick', 'swapon', 'open-by-handle', 'userfaultfd', 'bpf', 'perf', 'kcmp', 'fanotify', 'user-keyring'],
  ...['add-key', 'request-key', 'personality', 'init-module', 'finit-module', 'delete-module', 'reboot'],
  ...['clock-settime', 'set-host-name', 'kernel-log', 'set-securebits', 'allow-tracers', 'set-memory-map'],
  'clone-namespace',
];
const HIDDEN_CALLS = ['io-uring', 'clone3'];
const HUGE_CALLS = ['huge-pages', 'huge-file'];
const SECRETS = ['HOSTILE_SECRET', 'ANTHROPIC_API_KEY', 'LD_PRELOAD', 'BASH_ENV', 'NODE_OPTIONS', 'CLAUDE_ENV_FILE'];
const RAISES = ['raise-limit', 'raise-priority', 'real-time', 'other-user', 'other-groups', 'all-capabilities'];

const BY_RIGHTS = byUser('done', 'E[A-Z]+|done');

export const kernelRows: readonly Row[] = [
  ...REFUSED_CALLS.map((name) => tries(name, at(KERNEL, 'EPERM'))),
  ...HIDDEN_CALLS.map((name) => tries(name, at(KERNEL, 'ENOSYS'))),
  ...HUGE_CALLS.map((name) => tries(name, at(KERNEL, 'ENOMEM'))),
  ...RAISES.map((name) => tries(name, at(BY_RIGHTS, 'EPERM|EACCES|EINVAL'))),
  tries('lock-memory', at(BY_RIGHTS, 'ENOMEM|EPERM')),
  tries('make-device', at(BY_RIGHTS, 'EPERM|EACCES|EROFS'), (scene, level) => [`${scene.project(level)}/free/device`]),
  tries('setuid-copy', at(byUser('the owner', 'EPERM'), 'EPERM|EINVAL|not copied'), (scene, level) => [
    `${scene.project(level)}/free/setuid`,
  ]),
  // What runs from memory runs in the same sandbox.
  tries('run-from-memory', everywhere('the same')),
  tries('calls-of-i386', at('done|ENOSYS|SIGSEGV', process.arch === 'x64' ? 'SIGSYS' : 'ENOSYS')),
  tries('calls-of-x32', at('done|ENOSYS', process.arch === 'x64' ? 'SIGSYS' : 'ENOSYS')),
  tries('dump-core', everywhere('SIGABRT')),
  ...SECRETS.map((name) => tries('environment', at('seen', 'absent'), () => [name], `environment: ${name}`)),
  ...[
    '/proc/sys/kernel/core_pattern',
    '/proc/sysrq-trigger',
    '/dev/kmsg',
    '/dev/mem',
    '/etc/passwd',
    '/usr/bin/env',
  ].map((path) => shell(`opens ${path} to write`, `: >> ${path}`, at('done|refused', 'refused'))),
  shell('sees groups', 'set -- /sys/fs/cgroup/*; [ -e "$1" ]', at('done|refused', 'refused')),
  shell(
    'opens cgroup.procs to write',
    'file=$(find /sys/fs/cgroup -name cgroup.procs -print -quit); [ -n "$file" ] && : >> "$file"',
    at('done|refused', 'refused'),
  ),
];
