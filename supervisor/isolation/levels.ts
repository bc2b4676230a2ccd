/** Which layers a call of some level enters on this host, and whether that is enough. Pure. */

import type { Network } from '../contract/allow-list.js';
import type { ConfinedLevel } from '../contract/call.js';
import {
  DOOR_NEEDS,
  LAYER_TEXT,
  type LayerName,
  type LayerReport,
  LEVEL_NEEDS,
  LEVEL_TAKES,
  type Need,
} from '../contract/isolation.js';

/** Of networkNamespace. */
const LEVEL_WITH_LOOPBACK = 2;
/** Of mountNamespace. */
const LEVEL_WITH_READ_ONLY = 2;

export interface LevelLayers {
  /** Entered, in their order. */
  layers: readonly LayerName[];
  /** What the level needs and the host does not give. */
  lacking: readonly LayerReport[];
  /** Of these, what a sandbox with an allow-list cannot do without, whatever its handler allows. */
  doorLacking: readonly LayerReport[];
  /** Protected paths cannot be held: what must not be changed in a folder can only be kept by not writing there at all. */
  withoutProtection: boolean;
}

export function layersFor(level: ConfinedLevel, network: Network, reports: readonly LayerReport[]): LevelLayers {
  // With the network of a direct run there is nothing to be kept apart.
  const isMeant = ({ name }: LayerReport) => network !== 'host' || name !== 'networkNamespace';
  const meant = reports.filter(isMeant);
  const needs: readonly LayerName[] = LEVEL_NEEDS[level];
  const doorLacking = typeof network === 'string' ? [] : meant.filter(isNoDoor);
  const layers = meant.filter(({ name, available }) => available && LEVEL_TAKES.includes(name)).map(({ name }) => name);
  return {
    layers,
    lacking: meant.filter((one) => (!one.available && needs.includes(one.name)) || doorLacking.includes(one)),
    doorLacking,
    withoutProtection: !layers.includes('mountNamespace'),
  };
}

function isNoDoor({ name, available, level }: LayerReport): boolean {
  return DOOR_NEEDS.includes(name) && (!available || (name === 'networkNamespace' && level < LEVEL_WITH_LOOPBACK));
}

/** Before Linux 5.12, see host_tree.h. */
export function isHostTreeWritable(level: ConfinedLevel, reports: readonly LayerReport[]): boolean {
  const isShort = ({ name, available, level }: LayerReport) =>
    name === 'mountNamespace' && available && level < LEVEL_WITH_READ_ONLY;
  return level === 'restricted' && reports.some(isShort);
}

export const HOST_TREE_WRITABLE = {
  reason: "the host's tree cannot be made read-only: modes, owners and times of its user's files can be changed",
  remedy: 'use Linux 5.12 or newer',
};

/** What stands in the way, with its cause. */
export function lackingText(level: ConfinedLevel, lacking: readonly LayerReport[]): string {
  const causes = new Map<string, string[]>();
  for (const { name, why } of lacking) causes.set(why, [...(causes.get(why) ?? []), LAYER_TEXT[name]]);
  const parts = [...causes].map(([why, names]) => (why === '' ? names.join(', ') : `${names.join(', ')} (${why})`));
  return `level ${level} needs what this host does not give: ${parts.join('; ')}`;
}

/** Of those that a policy insists on, the ones that would not be there. */
export function unmet(require: readonly Need[], layers: readonly LayerName[], hasCgroup: boolean): readonly Need[] {
  return require.filter((need) => (need === 'cgroup' ? !hasCgroup : !layers.includes(need)));
}
