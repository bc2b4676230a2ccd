/** The plugin of an agent that runs no hooks itself: written whole by install, removed by uninstall. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Agent, AgentPlugin } from '../agents/agent.js';
import { findFiles, surroundings } from '../agents/install/find.js';
import { readSettingsFile } from '../agents/install/read-file.js';
import { NEW_SUFFIX, writeWhole } from '../agents/install/write-file.js';
import { type Context, tellProblem } from './context.js';

const OURS = '/** hook-supervisor: ';

/** Those that are not there as they have to be, where there are hooks for them to run; told of. */
export function pluginsDue(context: Context, agent: Agent): AgentPlugin[] {
  const where = surroundings(context.env, context.cwd());
  if (findFiles(agent, where).length === 0) return [];
  const due = agent.plugins(where).filter(({ path, source }) => {
    const now = readSettingsFile(path);
    return now.kind !== 'read' || now.text !== textOf(context, source);
  });
  for (const { path } of due) context.err(`${path}: the plugin by which ${agent.title} runs these hooks\n`);
  return due;
}

/** False: told why not. */
export function putPlugin(context: Context, { path, source }: AgentPlugin): boolean {
  const now = readSettingsFile(path);
  if (now.kind !== 'absent' && !isOurs(path)) {
    const what = now.kind === 'refused' ? now.what : 'is there already and none of ours';
    tellProblem(context, { where: path, what, remedy: 'move it away, then run this again' });
    return false;
  }
  const failed = written(path, textOf(context, source));
  if (failed === undefined) context.err(`${path}: written\n`);
  else tellProblem(context, { where: path, what: `cannot be written (${failed})`, remedy: '' });
  return failed === undefined;
}

function written(path: string, text: string): string | undefined {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
  return writeWhole(path, text, { mode: 0o644, gid: process.getegid?.() ?? 0 });
}

/** Those of ours that are there, also half of one. */
export function pluginsThere({ env }: Context, agent: Agent): AgentPlugin[] {
  return agent.plugins(surroundings(env, undefined)).filter(({ path }) => isOurs(path) || existsSync(halfOf(path)));
}

export function removePlugin(context: Context, { path }: AgentPlugin): void {
  rmSync(halfOf(path), { force: true });
  if (isOurs(path)) rmSync(path, { force: true });
  context.err(`${path}: removed\n`);
}

function isOurs(path: string): boolean {
  const now = readSettingsFile(path);
  return now.kind === 'read' && now.text.startsWith(OURS);
}

/** What an install that was killed has left. */
function halfOf(path: string): string {
  return `${path}${NEW_SUFFIX}`;
}

/** Latin1, as files are read. */
function textOf({ files }: Context, source: string): string {
  return readFileSync(join(files.root, 'dist', source), 'latin1');
}
