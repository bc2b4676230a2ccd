/** Where our groups may lie on a host whose controllers are on cgroup v1, with a v2 tree beside them (hybrid layout). The
 *  v2 tree holds and kills; the v1 hierarchies limit. Pure: facts of this host in, one folder for each tree or the reason
 *  why not out. Only as root: handing v1 groups to others is not safe, and nobody does. */
import type { CgroupFacts } from './base.js';

export interface V1Tree {
  /** Controller, or 'v2' for the tree beside the hierarchies. */
  name: string;
  /** Our own group there: groups are made below it only. */
  folder: string;
  mount: string;
}

export type V1Base = { ok: true; v2: V1Tree; controllers: V1Tree[] } | { ok: false; reason: string; remedy: string };

const NEEDED = ['memory', 'pids'];
const LIKED = ['cpu', 'cpuacct'];
const REMEDY = 'boot with cgroup v2 only: systemd.unified_cgroup_hierarchy=1 on the kernel command line';

/** @param isAsked by the configuration. Unasked, only where nobody else manages groups: a manager looks for its processes
 *  in the group it has put them in, and ours would be in another. */
export function findV1Base(facts: CgroupFacts, isAsked: boolean): V1Base {
  if (facts.uid !== 0) return { ok: false, reason: 'cgroup v1 is for root only', remedy: REMEDY };
  if (facts.hasSystemd && !isAsked)
    return { ok: false, reason: 'its v1 groups belong to systemd', remedy: `${REMEDY}; or set cgroup to "v1"` };
  const v2 = treeOf(facts, 'v2');
  if (v2 === undefined) return { ok: false, reason: 'there is no v2 tree beside the v1 hierarchies', remedy: REMEDY };
  const controllers = [...NEEDED, ...LIKED].flatMap((name) => treeOf(facts, name) ?? []);
  const missing = NEEDED.filter((name) => !controllers.some((tree) => tree.name === name));
  if (missing.length > 0)
    return { ok: false, reason: `v1 has no writable hierarchy for ${missing.join(', ')}`, remedy: REMEDY };
  const managed = controllers.find(({ folder, mount }) => folder !== mount);
  if (managed !== undefined && !isAsked) {
    const reason = `the ${managed.name} group of this process, ${managed.folder}, belongs to who has put it there`;
    return { ok: false, reason, remedy: `${REMEDY}; or set cgroup to "v1", which makes groups below it` };
  }
  return { ok: true, v2, controllers };
}

/** Our own group of one tree; undefined where it is not mounted here or cannot be written. */
function treeOf(facts: CgroupFacts, name: string): V1Tree | undefined {
  const own = ownPath(facts.selfCgroup, name);
  if (own === undefined) return undefined;
  for (const line of facts.mountInfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [type = '', , options = ''] = after.split(' ');
    const isIt = name === 'v2' ? type === 'cgroup2' : type === 'cgroup' && options.split(',').includes(name);
    const [, , , root = '/', mount = ''] = before.split(' ');
    if (!isIt) continue;
    // In a container the mount shows its own group as the root, while our path may still be the host's.
    const below = root === '/' ? own : own.startsWith(root) ? own.slice(root.length) : undefined;
    const folder = below === undefined || below === '/' ? mount : `${mount}${below}`;
    if (below !== undefined && facts.look(folder)?.writable === true) return { name, folder, mount };
  }
  return undefined;
}

function ownPath(selfCgroup: string, name: string): string | undefined {
  for (const line of selfCgroup.split('\n')) {
    const [id = '', list = '', ...path] = line.split(':');
    if (name === 'v2' ? id === '0' && list === '' : list.split(',').includes(name)) return path.join(':');
  }
  return undefined;
}
