/** One file of an agent -> what it is without us. Pure. */
import type { Agent } from './agent.js';
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
export function planUninstall(agent: Agent, path: string, text: string, backup: string | undefined): Removal {
  if (backup !== undefined) return { kind: 'planned', after: backup, how: 'exact', kept: [], undecided: 0 };
  const read = entriesOf(text);
  const taken = unwrapped(agent, text);
  if (!read.ok || taken === undefined) {
    const { line, column, what } = read.ok ? { ...placeOf(text, 0), what: 'is not valid JSON' } : read;
    return { kind: 'unreadable', where: `${path}:${line}:${column}`, what };
  }
  const undecidedLines = new Set(taken.undecided.map(({ line }) => line));
  const after = entriesOf(taken.text);
  const left = (after.ok ? after.entries : []).filter(namesClient);
  const kept = left.map(({ line, event, commandText, argTexts }) => {
    const why = undecidedLines.has(line)
      ? 'was changed since install: what it was cannot be told'
      : 'not written by install';
    return { line, event, command: [commandText, ...argTexts].join(' '), why };
  });
  return { kind: 'planned', after: taken.text, how: 'merged', kept, undecided: taken.undecided.length };
}

function namesClient({ commandText, args, argTexts }: HookEntry): boolean {
  return startsClient(commandText, args && argTexts);
}
