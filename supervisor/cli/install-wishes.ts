/** What a user asked install for, together with what this machine allows. */
import { accessSync, constants, existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Agent, Scope } from '../agents/agent.js';
import type { Found } from '../agents/install/find.js';
import { scriptAsks } from '../agents/install/script-asks.js';
import type { InstallWishes } from '../agents/plan.js';
import type { Level } from '../contract/call.js';
import { agentVersion, isAtLeast } from './agent-version.js';
import { type Context, tellProblem } from './context.js';
import { findOnPath, realpathOf } from './doctor/search-path.js';
import { startedHook } from './hook-files.js';
import type { ScopeOptions } from './scopes.js';

export interface InstallOptions extends ScopeOptions {
  level?: Level;
  onUnavailable?: 'run' | 'block' | 'allow';
  direct?: string[];
  http?: boolean;
  autostart?: boolean;
}

/** A prefix that the agent puts before texts for a shell would not be put before a program. */
const SHELL_PREFIX = 'CLAUDE_CODE_SHELL_PREFIX';

/** Some of `scopes` may be missing in the answer: told why. */
export async function wishesFor(
  context: Context,
  agent: Agent,
  { level, onUnavailable, autostart, direct = [] }: InstallOptions,
  found: readonly Found[],
  scopes: readonly Scope[],
  home: string,
): Promise<InstallWishes> {
  const path = context.files.hook;
  const name = basename(path);
  const hasName = realpathOf(findOnPath(context.env.PATH ?? '', name)[0] ?? '') === realpathOf(path);
  const isShared = scopes.includes('project') && found.some(({ file }) => file.scope === 'project');
  if (isShared && !hasName) {
    const what = `\`${name}\` is not on PATH, and a file that others share cannot name ${path}`;
    tellProblem(context, { where: '--project', what, remedy: `put ${path} on PATH, here and for the others` });
  }
  return {
    scopes: isShared && !hasName ? scopes.filter((scope) => scope !== 'project') : scopes,
    client: { path, name },
    hasArgs: await startsPrograms(context, agent, found),
    level,
    onUnavailable,
    isAutostart: autostart,
    direct,
    scriptReason: (file, { commandText: command, args: list, argTexts }) => {
      const hook = { command, args: list && argTexts };
      const { files, names } = startedHook(agent, file, hook, home, context.cwd() ?? '');
      return scriptAsks([...new Set([...files, ...names])], context.uid);
    },
  };
}

async function startsPrograms(context: Context, agent: Agent, found: readonly Found[]): Promise<boolean> {
  const { env } = context;
  const { name, execFrom } = agent;
  if (execFrom === undefined || found.length === 0 || env[SHELL_PREFIX] !== undefined) return false;
  if (otherReaders(context, agent).length > 0) return false;
  if (found.some(({ content }) => content.kind === 'read' && content.text.includes(SHELL_PREFIX))) return false;
  const version = await agentVersion(name, env);
  return version !== undefined && isAtLeast(version, execFrom);
}

/** Folders here of other agents that can read its files, too. */
export function otherReaders({ env }: Context, { alsoReadBy }: Agent): string[] {
  return alsoReadBy.map((folder) => `${env.HOME}/${folder}`).filter((path) => existsSync(path));
}

export function optionsAgree(context: Context, { level, onUnavailable }: InstallOptions): boolean {
  if (onUnavailable !== 'run' || level === undefined || level === 'contained') return true;
  const what = `a direct run would have more rights than --level ${level}`;
  tellProblem(context, { where: '--on-unavailable run', what, remedy: 'block or allow' });
  return false;
}

/** Hooks that name a program which cannot be started would fail, and most agents then go on without them. */
export function clientRuns(context: Context): boolean {
  try {
    accessSync(context.files.hook, constants.X_OK);
    return true;
  } catch {
    const what = 'the client is not built or cannot be executed';
    tellProblem(context, { where: context.files.hook, what, remedy: 'npm run build' });
    return false;
  }
}
