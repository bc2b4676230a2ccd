/** A configuration as it is loaded, the same under every profile. */
import type { LoadedConfig } from '../../supervisor/config/load.js';
import type { Config } from '../../supervisor/contract/config.js';

export function loadedOf(config: Readonly<Config>, notes: string[] = []): LoadedConfig & { ok: true } {
  return { ok: true, config, notes, profileFrom: 'default', under: () => config };
}
