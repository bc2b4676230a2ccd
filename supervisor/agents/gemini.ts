/** Gemini CLI: hooks in its settings files, time-outs in milliseconds, commands run by bash. */
import type { AgentFile, Scope } from './agent.js';
import { GROUPED } from './json/entries.js';
import type { MeasuredAgent } from './migrate/migrate.js';

export const gemini: MeasuredAgent = {
  name: 'gemini',
  title: 'Gemini CLI',
  files: ({ env, folders }) => {
    const user = env.HOME ? [`${env.HOME}/.gemini/settings.json`] : [];
    const projects = folders.map((folder) => `${folder}/.gemini/settings.json`).filter((path) => !user.includes(path));
    const inScope = (paths: readonly string[], scope: Scope) => paths.map((path): AgentFile => ({ path, scope }));
    return [...inScope(user, 'user'), ...inScope(projects, 'project')];
  },
  isMeasured: true,
  plugins: () => [],
  shape: GROUPED,
  textForm: 'quoted',
  timeoutUnitMs: 1,
  shell: 'bash',
  execFrom: undefined,
  alsoReadBy: [],
  httpFrom: undefined,
  placeholder: /\$(?:GEMINI|CLAUDE)_PROJECT_DIR/g,
  runsEqualOnce: true,
  timeoutDecides: [],
  refusal: () => undefined,
  hint: '',
  elsewhere: () => [],
};
