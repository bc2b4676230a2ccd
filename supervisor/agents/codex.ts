/** Codex CLI: hooks.json beside its configuration. Tables in config.toml are only reported: they are not JSON. */
import type { Agent, AgentFile, Surroundings } from './agent.js';

export const codex: Agent = {
  name: 'codex',
  title: 'Codex CLI',
  files: (where) => {
    const [user = '', ...projects] = folders(where).map((folder) => `${folder}/hooks.json`);
    return [{ path: user, scope: 'user' }, ...projects.map((path): AgentFile => ({ path, scope: 'project' }))];
  },
  timeoutUnitMs: 1_000,
  shell: 'bash',
  execFrom: undefined,
  placeholder: undefined,
  runsEqualOnce: false,
  timeoutDecides: [],
  // It takes the shell of the account, and of another than bash nobody has measured how.
  refusal: ({ SHELL }) =>
    SHELL === undefined || /(^|\/)bash$/.test(SHELL)
      ? undefined
      : `it runs hooks by the shell of the account, ${SHELL}, and we know how only for bash`,
  hint:
    'Codex skips a changed hook without a word until you trust it again: open codex, type /hooks, review and trust them. ' +
    'After uninstall they have to be trusted once more.',
  elsewhere: (where) =>
    folders(where).map((folder) => ({
      path: `${folder}/config.toml`,
      what: 'table [hooks]; only hooks.json is rewritten',
      mark: /^\s*\[\[?\s*hooks\b/m,
    })),
};

function folders(where: Surroundings): string[] {
  const user = where.env.CODEX_HOME || `${where.env.HOME ?? ''}/.codex`;
  return [user, ...where.folders.map((folder) => `${folder}/.codex`).filter((folder) => folder !== user)];
}
