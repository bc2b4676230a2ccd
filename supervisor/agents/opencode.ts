/** opencode: it has no hooks that are commands, so a plugin of ours runs those of a file of our own. Their shape and their shell
 *  are the plugin's, and so known; how opencode loads it we have from its documentation. */
import type { Agent, Surroundings } from './agent.js';
import { documented } from './by-documentation.js';
import { GROUPED } from './json/entries.js';

export const opencode: Agent = {
  ...documented({
    name: 'opencode',
    title: 'opencode',
    shape: GROUPED,
    timeoutUnitMs: 1_000,
    files: (where) => folder(where).map((path) => ({ path: `${path}/hook-supervisor.json`, scope: 'user' })),
    elsewhere: () => [],
  }),
  textForm: 'quoted',
  runsEqualOnce: false,
  plugins: (where) =>
    folder(where).map((path) => ({
      source: 'agents/install/opencode-plugin.js',
      path: `${path}/plugins/hook-supervisor.js`,
    })),
  hint: 'opencode loads the plugin when it starts. By its documentation; nobody of us has run it: see that a hook refuses a tool.',
};

function folder({ env }: Surroundings): string[] {
  if (env.XDG_CONFIG_HOME) return [`${env.XDG_CONFIG_HOME}/opencode`];
  return env.HOME ? [`${env.HOME}/.config/opencode`] : [];
}
