/** How a call above `contained` is held: what the launcher is told, made of policy, host and files. */

import type { Network } from './allow-list.js';
import type { ConfinedLevel } from './call.js';
import type { LayerName } from './isolation.js';

export interface Confinement {
  level: ConfinedLevel;
  /** Entered, all of them, or the process does not come to be. */
  layers: readonly LayerName[];
  network: Network;
  /** Absolute, byte strings. `protect` lies below `write` and stays as it is. */
  read: readonly string[];
  write: readonly string[];
  protect: readonly string[];
  /** For people. */
  project: string;
  /** What of the level is missing here and let pass by the configuration; '' where nothing is. */
  without: string;
}

/** What `enforced` says of its network; nothing where it is that of a direct run. */
export function networkEnforced(confinement: Pick<Confinement, 'network'> | undefined): string[] {
  const network = confinement?.network ?? 'host';
  if (network === 'host') return [];
  return [network === 'none' ? 'no-network' : 'network-allow-list'];
}

/** The same for two calls that may be held by the same processes. */
export function confinementKey({ level, layers, network, read, write, protect }: Confinement): string {
  const lists = [layers, read, write, protect].flatMap((list) => [String(list.length), ...list]);
  const reached = typeof network === 'string' ? [network] : ['list', String(network.allow.length), ...network.allow];
  return [level, ...reached, ...lists].join('\0');
}
