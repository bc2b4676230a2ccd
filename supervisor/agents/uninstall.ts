/** One file of an agent -> what it is without us. Pure. */
import type { Agent } from './agent.js';
import { NO_RECORD } from './http/record.js';
import { httpNameOf } from './http/wrapping.js';
import { placeOf } from './json/document.js';
import { entriesOf, type HookEntry } from './json/entries.js';
import { unwrapped } from './plan.js';
import { namesProgram, startsClient } from './wrapping/client-words.js';

export interface PlannedRemoval {
  /** Latin1. */
  after: string;
  /** `exact`: the very bytes from before install. `merged`: somebody wrote to the file since; what is ours was taken out. */
  how: 'exact' | 'merged';
  /** Hooks that still name the client, and why they stay. */
  kept: { line: number; event: string; command: string; why: string }[];
  undecided: number;
}

export type Removal = ({ kind: 'planned' } & PlannedRemoval) | { kind: 'unreadable'; where: string; what: string };

/** What install has left behind of a file. */
export interface Past {
  /** The file as it was; undefined where that is not known. */
  before: string | undefined;
  /** Nobody has written to the file since. */
  isUntouched: boolean;
}

/** Three texts count: before install, after it (of which every hook is known by its words, or by the record), and now. */
export function planUninstall(
  agent: Agent,
  path: string,
  text: string,
  { before, isUntouched }: Past,
  record = NO_RECORD,
): Removal {
  if (before !== undefined && isUntouched)
    return { kind: 'planned', after: before, how: 'exact', kept: [], undecided: 0 };
  const read = entriesOf(text, agent.shape);
  const taken = unwrapped(agent, text, record);
  if (!read.ok || taken === undefined) {
    const { line, column, what } = read.ok ? { ...placeOf(text, 0), what: 'is not valid JSON' } : read;
    return { kind: 'unreadable', where: `${path}:${line}:${column}`, what };
  }
  const undecidedLines = new Set(taken.undecided.map(({ line }) => line));
  const after = entriesOf(taken.text, agent.shape);
  const entries = after.ok ? after.entries : [];
  const had = before === undefined ? undefined : entriesOf(before, agent.shape);
  const past = had?.ok ? had.entries : [];
  const missing = missingHooks(past, entries);
  const kept = entries.filter(namesClient).map((entry) => {
    const { line, event } = entry;
    const gone = missing.filter((hook) => hook.event === event);
    const isChanged = undecidedLines.has(line);
    // One that starts the client in no form of ours was ours if another has gone from its place.
    const isUndecided = isChanged || (gone.length > 0 && !stood(past, entry));
    return { line, event, command: wordsOf(entry), why: whyKept(entry, isChanged, isUndecided, gone), isUndecided };
  });
  return {
    ...{ kind: 'planned', after: taken.text, how: 'merged' },
    kept: kept.map(({ isUndecided: _, ...hook }) => hook),
    undecided: kept.filter(({ isUndecided }) => isUndecided).length,
  };
}

function whyKept(entry: HookEntry, isChanged: boolean, isUndecided: boolean, gone: readonly HookEntry[]): string {
  const isUnknown = httpNameOf(entry) !== undefined && !isChanged;
  if (isUnknown) return `not written by install, or there is no record any more of what it was${words(gone)}`;
  return isUndecided ? `was changed since install: what it was cannot be told${words(gone)}` : 'not written by install';
}

/** Hooks from before install that are in the file no more. */
function missingHooks(past: readonly HookEntry[], now: readonly HookEntry[]): HookEntry[] {
  const left = now.map(keyOf);
  return past.filter((entry) => {
    const at = left.indexOf(keyOf(entry));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function stood(past: readonly HookEntry[], entry: HookEntry): boolean {
  return past.some((other) => keyOf(other) === keyOf(entry));
}

function keyOf({ event, commandText, args, argTexts, url }: HookEntry): string {
  return JSON.stringify([event, commandText, args === undefined ? null : argTexts, url]);
}

function wordsOf({ type, url, commandText, argTexts }: HookEntry): string {
  return type === 'http' ? url : [commandText, ...argTexts].join(' ');
}

function words(gone: readonly HookEntry[]): string {
  if (gone.length === 0) return '';
  return `; of this event the backup has ${gone.map((entry) => `\`${wordsOf(entry)}\` in line ${entry.line}`).join(', ')}`;
}

/** Also where something else has been put in front of it. */
function namesClient(entry: HookEntry): boolean {
  if (httpNameOf(entry) !== undefined) return true;
  return startsClient(entry.commandText, entry.args && entry.argTexts) || namesProgram(wordsOf(entry));
}
