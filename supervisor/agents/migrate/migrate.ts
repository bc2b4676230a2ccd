/** The hooks of one agent in the form of another, as far as each means the same there. Pure. A hook that would run more often, or
 *  not where it was meant to, is no hook of the other: it is left, with the reason. */
import type { Agent } from '../agent.js';
import { NO_RECORD } from '../http/record.js';
import { entriesOf, type HookEntry } from '../json/entries.js';
import { unwrapped } from '../plan.js';
import { eventAt, type Measured, matcherAt } from './counterparts.js';

export interface MovedHook {
  event: string;
  matcher: string;
  command: string;
  /** In the unit of the other. */
  timeout: number | undefined;
}

export interface LeftHook {
  line: number;
  event: string;
  command: string;
  why: string;
}

export interface Migration {
  moved: MovedHook[];
  left: LeftHook[];
}

export type MeasuredAgent = Agent & { name: Measured };

/** Each of them decides whether or how a hook runs, and none has a counterpart. */
const DECIDING_KEYS = ['if', 'once', 'async', 'asyncRewake', 'onFailure'];
/** Variables that one agent sets and the other does not. */
const VARIABLES: Record<Measured, RegExp> = {
  claude: /GEMINI_\w+/,
  gemini: /CLAUDE_PLUGIN_\w+|CLAUDE_ENV_FILE/,
  codex: /(?:CLAUDE|GEMINI)_\w+/,
};

/** Undefined where it is no JSON. */
export function migrate(
  from: MeasuredAgent,
  to: MeasuredAgent,
  text: string,
  record = NO_RECORD,
): Migration | undefined {
  const without = unwrapped(from, text, record)?.text;
  const read = without === undefined ? undefined : entriesOf(without, from.shape);
  if (without === undefined || !read?.ok) return undefined;
  const migration: Migration = { moved: [], left: [] };
  for (const entry of read.entries) {
    const found = moved(from, to, entry);
    const { line, event, commandText, argTexts } = entry;
    if (typeof found !== 'string') migration.moved.push(found);
    else migration.left.push({ line, event, command: [commandText, ...argTexts].join(' '), why: found });
  }
  return migration;
}

/** Or why not. */
function moved(from: MeasuredAgent, to: MeasuredAgent, entry: HookEntry): MovedHook | string {
  const { type, command, commandText, args, timeout, shell, keys } = entry;
  if (type !== 'command' || command === undefined || commandText === '') return 'it is no command';
  if (args !== undefined) return `it has args, and ${to.title} runs texts only`;
  if (shell !== undefined) return `it names its shell, and ${to.title} has one for all`;
  const deciding = keys.find((key) => DECIDING_KEYS.includes(key));
  if (deciding !== undefined) return `its \`${deciding}\` has no counterpart`;
  const [variable] = VARIABLES[to.name].exec(commandText) ?? [];
  if (variable !== undefined) return `${to.title} does not set ${variable}`;
  const event = eventAt(from.name, to.name, entry.event);
  if (event === undefined) return `${to.title} has no such event, or none that we have seen`;
  const matcher = matcherAt(from.name, to.name, entry.event, entry.matcher);
  if (matcher === undefined) return `its matcher, ${entry.matcher}, cannot be said in the words of ${to.title}`;
  const inMs = timeout === undefined ? undefined : timeout * from.timeoutUnitMs;
  return { event, matcher, command: commandText, timeout: inMs === undefined ? undefined : inMs / to.timeoutUnitMs };
}

/** As the other's file has them: of one event and matcher in one group, in their order. */
export function hooksOf(moved: readonly MovedHook[]): Record<string, object[]> {
  const events: Record<string, { matcher?: string; hooks: object[] }[]> = {};
  for (const { event, matcher, command, timeout } of moved) {
    events[event] ??= [];
    const groups = events[event];
    let group = groups.find((one) => (one.matcher ?? '') === matcher);
    if (group === undefined) {
      group = { ...(matcher === '' ? {} : { matcher }), hooks: [] };
      groups.push(group);
    }
    group.hooks.push({ type: 'command', command, ...(timeout === undefined ? {} : { timeout }) });
  }
  return events;
}
