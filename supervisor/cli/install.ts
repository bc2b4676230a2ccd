/** `supervisor install`: puts the client in front of agents' hooks. */
import { join } from 'node:path';
import type { Agent, Scope } from '../agents/agent.js';
import { type Found, findElsewhere, findFiles, surroundings } from '../agents/install/find.js';
import { HttpRecordFile } from '../agents/install/http-record.js';
import { type Changed, installFile } from '../agents/install/install-file.js';
import { Journal } from '../agents/install/journal.js';
import { reasonNotToWrite } from '../agents/install/read-file.js';
import { type PlannedFile, planInstall } from '../agents/plan.js';
import type { Config } from '../contract/config.js';
import { HTTP_HOOKS_FILE } from '../contract/http.js';
import { ExitCode } from '../contract/status.js';
import { pluginsDue, putPlugin } from './agent-plugin.js';
import { chosenAgents } from './agents-chosen.js';
import { type Confirm, confirmAtTerminal } from './confirm.js';
import { type Context, tellProblem } from './context.js';
import { httpAgrees, httpWishesFor, tellHttpLosses } from './install-http.js';
import { clientRuns, type InstallOptions, optionsAgree, wishesFor } from './install-wishes.js';
import { tellFile, tellOthers, tellUnasked, tellUnreadable, withoutDaemon } from './install-words.js';
import { scopesNamed } from './scopes.js';
import { loadSettings } from './settings.js';

interface Change {
  agent: Agent;
  planned: Extract<PlannedFile, { kind: 'planned' }>;
}

/** A project's file is shared: others would have hooks that name a program they lack. */
const SCOPES: readonly Scope[] = ['user', 'local'];

export async function install(
  context: Context,
  agentName: string | undefined,
  options: InstallOptions,
  confirm: Confirm = confirmAtTerminal,
): Promise<number> {
  const settings = await loadSettings(context, {});
  if (!settings.ok) return settings.exitCode;
  const chosen = chosenAgents(context, agentName);
  const { config } = settings;
  const isPossible = optionsAgree(context, options) && httpAgrees(context, options, config) && clientRuns(context);
  if (chosen === undefined || !isPossible) return ExitCode.UNAVAILABLE;
  const records = new HttpRecordFile(join(config.stateFolder, HTTP_HOOKS_FILE), context.uid);
  const prepared = [];
  for (const agent of chosen) {
    prepared.push(await prepare(context, agent, options, { isNamed: agentName !== undefined, config, records }));
  }
  const changes = prepared.flatMap((one) => one.changes);
  const plugins = agentName === undefined ? [] : chosen.flatMap((agent) => pluginsDue(context, agent));
  const code = prepared.every((one) => one.isSound) ? ExitCode.OK : ExitCode.UNAVAILABLE;
  if (changes.length + plugins.length === 0) {
    context.err('supervisor: nothing to change\n');
    return code;
  }
  context.err(`supervisor: ${withoutDaemon(options)}\n`);
  if (changes.some(({ planned }) => planned.http.size > 0)) tellHttpLosses(context, config);
  if (options.dryRun) return code;
  if (!options.yes && (await confirm('Write these changes?')) === false) {
    context.err('supervisor: nothing was written\n');
    return code;
  }
  const journal = new Journal(config.stateFolder);
  const isWhole = [
    ...changes.map((change) => write(context, change, journal, records)),
    ...plugins.map((plugin) => putPlugin(context, plugin)),
  ].every(Boolean);
  return isWhole ? code : ExitCode.UNAVAILABLE;
}

interface Known {
  /** The agent was. */
  isNamed: boolean;
  config: Readonly<Config>;
  records: HttpRecordFile;
}

async function prepare(context: Context, agent: Agent, options: InstallOptions, { isNamed, config, records }: Known) {
  const where = surroundings(context.env, context.cwd());
  const found = findFiles(agent, where);
  if (found.length === 0 && isNamed) context.err(`supervisor: no files of ${agent.title} were found\n`);
  if (!agent.isMeasured && !isNamed) {
    tellUnasked(context, agent, found);
    return { changes: [], isSound: true };
  }
  const refusal = agent.refusal(context.env);
  if (refusal !== undefined && found.length > 0) {
    tellProblem(context, { where: agent.title, what: refusal, remedy: '' });
    return { changes: [], isSound: false };
  }
  const http = await httpWishesFor(context, agent, options, found, config.http);
  if (!http.isSound) return { changes: [], isSound: false };
  const scopes = scopesNamed(options) ?? SCOPES;
  const wishes = await wishesFor(context, agent, options, found, scopes, config.homeFolder);
  const texts = found.flatMap(({ file, content }) => (content.kind === 'read' ? [{ file, text: content.text }] : []));
  const planned = planInstall(agent, texts, { ...wishes, http: http.wishes, record: records.record });
  const isReadable = tellUnreadable(context, found, planned, wishes.scopes);
  const changes = planned.flatMap((one) => (one.kind === 'planned' ? [{ agent, planned: one }] : []));
  const writable = changes.filter((change) => mayBeWritten(context, found, change));
  for (const change of writable) tellFile(context, change.planned);
  tellOthers(context, agent, found, wishes.scopes);
  for (const { path, what } of findElsewhere(agent, where)) {
    context.err(`${path}: has hooks (${what}); they are left as they are\n`);
  }
  const isWhole = writable.length === changes.length && wishes.scopes.length === scopes.length;
  return { changes: writable.filter(isChanged), isSound: isReadable && isWhole };
}

function isChanged({ planned: { before, after } }: Change): boolean {
  return before !== after;
}

function mayBeWritten(context: Context, found: readonly Found[], change: Change): boolean {
  const { path } = change.planned.file;
  const content = found.find(({ file }) => file.path === path)?.content;
  if (!isChanged(change) || content?.kind !== 'read') return true;
  const reason = reasonNotToWrite(path, content.stats, context.uid);
  if (reason !== undefined) tellProblem(context, { where: path, ...reason });
  return reason === undefined;
}

function write(context: Context, { agent, planned }: Change, journal: Journal, records: HttpRecordFile): boolean {
  const { file, before, without, after, hooks } = planned;
  const change = { path: file.path, agent: agent.name, before, without, after };
  const noted = records.add(planned.http); // first: a hook that is asked for must be there
  const changed: Changed =
    noted === undefined
      ? installFile(change, journal, context.uid)
      : { kind: 'failed', what: `its http hooks cannot be noted in the state folder (${noted})`, remedy: '' };
  if (changed.kind === 'failed') {
    tellProblem(context, { where: file.path, what: changed.what, remedy: changed.remedy });
    return false;
  }
  records.keepOnly(file.path, planned.http); // what stays by mistake is a name that nobody asks for
  const count = hooks.filter(({ left }) => left === '').length;
  context.err(`${file.path}: written, ${count} of ${hooks.length} hooks wrapped; backup beside it\n`);
  return true;
}
