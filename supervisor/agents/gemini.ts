/** Gemini CLI: hooks in its settings files, time-outs in milliseconds, commands run by bash. */
import type { Agent, AgentFile } from './agent.js';

export const gemini: Agent = {
  name: 'gemini',
  title: 'Gemini CLI',
  files: ({ env, folders }) => {
    const user = `${env.HOME ?? ''}/.gemini/settings.json`;
    const projects = folders.map((folder) => `${folder}/.gemini/settings.json`).filter((path) => path !== user);
    return [{ path: user, scope: 'user' }, ...projects.map((path): AgentFile => ({ path, scope: 'project' }))];
  },
  timeoutUnitMs: 1,
  shell: 'bash',
  execFrom: undefined,
  placeholder: /\$(?:GEMINI|CLAUDE)_PROJECT_DIR/g,
  runsEqualOnce: true,
  timeoutDecides: [],
  refusal: () => undefined,
  hint: '',
  elsewhere: () => [],
};
