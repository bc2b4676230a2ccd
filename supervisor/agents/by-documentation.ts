/** Agents of which we have the documentation and nothing else. It is enough to change a text of plain words in a file whose shape is
 *  documented, and for nothing more: their shells, the places of their time-outs and what they do with equal hooks were not measured. */
import type { Agent, AgentFile, Scope, Surroundings } from './agent.js';

type Documented = Pick<Agent, 'name' | 'title' | 'shape' | 'timeoutUnitMs' | 'files' | 'elsewhere'>;

export function documented(agent: Documented): Agent {
  return {
    ...agent,
    isMeasured: false,
    textForm: 'words',
    shell: undefined,
    execFrom: undefined,
    alsoReadBy: [],
    httpFrom: undefined,
    placeholder: undefined,
    // Written alike, equal hooks are one to an agent that runs one of them, and two to one that runs both.
    runsEqualOnce: true,
    timeoutDecides: [],
    refusal: () => undefined,
    plugins: () => [],
    hint: 'written by its documentation; nobody of us has run it with wrapped hooks: see that they still answer.',
  };
}

const FLAT = { hasGroups: false, type: 'command' };

export const cursor = documented({
  name: 'cursor',
  title: 'Cursor',
  shape: { ...FLAT, command: ['command'], timeout: 'timeout' },
  timeoutUnitMs: 1_000,
  files: (where) => userAndProject(where, '.cursor/hooks.json', '.cursor/hooks.json', '/etc/cursor/hooks.json'),
  elsewhere: () => [],
});

export const windsurf = documented({
  name: 'windsurf',
  title: 'Windsurf',
  shape: { ...FLAT, command: ['command'], timeout: 'timeout' },
  timeoutUnitMs: 1_000,
  files: (where) =>
    userAndProject(where, '.codeium/windsurf/hooks.json', '.windsurf/hooks.json', '/etc/windsurf/hooks.json'),
  elsewhere: () => [],
});

export const copilot = documented({
  name: 'copilot',
  title: 'GitHub Copilot CLI',
  shape: { ...FLAT, command: ['bash', 'command'], timeout: 'timeoutSec' },
  timeoutUnitMs: 1_000,
  files: (where) => copilotHome(where).flatMap((folder) => inScope(jsonFiles(where, `${folder}/hooks`), 'user')),
  elsewhere: (where) => [
    ...copilotHome(where).map((folder) => {
      return { path: `${folder}/settings.json`, what: 'inside its settings', mark: HOOKS_KEY };
    }),
    // A failing hook of Copilot denies the tool.
    ...where.folders
      .flatMap((folder) => jsonFiles(where, `${folder}/.github/hooks`))
      .map((path) => ({ path, what: 'read by the cloud agent as well, which has no client of ours', mark: HOOKS_KEY })),
  ],
});

export const kiro = documented({
  name: 'kiro',
  title: 'Kiro CLI',
  shape: { ...FLAT, command: ['command'], timeout: 'timeout_ms' },
  timeoutUnitMs: 1,
  files: (where) => [
    ...home(where).flatMap((folder) => inScope(jsonFiles(where, `${folder}/.kiro/agents`), 'user')),
    ...others(where).flatMap((folder) => inScope(jsonFiles(where, `${folder}/.kiro/agents`), 'project')),
  ],
  elsewhere: (where) =>
    [...home(where), ...others(where)]
      .flatMap((folder) => jsonFiles(where, `${folder}/.kiro/hooks`))
      .map((path) => ({ path, what: 'in the form of Kiro CLI 3', mark: HOOKS_KEY })),
});

const HOOKS_KEY = /"hooks"\s*:/;

function userAndProject(where: Surroundings, user: string, project: string, managed: string): AgentFile[] {
  const [own, shared] = [home(where).map((folder) => `${folder}/${user}`), others(where)];
  return [
    ...inScope(own, 'user'),
    ...inScope(
      shared.map((folder) => `${folder}/${project}`),
      'project',
    ),
    { path: managed, scope: 'managed' },
  ];
}

function copilotHome({ env }: Surroundings): string[] {
  if (env.COPILOT_HOME) return [env.COPILOT_HOME];
  return env.HOME ? [`${env.HOME}/.copilot`] : [];
}

function home({ env }: Surroundings): string[] {
  return env.HOME ? [env.HOME] : [];
}

/** Folders of the project; what stands in the home folder is the user's. */
function others(where: Surroundings): string[] {
  return where.folders.filter((folder) => !home(where).includes(folder));
}

function jsonFiles({ names }: Surroundings, folder: string): string[] {
  return names(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => `${folder}/${name}`);
}

function inScope(paths: readonly string[], scope: Scope): AgentFile[] {
  return paths.map((path) => ({ path, scope }));
}
