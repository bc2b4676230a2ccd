/** One file of an agent -> what it is without us. Pure. */
import type { Agent } from './agent.js';
import { NO_RECORD } from './http/record.js';
import { httpNameOf } from './http/wrapping.js';
import { placeOf } from './json/document.js';
import { entriesOf, type HookEntry } from './json/entries.js';
import { unwrapped } from './plan.js';
import { startsClient } from './wrapping/client-words.js';

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

/** @param backup what the file was, if it is known and the file is as install has left it. */
export function planUninstall(
  agent: Agent,
  path: string,
  text: string,
  backup: string | undefined,
  record = NO_RECORD,
): Removal {
  if (backup !== undefined) return { kind: 'planned', after: backup, how: 'exact', kept: [], undecided: 0 };
  const read = entriesOf(text);
  const taken = unwrapped(agent, text, record);
  if (!read.ok || taken === undefined) {
    const { line, column, what } = read.ok ? { ...placeOf(text, 0), what: 'is not valid JSON' } : read;
    return { kind: 'unreadable', where: `${path}:${line}:${column}`, what };
  }
  const undecidedLines = new Set(taken.undecided.map(({ line }) => line));
  const after = entriesOf(taken.text);
  const left = (after.ok ? after.entries : []).filter(namesClient);
  const kept = left.map((entry) => {
    const { line, event, commandText, argTexts, type, url } = entry;
    const why = undecidedLines.has(line)
      ? 'was changed since install: what it was cannot be told'
      : type === 'http'
        ? 'not written by install, or there is no record any more of what it was'
        : 'not written by install';
    return { line, event, command: type === 'http' ? url : [commandText, ...argTexts].join(' '), why };
  });
  return { kind: 'planned', after: taken.text, how: 'merged', kept, undecided: taken.undecided.length };
}

function namesClient(entry: HookEntry): boolean {
  const { commandText, args, argTexts } = entry;
  return httpNameOf(entry) !== undefined || startsClient(commandText, args && argTexts);
}
