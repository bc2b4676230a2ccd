/** Claude Code: settings files, plugins, and what is only reported. */
import type { AgentFile, Elsewhere, Surroundings } from './agent.js';
import { GROUPED } from './json/entries.js';
import type { MeasuredAgent } from './migrate/migrate.js';

const MANAGED_FOLDER = '/etc/claude-code';
const MANIFEST_HOOKS = /"hooks"\s*:/;
const FRONTMATTER_HOOKS = /^---\r?\n(?:(?!---).*\r?\n)*?hooks:/;

export const claude: MeasuredAgent = {
  name: 'claude',
  title: 'Claude Code',
  files: (where) => [...user(where), ...projects(where), ...managed(where), ...plugins(where)],
  isMeasured: true,
  plugins: () => [],
  shape: GROUPED,
  textForm: 'quoted',
  timeoutUnitMs: 1_000,
  shell: undefined,
  execFrom: '2.1.139',
  alsoReadBy: ['.cursor', '.copilot'],
  httpFrom: { hooks: '2.1.63', onFailure: '2.1.295' },
  // `$CLAUDE_PROJECT_DIR` without braces is the shell's.
  placeholder: /\$\{CLAUDE_(?:PROJECT_DIR|PLUGIN_ROOT|PLUGIN_DATA)\}/g,
  runsEqualOnce: true,
  timeoutDecides: ['PreModelSwitch'],
  refusal: () => undefined,
  hint: 'Sessions that run take changed settings files with the next prompt (with -p: not at all), plugins after /reload-plugins.',
  elsewhere: (where) => [
    ...[...new Set([...folderOf(where), ...where.folders.map((folder) => `${folder}/.claude`)])].flatMap((folder) => [
      ...frontmatter(where, `${folder}/agents`, 'agent file', (name) => name),
      ...frontmatter(where, `${folder}/skills`, 'skill', (name) => `${name}/SKILL.md`),
    ]),
    ...inPlugins(where),
  ],
};

/** None without a home. */
function folderOf({ env }: Surroundings): string[] {
  if (env.CLAUDE_CONFIG_DIR) return [env.CLAUDE_CONFIG_DIR];
  return env.HOME ? [`${env.HOME}/.claude`] : [];
}

function user(where: Surroundings): AgentFile[] {
  return folderOf(where).map((folder) => ({ path: `${folder}/settings.json`, scope: 'user' }));
}

/** In the home folder its settings are the user's, not a project's. */
function projects(where: Surroundings): AgentFile[] {
  const folders = where.folders
    .map((folder) => `${folder}/.claude`)
    .filter((folder) => !folderOf(where).includes(folder));
  return folders.flatMap((folder): AgentFile[] => [
    { path: `${folder}/settings.json`, scope: 'project' },
    { path: `${folder}/settings.local.json`, scope: 'local' },
  ]);
}

function managed({ names }: Surroundings): AgentFile[] {
  const folder = `${MANAGED_FOLDER}/managed-settings.d`;
  const parts = names(folder).filter((name) => name.endsWith('.json'));
  return [`${MANAGED_FOLDER}/managed-settings.json`, ...parts.map((name) => `${folder}/${name}`)].map((path) => {
    return { path, scope: 'managed' };
  });
}

function plugins(where: Surroundings): AgentFile[] {
  return pluginRoots(where).map((root) => ({ path: `${root}/hooks/hooks.json`, scope: 'plugin' }));
}

/** cache/MARKET/NAME/VERSION */
function pluginRoots(where: Surroundings): string[] {
  const below = (folder: string) => where.names(folder).map((name) => `${folder}/${name}`);
  return folderOf(where)
    .flatMap((folder) => below(`${folder}/plugins/cache`))
    .flatMap(below)
    .flatMap(below);
}

/** A plugin may have hooks in its manifest, and its skills as the user's do; not its agents, whose hooks do not run. */
function inPlugins(where: Surroundings): Elsewhere[] {
  return pluginRoots(where).flatMap((root) => [
    { path: `${root}/.claude-plugin/plugin.json`, what: 'manifest of a plugin', mark: MANIFEST_HOOKS },
    ...frontmatter(where, `${root}/skills`, 'skill of a plugin', (name) => `${name}/SKILL.md`),
  ]);
}

function frontmatter(where: Surroundings, folder: string, what: string, file: (name: string) => string): Elsewhere[] {
  return where.names(folder).map((name) => ({ path: `${folder}/${file(name)}`, what, mark: FRONTMATTER_HOOKS }));
}
