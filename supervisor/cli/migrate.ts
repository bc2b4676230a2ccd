/** `supervisor migrate`: the hooks of one agent in the form of another. Shows them; writes only a file that is not there yet. */
import { join } from 'node:path';
import type { Scope } from '../agents/agent.js';
import type { HttpRecord } from '../agents/http/record.js';
import { surroundings } from '../agents/install/find.js';
import { readHttpRecord } from '../agents/install/http-record.js';
import { MEASURED } from '../agents/known.js';
import { hooksOf, type LeftHook, type MeasuredAgent, type MovedHook, migrate } from '../agents/migrate/migrate.js';
import { optimizationEntries } from '../agents/migrate/optimization.js';
import { HTTP_HOOKS_FILE } from '../contract/http.js';
import { ExitCode } from '../contract/status.js';
import { type Context, tellProblem } from './context.js';
import { inFiles, writeNew } from './migrate-files.js';
import { hookLine } from './render/hooks.js';
import { printable } from './render/printable.js';
import { loadSettings } from './settings.js';

export interface MigrateOptions {
  project?: boolean;
  write?: boolean;
  json?: boolean;
}

interface Found {
  moved: MovedHook[];
  left: (LeftHook & { file: string })[];
  /** Files with a block of the optimization guide. */
  blocks: string[];
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
  const record = readHttpRecord(join(settings.config.stateFolder, HTTP_HOOKS_FILE), context.uid);
  const { moved, left, blocks, isSound } = gather(context, from, to, options.project === true, record);
  const file = targetOf(context, to, options.project ? 'project' : 'user');
  const hooks = hooksOf(moved);
  for (const hook of left) context.err(hookLine(hook.file, hook, hook.why));
  for (const path of blocks) context.err(`${printable(`${path}: ${blockWords(from)}`)}\n`);
  if (options.json)
    context.out(`${JSON.stringify({ schema: 'supervisor.migration/v1', file, hooks, left }, null, 2)}\n`);
  else if (moved.length > 0) context.out(`${JSON.stringify({ hooks }, null, 2)}\n`);
  if (moved.length === 0) context.err(`supervisor: no hook of ${from.title} can be moved to ${to.title}\n`);
  else context.err(`supervisor: ${moved.length} hooks for ${file ?? to.title}; ${ANSWERS}\n`);
  const isWritten =
    !options.write || moved.length === 0 || file === null || writeNew(context, file, { hooks }, 'hooks');
  return isSound && isWritten ? ExitCode.OK : ExitCode.UNAVAILABLE;
}

function gather(
  context: Context,
  from: MeasuredAgent,
  to: MeasuredAgent,
  isProject: boolean,
  record: HttpRecord,
): Found {
  const found = inFiles(context, from, isProject, (text, file) => {
    const one = migrate(from, to, text, record);
    const hasBlock = (optimizationEntries(text) ?? []).length > 0;
    return (
      one && { moved: one.moved, left: one.left.map((hook) => ({ ...hook, file })), blocks: hasBlock ? [file] : [] }
    );
  });
  return {
    moved: found.flatMap((one) => one?.moved ?? []),
    left: found.flatMap((one) => one?.left ?? []),
    blocks: found.flatMap((one) => one?.blocks ?? []),
    isSound: !found.includes(undefined),
  };
}

function blockWords({ name }: MeasuredAgent): string {
  return `its \`optimization\` block is for no agent and stays; \`supervisor migrate ${name} supervisor\` shows what becomes of it`;
}

/** Of a project the file at the root of its repository. */
function targetOf(context: Context, to: MeasuredAgent, scope: Scope): string | null {
  const files = to.files(surroundings(context.env, context.cwd())).filter((file) => file.scope === scope);
  return files.at(-1)?.path ?? null;
}
