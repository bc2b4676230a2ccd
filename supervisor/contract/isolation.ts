/** The layers of the sandbox, as native-shim/lib/sandbox/layers.h names them, and the class of host that they make. */

import type { ConfinedLevel } from './call.js';

/** In words, in the order in which they are entered. */
export const LAYER_TEXT = {
  otherUid: 'another uid',
  userNamespace: 'user namespace',
  mountNamespace: 'mount namespace',
  ipcNamespace: 'ipc namespace',
  utsNamespace: 'uts namespace',
  cgroupNamespace: 'cgroup namespace',
  networkNamespace: 'network namespace',
  pidNamespace: 'pid namespace',
  privateMounts: 'private /tmp and /dev/shm',
  ownProc: 'own /proc',
  sessionKeyring: 'own session keyring',
  resourceLimits: 'resource limits',
  closedDescriptors: 'closed descriptors',
  noNewPrivs: 'no_new_privs',
  noCapabilities: 'no capabilities',
  landlock: 'Landlock',
  seccomp: 'seccomp filter',
} as const;

export type LayerName = keyof typeof LAYER_TEXT;

export interface Layer {
  name: LayerName;
  /** 0: not available. landlock: its ABI. networkNamespace: 2 with a loopback. noCapabilities: 2 with locked privileges. */
  level: number;
  /** Where it failed, or fell short of level 2: a key of STAGE_TEXT, or 0. */
  stage: number;
  /** 0 beside a level 0: the kernel agreed, yet the proof failed. */
  errnum: number;
}

/** What is known of one layer on this host, in words. */
export interface LayerReport {
  name: LayerName;
  available: boolean;
  level: number;
  /** '' where it is available in full. */
  why: string;
  remedy: string;
}

const LAYER_NAMES = Object.keys(LAYER_TEXT) as LayerName[];

/** Of the set that the keeper reports for a parked process: a bit for each layer, in the order above. */
export function layersOfBits(bits: number): LayerName[] {
  return LAYER_NAMES.filter((_name, index) => (bits >>> index) & 1);
}

/** What supervisor-probe prints; undefined if it is not that. */
export function parseLayers(text: string): Layer[] | undefined {
  const layers = text
    .trimEnd()
    .split('\n')
    .map((line) => /^(\w+) (\d+) (\d+) (\d+)$/.exec(line))
    .map((match) => ({
      name: (match?.[1] ?? '') as LayerName,
      level: Number(match?.[2]),
      stage: Number(match?.[3]),
      errnum: Number(match?.[4]),
    }));
  const names = layers.map(({ name }) => name).join();
  return names === LAYER_NAMES.join() ? layers : undefined;
}

/** A: all of it, by a root who gives each hook a uid. B: the same for an ordinary user. C: no namespaces. D: no cgroup
 *  either. E: no Landlock: only the uid protects files. F: nothing that holds. */
export type HostClass = 'A' | 'B' | 'C' | 'D' | 'E' | 'F';
export type Need = LayerName | 'cgroup';

const PROCESS: readonly LayerName[] = [
  'resourceLimits',
  'closedDescriptors',
  'noNewPrivs',
  'noCapabilities',
  'seccomp',
];
const NAMESPACES: readonly LayerName[] = [
  'mountNamespace',
  'ipcNamespace',
  'utsNamespace',
  'cgroupNamespace',
  'networkNamespace',
  'pidNamespace',
  'privateMounts',
  'ownProc',
];

/** The best first; each needs all that the next one does. */
const CLASSES: readonly [name: HostClass, needs: readonly Need[]][] = [
  ['A', [...PROCESS, 'landlock', 'cgroup', ...NAMESPACES, 'otherUid']],
  ['B', [...PROCESS, 'landlock', 'cgroup', ...NAMESPACES]],
  ['C', [...PROCESS, 'landlock', 'cgroup']],
  ['D', [...PROCESS, 'landlock']],
  ['E', PROCESS],
  ['F', []],
];

/** What a level above `contained` needs: without one of these a call is refused, unless its policy allows less. */
export const LEVEL_NEEDS: Readonly<Record<ConfinedLevel, readonly LayerName[]>> = {
  restricted: [...PROCESS, 'landlock'],
  untrusted: [...PROCESS, 'landlock', 'userNamespace', ...NAMESPACES],
};

/** What a sandbox with an allow-list needs at any level: without it there would be another way out, or no end to the door. */
export const DOOR_NEEDS: readonly LayerName[] = ['networkNamespace', 'pidNamespace'];

/** Entered wherever the host gives them. Another uid is not among them yet: only root could, and the files would be others'. */
export const LEVEL_TAKES: readonly LayerName[] = LAYER_NAMES.filter((name) => name !== 'otherUid');

export interface ClassOfHost {
  name: HostClass;
  /** The class above, and what is not there for it; undefined at the top. */
  above: { name: HostClass; lacking: Need[] } | undefined;
}

export function classOfHost(layers: readonly Layer[], hasCgroup: boolean): ClassOfHost {
  const have = new Set<Need>(layers.filter(({ level }) => level > 0).map(({ name }) => name));
  if (hasCgroup) have.add('cgroup');
  const lacking = (needs: readonly Need[]) => needs.filter((need) => !have.has(need));
  const index = CLASSES.findIndex(([, needs]) => lacking(needs).length === 0);
  const better = CLASSES[index - 1];
  return {
    name: CLASSES[index]?.[0] ?? 'F',
    above: better === undefined ? undefined : { name: better[0], lacking: lacking(better[1]) },
  };
}
