/** All files of one agent -> what each is to become and why a hook stays as it is. Pure: what is there comes in as text.
 *
 *  A file is first brought to what it was before us, then wrapped: so a second install changes nothing, and one with other
 *  options changes what the first has written. */
import type { Agent, AgentFile } from './agent.js';
import { type HttpRecord, NO_RECORD, withUses } from './http/record.js';
import { type HttpWishes, httpEdits, unwrapHttpEdits, whyNotHttp } from './http/wrapping.js';
import { type Edit, edited, type JsonNode } from './json/document.js';
import { entriesOf, type HookEntry } from './json/entries.js';
import { ownDeadlineMs, reasonToLeave } from './reasons.js';
import { type ClientCall, startsClient } from './wrapping/client-words.js';
import { type Form, httpIdentity, identityOf, unwrapEdits, wrapEdits, wrappedIdentity } from './wrapping/entry.js';
import { isPlainPath } from './wrapping/plain-words.js';

export interface FileText {
  file: AgentFile;
  /** Latin1: a character for each byte. */
  text: string;
}

export interface InstallWishes {
  /** Scopes whose files are rewritten. */
  scopes: readonly AgentFile['scope'][];
  /** The program by its path, and by the name that others who share the file have on their PATH. */
  client: { path: string; name: string };
  /** The agent starts programs without a shell. */
  hasArgs: boolean;
  level: string | undefined;
  onUnavailable: string | undefined;
  /** A call that finds no daemon starts one. */
  isAutostart?: boolean | undefined;
  /** Hooks with one of these texts in their command are not wrapped. */
  direct: readonly string[];
  /** Why the script that a hook runs is better run by the agent itself; undefined where nothing is known against it. */
  scriptReason(file: AgentFile, hook: HookEntry): string | undefined;
  /** Have the agent ask by HTTP for what HTTP can carry. */
  http?: HttpWishes | undefined;
  /** Of hooks that are asked for by HTTP now. */
  record?: HttpRecord;
}

export interface PlannedHook {
  event: string;
  line: number;
  /** As it is without us, for people. */
  command: string;
  /** '' where it is wrapped. */
  left: string;
  /** Why not by HTTP, where that was wished; ''. */
  notHttp: string;
}

export type PlannedFile =
  | {
      kind: 'planned';
      file: AgentFile;
      before: string;
      without: string;
      after: string;
      hooks: PlannedHook[];
      http: HttpRecord;
    }
  | { kind: 'unreadable'; file: AgentFile; where: string; what: string };

export interface Unwrapped {
  text: string;
  /** Hooks of ours that were changed so that it cannot be told what they were. */
  undecided: HookEntry[];
}

/** The text without us; undefined where it is no JSON. */
export function unwrapped(agent: Agent, text: string, record = NO_RECORD): Unwrapped | undefined {
  const read = entriesOf(text, agent.shape);
  if (!read.ok) return undefined;
  const edits: Edit[] = [];
  const undecided: HookEntry[] = [];
  for (const entry of read.entries) {
    const found = unwrapEdits(text, entry, agent) ?? unwrapHttpEdits(text, entry, record);
    if (found === 'undecided') undecided.push(entry);
    else edits.push(...(found ?? []));
  }
  return { text: edited(text, edits), undecided };
}

export function planInstall(agent: Agent, files: readonly FileText[], wishes: InstallWishes): PlannedFile[] {
  const targets = files.filter(({ file }) => wishes.scopes.includes(file.scope));
  const equals = equalHooks(agent, files, wishes);
  return targets.map(({ file, text }) => {
    const without = unwrapped(agent, text, wishes.record)?.text ?? text;
    const read = entriesOf(without, agent.shape);
    if (!read.ok) {
      return { kind: 'unreadable', file, where: `${file.path}:${read.line}:${read.column}`, what: read.what };
    }
    const planned = read.entries.map((entry) => planHook(agent, file, without, entry, equals, wishes));
    const edits = planned.flatMap((one) => one.edits);
    const hooks = planned.map(({ hook }) => hook);
    const http = planned.reduce((all, one) => withUses(all, one.http), NO_RECORD);
    return { kind: 'planned', file, before: text, without, after: edited(without, edits), hooks, http };
  });
}

interface Planned {
  hook: PlannedHook;
  edits: Edit[];
  http: HttpRecord;
}

