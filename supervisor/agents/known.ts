/** The agents we know, and those of which we do not know enough to rewrite anything. */
import type { Agent, UnsupportedAgent } from './agent.js';
import { claude } from './claude.js';
import { codex } from './codex.js';
import { gemini } from './gemini.js';

export const AGENTS: readonly Agent[] = [claude, gemini, codex];

const NOT_MEASURED = 'how it starts a hook (shell, quoting, time-outs, equal commands) was not measured by us';

export const UNSUPPORTED: readonly UnsupportedAgent[] = [
  { name: 'cursor', title: 'Cursor', why: NOT_MEASURED },
  { name: 'copilot', title: 'GitHub Copilot CLI', why: `${NOT_MEASURED}, and a failing hook of it denies the tool` },
  { name: 'windsurf', title: 'Windsurf', why: NOT_MEASURED },
  { name: 'kiro', title: 'Kiro CLI', why: NOT_MEASURED },
  { name: 'cline', title: 'Cline', why: 'its hooks are files named after events, not commands in a file' },
  {
    name: 'opencode',
    title: 'opencode',
    why: 'its hooks run inside it: there is no command to put a client in front of',
  },
];

export const AGENT_NAMES: readonly string[] = [...AGENTS, ...UNSUPPORTED].map(({ name }) => name);
