/** The agents we know, and those whose hooks are no commands in a file. */
import type { Agent, UnsupportedAgent } from './agent.js';
import { copilot, cursor, kiro, windsurf } from './by-documentation.js';
import { claude } from './claude.js';
import { codex } from './codex.js';
import { gemini } from './gemini.js';
import type { MeasuredAgent } from './migrate/migrate.js';
import { opencode } from './opencode.js';

/** Those that we have run with wrapped hooks. */
export const MEASURED: readonly MeasuredAgent[] = [claude, gemini, codex];

export const AGENTS: readonly Agent[] = [...MEASURED, cursor, copilot, windsurf, kiro, opencode];

export const UNSUPPORTED: readonly UnsupportedAgent[] = [
  { name: 'cline', title: 'Cline', why: 'its hooks are files named after events, not commands in a file' },
];

export const AGENT_NAMES: readonly string[] = [...AGENTS, ...UNSUPPORTED].map(({ name }) => name);