function planHook(
  agent: Agent,
  file: AgentFile,
  text: string,
  entry: HookEntry,
  equals: ReadonlyMap<string, EqualHooks>,
  wishes: InstallWishes,
): Planned {
  const { event, line, commandText, args, argTexts, command } = entry;
  const hook = { event, line, command: [commandText, ...argTexts].join(' '), left: '', notHttp: '' };
  const leave = (left: string): Planned => ({ hook: { ...hook, left }, edits: [], http: NO_RECORD });
  const reason = reasonToLeave(agent, entry, wishes.direct) ?? wishes.scriptReason(file, entry);
  if (reason !== undefined || command === undefined) return leave(reason ?? 'its command is not a text');
  if (startsClient(commandText, args && argTexts)) return leave('goes through the supervisor already');
  if (agent.textForm === 'words' && !isPlainPath(wishes.client.path)) {
    return leave(`the path of our client, ${wishes.client.path}, is not one that every shell reads alike`);
  }
  const equal = equals.get(keyOf(agent, file, identityOf(text, entry)));
  const { call, form } = howToWrap(agent, file, entry, equal, wishes);
  const target = { ...entry, command };
  const written = byHttp(file, text, target, equal, call, wishes);
  const isHttp = written !== undefined && typeof written !== 'string';
  const identity = isHttp ? httpIdentity(written.url) : wrappedIdentity(text, target, call, form, agent);
  const elsewhere = equal?.outside.find((one) => one.identity !== identity);
  if (elsewhere !== undefined) {
    return leave(`the same hook stands in ${elsewhere.path}, and is run once only while both are written alike`);
  }
  if (isHttp) return { hook, edits: written.edits, http: new Map([[written.name, written.recorded]]) };
  const edits = wrapEdits(text, target, call, form, agent);
  return { hook: { ...hook, notHttp: written ?? '' }, edits, http: NO_RECORD };
}

/** A string says why not; undefined: nobody has wished it. */
function byHttp(
  file: AgentFile,
  text: string,
  target: HookEntry & { command: JsonNode },
  equal: EqualHooks | undefined,
  call: ClientCall,
  { http }: InstallWishes,
) {
  if (http === undefined) return undefined;
  if (file.scope === 'plugin') return 'where a plugin lies HTTP does not tell';
  if (file.scope === 'project' || equal?.isShared) return 'others share it, and neither port nor token';
  if (equal?.hasShell) return 'an equal hook names its shell';
  return (
    whyNotHttp(target) ?? httpEdits(text, target, file.path, call, http) ?? 'something stands between its properties'
  );
}

function howToWrap(
  agent: Agent,
  file: AgentFile,
  entry: HookEntry,
  equal: EqualHooks | undefined,
  wishes: InstallWishes,
): { call: ClientCall; form: Form } {
  const isShared = equal?.isShared ?? file.scope === 'project';
  const { level, onUnavailable, isAutostart, client } = wishes;
  const timeoutMs = equal === undefined || equal.deadlines.size === 1 ? ownDeadlineMs(agent, entry) : undefined;
  const program = isShared ? client.name : client.path;
  // Others who share the file may have an older agent, which would start the client without any words.
  const form = wishes.hasArgs && !isShared && !equal?.hasShell && entry.shell === undefined ? 'args' : 'text';
  const policy = agent.textForm === 'words' ? (onUnavailable ?? usualPolicy(level)) : onUnavailable;
  return { call: { client: program, shell: agent.shell, timeoutMs, level, onUnavailable: policy, isAutostart }, form };
}

/** What the client does unless it is told. */
export function usualPolicy(level: string | undefined): 'run' | 'block' {
  return level === undefined || level === 'contained' ? 'run' : 'block';
}

/** What is common to hooks that the agent takes for one: they have to stay one. */
interface EqualHooks {
  isShared: boolean;
  hasShell: boolean;
  deadlines: Set<number | undefined>;
  /** Those in files that are not rewritten now, as they are written there. */
  outside: { path: string; identity: string }[];
}

function equalHooks(agent: Agent, files: readonly FileText[], wishes: InstallWishes): Map<string, EqualHooks> {
  const found = new Map<string, EqualHooks>();
  if (!agent.runsEqualOnce) return found;
  for (const { file, text } of files) {
    const without = unwrapped(agent, text, wishes.record)?.text ?? text;
    const [now, before] = [entriesOf(text, agent.shape), entriesOf(without, agent.shape)];
    if (!now.ok || !before.ok) continue;
    for (const [at, entry] of before.entries.entries()) {
      const key = keyOf(agent, file, identityOf(without, entry));
      const equal = found.get(key) ?? { isShared: false, hasShell: false, deadlines: new Set(), outside: [] };
      equal.isShared ||= file.scope === 'project';
      equal.hasShell ||= entry.shell !== undefined;
      equal.deadlines.add(ownDeadlineMs(agent, entry));
      const current = now.entries[at];
      if (!wishes.scopes.includes(file.scope) && current !== undefined) {
        equal.outside.push({ path: file.path, identity: identityOf(text, current) });
      }
      found.set(key, equal);
    }
  }
  return found;
}

/** A plugin's copy is a hook of its own. */
function keyOf(agent: Agent, file: AgentFile, identity: string): string {
  return JSON.stringify([agent.name, file.scope === 'plugin' ? file.path : '', identity]);
}
