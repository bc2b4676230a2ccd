/** `supervisor status --hooks`: agents' hooks, where they stand, whether they are wrapped, and how they did. */
import { join } from 'node:path';
import type { Agent, AgentFile } from '../agents/agent.js';
import { findElsewhere, findFiles, surroundings } from '../agents/install/find.js';
import { readHttpRecord } from '../agents/install/http-record.js';
import { AGENTS } from '../agents/known.js';
import { hooksIn, type ListedHook } from '../agents/listing.js';
import { isStricter, LEVELS, type Level } from '../contract/call.js';
import type { Config } from '../contract/config.js';
import { HTTP_HOOKS_FILE } from '../contract/http.js';
import { ExitCode } from '../contract/status.js';
import { fileLevels } from '../policy/policy.js';
import { RECORDS_FILE } from '../store/file.js';
import { withRecords } from '../store/query.js';
import type { Database } from '../store/sqlite.js';
import { type Context, tellProblem } from './context.js';
import { strictestOf } from './doctor/hooks/levels.js';
import { startedHook } from './hook-files.js';
import { type HookReport, recordNames, recordOf } from './hook-records.js';
import { renderHooks } from './render/hooks.js';
import { loadSettings } from './settings.js';

export async function hooksStatus(context: Context, { json }: { json: boolean }): Promise<number> {
  const settings = await loadSettings(context, {});
  if (!settings.ok) return settings.exitCode;
  const { config } = settings;
  const recordsFile = join(config.stateFolder, RECORDS_FILE);
  const read = await withRecords(recordsFile, (db) => reports(context, config, db));
  if (read.kind === 'failed') tellProblem(context, { where: recordsFile, ...read.problem });
  const { hooks, elsewhere, isSound } = read.kind === 'read' ? read.value : reports(context, config, undefined);
  if (json) context.out(`${JSON.stringify({ schema: 'supervisor.hooks/v1', hooks, elsewhere }, null, 2)}\n`);
  else if (hooks.length > 0) context.out(renderHooks(hooks, context.screen));
  else context.err('supervisor: no hooks were found\n');
  if (!json) for (const { path, what } of elsewhere) context.err(`${path}: has hooks (${what}) that are not listed\n`);
  return isSound ? ExitCode.OK : ExitCode.UNAVAILABLE;
}

function reports(context: Context, config: Readonly<Config>, db: Database | undefined) {
  const where = surroundings(context.env, context.cwd());
  const record = readHttpRecord(join(config.stateFolder, HTTP_HOOKS_FILE), context.uid);
  let isSound = true;
  const hooks = AGENTS.flatMap((agent) =>
    findFiles(agent, where).flatMap(({ file, content }) => {
      const listing = content.kind === 'read' ? hooksIn(agent, content.text, record) : content;
      if ('hooks' in listing) return listing.hooks.map((hook) => reportOf(context, config, agent, file, hook, db));
      isSound = false;
      const place = 'line' in listing ? `${file.path}:${listing.line}:${listing.column}` : file.path;
      tellProblem(context, { where: place, what: listing.what, remedy: '' });
      return [];
    }),
  );
  return { hooks, elsewhere: AGENTS.flatMap((agent) => findElsewhere(agent, where)), isSound };
}

function reportOf(
  context: Context,
  config: Readonly<Config>,
  agent: Agent,
  file: AgentFile,
  hook: ListedHook,
  db: Database | undefined,
): HookReport {
  const started = startedHook(agent, file, hook, config.homeFolder, context.cwd() ?? '');
  const names = recordNames(started, agent.shell, context.env.PATH ?? '');
  return {
    ...{ agent: agent.name, scope: file.scope, file: file.path },
    ...hook,
    level: levelOf(config, hook, started.files),
    record: (hook.state === 'other' || db === undefined ? undefined : recordOf(db, names)) ?? null,
  };
}

function levelOf(config: Readonly<Config>, { state, level }: ListedHook, files: readonly string[]): Level | null {
  if (state === 'other' || state === 'direct') return null;
  const configured = strictestOf(files.map(fileLevels(config)))?.level ?? 'contained';
  const told = LEVELS.find((one) => one === level) ?? 'contained';
  return isStricter(told, configured) ? told : configured;
}
