/** Where our groups may lie. Pure: facts of this host in, a base folder or the reason why there is none out. */
import { LIMITS } from '../contract/limits.js';

export interface CgroupFacts {
  /** Text of /proc/self/cgroup. */
  selfCgroup: string;
  /** Text of /proc/self/mountinfo. */
  mountInfo: string;
  uid: number;
  /** systemd runs this machine. */
  hasSystemd: boolean;
  /** config.cgroupPath. */
  explicitPath: string | null;
  /** For a folder: is it writable to us, who owns it, is it the root group (no cgroup.events)? */
  look(folder: string): { writable: boolean; ownerUid: number; isRoot: boolean } | undefined;
}

export type CgroupBase =
  | { ok: true; folder: string; mount: string; needsLeafMove: boolean }
  | { ok: false; reason: string; remedy: string; isHybrid?: boolean };

const HYBRID_REASON = 'this host keeps its controllers on cgroup v1 (hybrid layout)';
const UNIFIED_REMEDY = 'boot with cgroup v2 only: systemd.unified_cgroup_hierarchy=1 on the kernel command line';
const SCOPE_REMEDY =
  'start it in a scope of its own: systemd-run --user --scope -p Delegate=yes supervisor up -d (as root: without --user)';
const CONTAINER_REMEDY =
  'give the container a writable cgroup: docker run --security-opt writable-cgroups=true (Docker 28 or newer)';
const HAND_OVER_REMEDY =
  'as root run docker/delegate.sh USER (in our image hook-supervisor-delegate), then start it anew';

export function findBase(facts: CgroupFacts): CgroupBase {
  const mount = unifiedMount(facts.mountInfo);
  if (mount === undefined) {
    return {
      ok: false,
      reason: 'no unified cgroup v2 tree is mounted',
      remedy: UNIFIED_REMEDY,
    };
  }
  const own = facts.selfCgroup.split('\n').find((line) => line.startsWith('0::'));
  if (own === undefined) return { ok: false, reason: 'this process is in no v2 group', remedy: SCOPE_REMEDY };
  const ownPath = own.slice(3).replace(/ \(deleted\)$/, '');
  const folder = facts.explicitPath ?? withoutLeaf(join(mount.folder, ownPath), facts);
  const seen = facts.look(folder);
  if (seen === undefined) return { ok: false, reason: `${folder} is not there`, remedy: SCOPE_REMEDY };
  if (mount.folder.endsWith('/unified'))
    return { ok: false, reason: HYBRID_REASON, remedy: UNIFIED_REMEDY, isHybrid: true };
  if (mount.readOnly) return { ok: false, reason: `${mount.folder} is mounted read-only`, remedy: CONTAINER_REMEDY };
  if (!seen.writable) {
    // The root of a cgroup namespace that is not the host's: a container, where there is no systemd to ask.
    const remedy = ownPath === '/' && !seen.isRoot ? HAND_OVER_REMEDY : SCOPE_REMEDY;
    return { ok: false, reason: `${folder} is not writable to uid ${facts.uid}`, remedy };
  }
  if (facts.explicitPath !== null) return { ok: true, folder, mount: mount.folder, needsLeafMove: true };
  // On a systemd host root may write everywhere, but groups of units that were not delegated are systemd's to change.
  if (facts.hasSystemd && facts.uid === 0 && !isOurScope(ownPath)) {
    return { ok: false, reason: `${ownPath} belongs to systemd and is not delegated`, remedy: SCOPE_REMEDY };
  }
  return { ok: true, folder, mount: mount.folder, needsLeafMove: !seen.isRoot };
}

/** Folders of the v2 groups that limit our workers, the innermost first. Without groups of ours those that we are in. */
export function groupsOf({ mountInfo, selfCgroup }: CgroupFacts, workersPath: string): string[] {
  const mount = unifiedMount(mountInfo);
  const own = selfCgroup.split('\n').find((line) => line.startsWith('0::'));
  if (mount === undefined || own === undefined) return [];
  const names = (workersPath || own.slice(3)).split('/').filter(Boolean);
  return Array.from({ length: names.length + 1 }, (_, up) =>
    [mount.folder, ...names.slice(0, names.length - up)].join('/'),
  ).slice(0, LIMITS.groupsAskedMax);
}

/** A daemon started from a shell that an earlier one has moved is in its `sup` leaf: the base is one up. */
function withoutLeaf(folder: string, facts: CgroupFacts): string {
  const parent = folder.replace(/\/sup$/, '');
  return parent !== folder && facts.look(`${parent}/w`) !== undefined ? parent : folder;
}

function isOurScope(path: string): boolean {
  return /\/(run-[^/]*|hook-supervisor[^/]*)\.(scope|service)(\/sup)?$/.test(path);
}

function unifiedMount(mountInfo: string): { folder: string; readOnly: boolean } | undefined {
  for (const line of mountInfo.split('\n')) {
    const [before, after] = line.split(' - ');
    const fields = before?.split(' ');
    if (after?.startsWith('cgroup2 ') !== true || fields === undefined) continue;
    const folder = fields[4];
    if (folder === undefined) continue;
    return { folder, readOnly: (fields[5] ?? '').split(',').includes('ro') };
  }
  return undefined;
}

function join(folder: string, path: string): string {
  return path === '/' ? folder : `${folder}${path}`;
}
