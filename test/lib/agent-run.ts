/** Hooks of a settings file, started as the agent of that file starts them. */
import { spawnSync } from 'node:child_process';
import { entriesOf, type HookEntry } from '../../supervisor/agents/json/entries.js';
import { AGENTS } from '../../supervisor/agents/known.js';

/** As it was measured, not as our own table of agents has it: that is what is tested. Others any shell may be run by. */
const HABITS: Record<string, { shell: string; placeholder: RegExp | undefined }> = {
  claude: { shell: '/bin/sh', placeholder: /\$\{CLAUDE_(?:PROJECT_DIR|PLUGIN_ROOT|PLUGIN_DATA)\}/g },
  gemini: { shell: 'bash', placeholder: /\$(?:GEMINI|CLAUDE)_PROJECT_DIR/g },
  codex: { shell: 'bash', placeholder: undefined },
};

export interface AgentSession {
  agent: string;
  cwd: string;
  env: Readonly<Record<string, string>>;
  input: string;
}

export interface HookAnswer {
  command: string;
  stdout: string;
  stderr: string;
  status: number | null;
}

/** Of `text`, latin1: every hook for which an agent starts a process. */
export function answersOf(text: string, session: AgentSession): HookAnswer[] {
  const read = entriesOf(text, AGENTS.find(({ name }) => name === session.agent)?.shape);
  return (read.ok ? read.entries : []).filter(isStarted).map((entry) => answerOf(entry, session));
}

function isStarted({ type, command, commandText, shell }: HookEntry): boolean {
  return type === 'command' && command !== undefined && commandText !== '' && shell !== 'powershell';
}

function answerOf({ commandText, args, argTexts }: HookEntry, { agent, cwd, env, input }: AgentSession): HookAnswer {
  const { shell, placeholder } = HABITS[agent] ?? { shell: 'bash', placeholder: undefined };
  const filled = (word: string) =>
    placeholder === undefined ? word : word.replace(placeholder, (all) => env[all.replace(/\W/g, '')] ?? all);
  const [program, words] =
    args === undefined ? [shell, ['-c', filled(commandText)]] : [filled(commandText), argTexts.map(filled)];
  const { stdout, stderr, status } = spawnSync(program, words, { cwd, env, input, encoding: 'utf8' });
  return { command: commandText, stdout, stderr, status };
}
