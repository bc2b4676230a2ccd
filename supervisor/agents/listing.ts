/** The hooks of one file as they are now, and as they are without us. Pure. */
import type { Agent } from './agent.js';
import { type HttpRecord, NO_RECORD } from './http/record.js';
import { httpNameOf } from './http/wrapping.js';
import { entriesOf, type HookEntry } from './json/entries.js';
import { unwrapped } from './plan.js';
import { clientTextLength, clientWordCount, optionIn, startsClient } from './wrapping/client-words.js';

/** `installed`: by install. `byHand`: starts the client in a form that install does not write, or that was changed since.
 *  `direct`: the agent runs it itself. `other`: of a type for which no process is started. */
export type HookState = 'installed' | 'byHand' | 'direct' | 'other';

export interface ListedHook {
  event: string;
  /** '' where there is none. */
  matcher: string;
  line: number;
  type: string;
  state: HookState;
  /** Without us, as far as it can be told. */
  command: string;
  args: readonly string[] | undefined;
  /** What the client is told; undefined where it is told none, or in a form that is not read here. */
  level: string | undefined;
}

export type Listing = { ok: true; hooks: ListedHook[] } | { ok: false; line: number; column: number; what: string };

export function hooksIn(agent: Agent, text: string, record = NO_RECORD): Listing {
  const now = entriesOf(text, agent.shape);
  if (!now.ok) return now;
  const without = entriesOf(unwrapped(agent, text, record)?.text ?? text, agent.shape);
  const before = without.ok ? without.entries : now.entries;
  return { ok: true, hooks: now.entries.map((entry, at) => listed(agent, entry, before[at] ?? entry, record)) };
}

function listed(agent: Agent, entry: HookEntry, before: HookEntry, record: HttpRecord): ListedHook {
  const { event, matcher, line, type } = entry;
  return {
    ...{ event, matcher, line, type, state: stateOf(agent, entry, before) },
    command: before.commandText,
    args: before.args && before.argTexts,
    level: record.get(httpNameOf(entry) ?? '')?.hook.level ?? optionIn(wordsOfClient(agent, entry), '--level'),
  };
}

function stateOf(agent: Agent, entry: HookEntry, before: HookEntry): HookState {
  if (entry.type === 'http' && before.type === 'command') return 'installed';
  if (entry.type !== 'command') return 'other';
  const goesThrough = ({ commandText, args, argTexts }: HookEntry) => startsClient(commandText, args && argTexts);
  if (goesThrough(before)) return 'byHand';
  return wordsOfClient(agent, entry).length > 0 ? 'installed' : 'direct';
}

/** None where they were not written by us. */
function wordsOfClient({ textForm }: Agent, { commandText, args, argTexts }: HookEntry): readonly string[] {
  if (args !== undefined) return argTexts.slice(0, clientWordCount(commandText, argTexts) ?? 0);
  return commandText
    .slice(0, clientTextLength(commandText, textForm) ?? 0)
    .split(' ')
    .filter(Boolean);
}
