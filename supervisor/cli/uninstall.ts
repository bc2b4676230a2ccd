/** `supervisor uninstall`: takes the client away again, to the byte where nobody has written since. */
import { join } from 'node:path';
import type { Agent, Scope } from '../agents/agent.js';
import { unifiedDiff } from '../agents/diff.js';
import { NO_RECORD } from '../agents/http/record.js';
import { findFiles, surroundings } from '../agents/install/find.js';
import { HttpRecordFile } from '../agents/install/http-record.js';
import { type Changed, forget, isRemembered, restoreFile } from '../agents/install/install-file.js';
import { Journal } from '../agents/install/journal.js';
import { readSettingsFile } from '../agents/install/read-file.js';
import { removalOf } from '../agents/install/uninstall-file.js';
import type { PlannedRemoval } from '../agents/uninstall.js';
import { HTTP_HOOKS_FILE } from '../contract/http.js';
import { ExitCode } from '../contract/status.js';
import { pluginsThere, removePlugin } from './agent-plugin.js';
import { chosenAgents } from './agents-chosen.js';
import { type Confirm, confirmAtTerminal } from './confirm.js';
import { type Context, tellProblem } from './context.js';
import { hookLine } from './render/hooks.js';
import { type ScopeOptions, scopesNamed } from './scopes.js';
import { loadSettings } from './settings.js';

interface Removal extends PlannedRemoval {
  agent: Agent;
  path: string;
  before: string;
}

export async function uninstall(
  context: Context,
  agentName: string | undefined,
  options: ScopeOptions,
  confirm: Confirm = confirmAtTerminal,
): Promise<number> {
  const settings = await loadSettings(context, {});
  if (!settings.ok) return settings.exitCode;
  const chosen = chosenAgents(context, agentName);
  if (chosen === undefined) return ExitCode.UNAVAILABLE;
  const journal = new Journal(settings.config.stateFolder);
  const records = new HttpRecordFile(join(settings.config.stateFolder, HTTP_HOOKS_FILE), context.uid);
  const planned = chosen.map((agent) => planFor(context, agent, options, journal, records));
  const removals = planned.flatMap((one) => one.removals);
  for (const { path, before, after } of removals) context.out(unifiedDiff(path, before, after));
  for (const { path, kept } of removals) {
    for (const hook of kept) context.err(hookLine(path, hook, `left as it is; ${hook.why}`));
  }
  const isDecided = planned.every(({ isSound }) => isSound) && removals.every(({ undecided }) => undecided === 0);
  const code = isDecided ? ExitCode.OK : ExitCode.UNAVAILABLE;
  const due = removals.filter(({ path, before, after }) => before !== after || isRemembered(path, journal));
  const ofUser = scopesNamed(options)?.includes('user') !== false;
  const plugins = ofUser ? chosen.flatMap((agent) => pluginsThere(context, agent)) : [];
  for (const { path } of plugins) context.err(`${path}: a plugin of ours, goes\n`);
  if (due.length + plugins.length === 0) {
    context.err('supervisor: nothing to take back\n');
    return code;
  }
  if (options.dryRun) return code;
  if (!options.yes && (await confirm('Write these changes?')) === false) {
    context.err('supervisor: nothing was written\n');
    return code;
  }
  const isWhole = due.map((removal) => restore(context, removal, journal, records)).every(Boolean);
  for (const plugin of plugins) removePlugin(context, plugin);
  for (const title of new Set(due.map(({ agent }) => agent.hint).filter((hint) => hint !== '')))
    context.err(`${title}\n`);
  return isWhole ? code : ExitCode.UNAVAILABLE;
}

function planFor(context: Context, agent: Agent, options: ScopeOptions, journal: Journal, records: HttpRecordFile) {
  const removals: Removal[] = [];
  let isSound = true;
  for (const path of pathsOf(context, agent, options, journal)) {
    const content = readSettingsFile(path);
    if (content.kind === 'absent') {
      if (!options.dryRun) {
        forget(path, journal);
        records.keepOnly(path, NO_RECORD);
      }
      continue;
    }
    const removal =
      content.kind === 'read'
        ? removalOf(agent, path, content.text, journal, records.record)
        : ({ kind: 'unreadable', where: path, what: content.what } as const);
    if (removal.kind === 'planned' && content.kind === 'read') {
      removals.push({ ...removal, agent, path, before: content.text });
    } else if (removal.kind === 'unreadable') {
      isSound = false;
      tellProblem(context, { ...removal, remedy: 'mend it, then run this again; it was not touched' });
    }
  }
  return { removals, isSound };
}

/** All that install has written anywhere, and what is found here: the journal may be lost. */
function pathsOf(context: Context, agent: Agent, options: ScopeOptions, journal: Journal): string[] {
  const named = scopesNamed(options);
  const scopes: readonly Scope[] = named ?? ['user', 'project', 'local', 'plugin'];
  const found = findFiles(agent, surroundings(context.env, context.cwd())).filter(({ file }) =>
    scopes.includes(file.scope),
  );
  // A file that was refused when it was found, such as a link, was none of ours, unless the journal has it.
  const here = found.filter(({ content }) => content.kind === 'read').map(({ file }) => file.path);
  const noted = journal.entries.filter((entry) => entry.agent === agent.name).map(({ path }) => path);
  return [...new Set(named === undefined ? [...here, ...noted] : here)];
}

function restore(context: Context, removal: Removal, journal: Journal, records: HttpRecordFile): boolean {
  const { agent, path, before, after, how, undecided } = removal;
  const change = { path, agent: agent.name, before, without: after, after };
  const changed: Changed = restoreFile(change, journal, context.uid, undecided > 0);
  if (changed.kind === 'failed') {
    tellProblem(context, { where: path, what: changed.what, remedy: changed.remedy });
    return false;
  }
  if (undecided === 0) records.keepOnly(path, NO_RECORD);
  const words = { exact: 'as it was before install', merged: 'changed since install: what was ours is taken out' };
  const kept = undecided > 0 ? `; ${undecided} hooks are undecided, the backup stays` : '';
  context.err(`${path}: ${words[how]}${kept}\n`);
  return true;
}
