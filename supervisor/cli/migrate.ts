/** `supervisor migrate`: the hooks of one agent in the form of another. Shows them; writes only a file that is not there yet. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Scope } from '../agents/agent.js';
import type { HttpRecord } from '../agents/http/record.js';
import { findFiles, surroundings } from '../agents/install/find.js';
import { readHttpRecord } from '../agents/install/http-record.js';
import { MEASURED } from '../agents/known.js';
import { hooksOf, type LeftHook, type MeasuredAgent, type MovedHook, migrate } from '../agents/migrate/migrate.js';
import { HTTP_HOOKS_FILE } from '../contract/http.js';
import { ExitCode } from '../contract/status.js';
import { type Context, tellProblem } from './context.js';
import { hookLine } from './render/hooks.js';
import { loadSettings } from './settings.js';

export interface MigrateOptions {
  project?: boolean;
  write?: boolean;
  json?: boolean;
}

interface Found {
  moved: MovedHook[];
  left: (LeftHook & { file: string })[];
  isSound: boolean;
}

const ANSWERS =
  'a refusal that every agent understands is exit 2 with the reason on stderr and nothing on stdout; JSON answers, the fields of ' +
  'stdin and the names of tools in them differ: try each hook before you rely on it';

export async function migrateHooks(
  context: Context,
  fromName: string,
  toName: string,
  options: MigrateOptions,
): Promise<number> {
  const settings = await loadSettings(context, {});
  if (!settings.ok) return settings.exitCode;
  const [from, to] = [fromName, toName].map((name) => MEASURED.find((agent) => agent.name === name));
  if (from === undefined || to === undefined || from === to) {
    tellProblem(context, { where: 'migrate', what: 'needs two agents that differ', remedy: '' });
    return ExitCode.UNAVAILABLE;
  }
  const scopes: Scope[] = options.project ? ['project', 'local'] : ['user'];
  const record = readHttpRecord(join(settings.config.stateFolder, HTTP_HOOKS_FILE), context.uid);
  const { moved, left, isSound } = gather(context, from, to, scopes, record);
  const file = targetOf(context, to, options.project ? 'project' : 'user');
  const hooks = hooksOf(moved);
  for (const hook of left) context.err(hookLine(hook.file, hook, hook.why));
  if (options.json)
    context.out(`${JSON.stringify({ schema: 'supervisor.migration/v1', file, hooks, left }, null, 2)}\n`);
  else if (moved.length > 0) context.out(`${JSON.stringify({ hooks }, null, 2)}\n`);
  if (moved.length === 0) context.err(`supervisor: no hook of ${from.title} can be moved to ${to.title}\n`);
  else context.err(`supervisor: ${moved.length} hooks for ${file ?? to.title}; ${ANSWERS}\n`);
  const isWritten = !options.write || moved.length === 0 || file === null || write(context, file, { hooks });
  return isSound && isWritten ? ExitCode.OK : ExitCode.UNAVAILABLE;
}

function gather(
  context: Context,
  from: MeasuredAgent,
  to: MeasuredAgent,
  scopes: readonly Scope[],
  record: HttpRecord,
): Found {
  const all: Found = { moved: [], left: [], isSound: true };
  for (const { file, content } of findFiles(from, surroundings(context.env, context.cwd()))) {
    if (!scopes.includes(file.scope)) continue;
    const found = content.kind === 'read' ? migrate(from, to, content.text, record) : undefined;
    if (found === undefined) {
      const what = content.kind === 'refused' ? content.what : 'is not valid JSON';
      tellProblem(context, { where: file.path, what, remedy: '' });
      all.isSound = false;
      continue;
    }
    all.moved.push(...found.moved);
    all.left.push(...found.left.map((hook) => ({ ...hook, file: file.path })));
  }
  return all;
}

/** Of a project the file at the root of its repository. */
function targetOf(context: Context, to: MeasuredAgent, scope: Scope): string | null {
  const files = to.files(surroundings(context.env, context.cwd())).filter((file) => file.scope === scope);
  return files.at(-1)?.path ?? null;
}

/** Never one that is there: what else stands in it is not ours to lay out anew. */
function write(context: Context, file: string, settings: object): boolean {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(settings, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
    context.err(`${file}: written\n`);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'EEXIST' ? 'is there already' : `cannot be written (${code})`;
    tellProblem(context, { where: file, what, remedy: 'put the hooks shown into it by hand' });
    return false;
  }
}
