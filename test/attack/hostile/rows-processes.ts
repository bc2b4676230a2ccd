/** Attacks on the daemon, its keeper, and a victim of the same user. */
import { at, byUser, everywhere, KERNEL, type Row, shell, tries } from './row.js';
import type { Scene } from './scene.js';

const OUT_OF_SIGHT = 'ESRCH|EPERM|EACCES|ENOENT|EINVAL';
const TARGETS: readonly [name: string, pid: (scene: Scene) => number][] = [
  ['the daemon', (scene) => scene.daemonPid],
  ['its keeper', (scene) => scene.keeperPid],
  ['a victim', (scene) => scene.victimPid],
];
const ON_EACH = ['signal', 'signal-group', 'signal-thread', 'signal-queue', 'signal-by-descriptor', 'limit', 'renice'];
const ON_VICTIM = ['signal-by-pipe', 'steal-descriptor', 'trace', 'read-memory', 'write-memory', 'open-memory'];
const ON_VICTIM_TOO = ['move-memory', 'pin', 'reschedule', 'reorder-io'];

/** Daemon and keeper are not dumpable: only root can look into them. */
const HIDDEN = byUser('done', 'refused');

const victim = (scene: Scene) => [scene.victimPid];

export const processRows: readonly Row[] = [
  ...ON_EACH.flatMap((name) =>
    TARGETS.map(([who, pid]) => tries(name, at('done', OUT_OF_SIGHT), (scene) => [pid(scene)], `${name}: ${who}`)),
  ),
  ...[...ON_VICTIM, ...ON_VICTIM_TOO].map((name) => tries(name, at('done', OUT_OF_SIGHT), victim, `${name}: a victim`)),
  tries('advise-memory', at(byUser('done', 'EPERM'), OUT_OF_SIGHT), victim),
  tries('signal-all', at('done', OUT_OF_SIGHT)),
  tries('trace-child', at('done', 'EPERM')),
  tries('renice-user', at(KERNEL, OUT_OF_SIGHT)),
  ...TARGETS.flatMap(([who, pid]) =>
    ['environ', 'maps', 'fd', 'root/etc', 'cwd'].map((file) =>
      shell(
        `looks into ${file}: ${who}`,
        `cat /proc/$1/${file} || ls /proc/$1/${file}/`,
        at(who === 'a victim' ? 'done' : HIDDEN, 'refused'),
        (scene) => [pid(scene)],
      ),
    ),
  ),
  shell(
    'oom_score_adj: a victim',
    'cat /proc/$1/oom_score_adj > /proc/$1/oom_score_adj',
    at('done', 'refused'),
    victim,
  ),
  shell('coredump_filter: a victim', ': > /proc/$1/coredump_filter', at('done', 'refused'), victim),
  shell('sees processes of the host', '[ -e "/proc/$1" ]', at('done', 'refused'), victim),
  tries('inherited', everywhere('none'), undefined, 'inherited descriptors, 3 to 65535'),
];
