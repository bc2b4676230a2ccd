/** A hook as its agent starts it, and the files that its words name. */
import { dirname } from 'node:path';
import type { Agent, AgentFile } from '../agents/agent.js';
import { bytesOf, plainPath } from '../policy/paths.js';
import { filesOf } from './doctor/hooks/levels.js';
import { simpleCommands } from './doctor/hooks/shell-text.js';

export interface HookWords {
  command: string;
  args: readonly string[] | undefined;
}

export interface StartedHook extends HookWords {
  /** The folder that it is started for. */
  project: string;
  /** Absolute: what is written with a folder, and what lies in the project under a mere name. Whether they are there or not. */
  files: string[];
  names: string[];
}

/** A settings file of a project, as `PROJECT/.claude/settings.json` or `PROJECT/.kiro/agents/x.json`. */
const OF_PROJECT = /^(.*)\/\.[a-z]+\/[^/]+(?:\/[^/]+)?$/;

export function startedHook(
  { placeholder }: Pick<Agent, 'placeholder'>,
  { path, scope }: AgentFile,
  hook: HookWords,
  home: string,
  cwd: string,
): StartedHook {
  const isShared = scope === 'project' || scope === 'local';
  const project = isShared ? (OF_PROJECT.exec(path)?.[1] ?? '') : cwd;
  const ofPlugin: Record<string, string> = scope === 'plugin' ? { CLAUDE_PLUGIN_ROOT: dirname(dirname(path)) } : {};
  const values: Record<string, string> = { CLAUDE_PROJECT_DIR: project, GEMINI_PROJECT_DIR: project, ...ofPlugin };
  // What the agent itself replaces in the words is replaced; the rest of the variables is its shell's.
  const filled = (word: string) =>
    placeholder === undefined ? word : word.replace(placeholder, (all) => values[all.replace(/\W/g, '')] ?? all);
  const started = { command: filled(hook.command), args: hook.args?.map(filled) };
  const words =
    started.args === undefined ? simpleCommands(started.command).flat() : [started.command, ...started.args];
  return {
    ...started,
    project,
    files: filesOf(started, project, home, ofPlugin),
    names: words.flatMap((word) => plainPath(bytesOf(word), bytesOf(project)) ?? []),
  };
}
