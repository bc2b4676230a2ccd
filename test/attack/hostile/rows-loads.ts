/** Much of everything within the attack's own bounds, misused streams, refusals to end. */
import { at, everywhere, type Row, shell, tries } from './row.js';
import type { Scene } from './scene.js';

const SOON = { options: ['--timeout', '400ms'] };
const FULL = 'done|EAGAIN|ENOSPC|EMFILE|ENOMEM|EFBIG|EPERM';
const LARGE_STDIN = 'x'.repeat(1 << 20);

const leftover = ({ nonce }: Scene) => [`/tmp/${nonce}`, `/dev/shm/${nonce}`];

/** In this order: what one leaves is what the next looks for. */
export const loadRows: readonly Row[] = [
  ...['forks', 'threads', 'memory', 'fill-memory-file', 'fill-pipes'].map((name) => tries(name, everywhere(FULL))),
  tries('fill-file', everywhere(FULL), ({ nonce }) => [`/dev/shm/${nonce}`], 'fills /dev/shm'),
  tries('fill-file', everywhere(FULL), ({ nonce }) => [`/tmp/${nonce}`], 'fills /tmp'),
  shell('leaves files in /tmp and /dev/shm', 'echo left > "$1" && echo left > "$2"', everywhere('done'), leftover),
  shell('finds what was left in /tmp', '[ -e "$1" ]', at('done', 'refused'), leftover),
  shell('finds what was left in /dev/shm', '[ -e "$2" ]', at('done', 'refused'), leftover),
  shell('removes what it left', 'rm -f "$1" "$2"', everywhere('done'), leftover),
  tries('leave-by-number', at('done', 'done|EPERM'), (scene) => [scene.key]),
  tries('find-by-number', at('done', 'ENOENT|EPERM'), (scene) => [scene.key]),
  tries('remove-by-number', everywhere('done'), (scene) => [scene.key]),
  tries('queue', at('done', 'E[A-Z]+'), ({ nonce }) => [`/${nonce}`]),
  tries('daemonise', everywhere('done')),
  ...['sleep', 'spin', 'be-deaf', 'stop-itself', 'stop-child'].map((name) =>
    tries(name, everywhere('timedOut'), undefined, `${name} without end`, SOON),
  ),
  tries('flood', everywhere('limitHit'), undefined, 'floods stdout'),
  tries('flood', everywhere('limitHit'), () => ['stderr'], 'floods stderr'),
  tries('close-all', everywhere('exit 0')),
  tries('who', everywhere('the same'), undefined, 'never reads its stdin', { stdin: LARGE_STDIN }),
  tries('write-stdin', everywhere('EBADF')),
  shell('closes its stdin at once', 'exec <&-', everywhere('done')),
];
