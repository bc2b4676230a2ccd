/** Codex CLI: hooks.json beside its configuration. Tables in config.toml are only reported: they are not JSON. */
import type { Surroundings } from './agent.js';
import { GROUPED } from './json/entries.js';
import type { MeasuredAgent } from './migrate/migrate.js';

export const codex: MeasuredAgent = {
  name: 'codex',
  title: 'Codex CLI',
  files: (where) => {
    const user = userFolder(where);
    return folders(where).map((folder) => {
      return { path: `${folder}/hooks.json`, scope: folder === user ? 'user' : 'project' };
    });
  },
  isMeasured: true,
  plugins: () => [],
  shape: GROUPED,
  textForm: 'quoted',
  timeoutUnitMs: 1_000,
  shell: 'bash',
  execFrom: undefined,
  alsoReadBy: [],
  httpFrom: undefined,
  placeholder: undefined,
  runsEqualOnce: false,
  timeoutDecides: [],
  // It takes the shell of the account, and of another than bash nobody has measured how.
  refusal: ({ SHELL }) =>
    SHELL === undefined || /(^|\/)bash$/.test(SHELL)
      ? undefined
      : `it runs hooks by the shell of the account, ${SHELL}, and we know how only for bash`,
  hint: 'Codex skips a changed hook without a word until you trust it: open codex, type /hooks, review and trust them.',
  elsewhere: (where) =>
    folders(where).map((folder) => ({
      path: `${folder}/config.toml`,
      what: 'table [hooks]; only hooks.json is rewritten',
      mark: /^\s*\[\[?\s*hooks\b/m,
    })),
};

function folders(where: Surroundings): string[] {
  const user = userFolder(where);
  const projects = where.folders.map((folder) => `${folder}/.codex`).filter((folder) => folder !== user);
  return [...(user === undefined ? [] : [user]), ...projects];
}

function userFolder({ env }: Surroundings): string | undefined {
  return env.CODEX_HOME || (env.HOME && `${env.HOME}/.codex`) || undefined;
}
