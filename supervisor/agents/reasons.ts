/** Why a hook is left as it is, and how long it may take by our own clock. */
import type { Agent } from './agent.js';
import type { HookEntry } from './json/entries.js';
import { askedFor } from './wrapping/asked-for.js';
import { isPlainCommand } from './wrapping/plain-words.js';

/** Ours comes before the agent's, by so much: some agents end only the process that they have started. */
const MARGIN_MAX_MS = 500;
const MARGIN_SHARE = 20;

/** Undefined: it may be wrapped. */
export function reasonToLeave(agent: Agent, entry: HookEntry, direct: readonly string[]): string | undefined {
  const { type, command, commandText, argTexts, shell } = entry;
  if (type !== 'command') return type === '' ? 'it has no type' : `its type is ${type}: no process is started for it`;
  if (command === undefined || commandText === '') return 'its command is not a text';
  if (shell !== undefined && shell !== 'bash') return `its shell is ${shell}`;
  const words = [commandText, ...argTexts].join(' ');
  if (direct.some((text) => words.includes(text))) return 'named by --direct';
  const asked = askedFor(words);
  if (asked !== undefined) return asked;
  return agent.textForm === 'words' ? reasonOfWords(agent, entry) : undefined;
}

function reasonOfWords({ title }: Agent, { commandText, args }: HookEntry): string | undefined {
  if (args !== undefined) return `it has args, of which the documentation of ${title} says nothing`;
  if (isPlainCommand(commandText)) return undefined;
  return `by which shell ${title} runs it is not documented, and to some it means something else: put it into a script`;
}

/** What the client gets as `--timeout`. None where the entry says none: then the agent's own default ends it, by a signal. */
export function ownDeadlineMs(agent: Agent, { event, timeout, isAsync }: HookEntry): number | undefined {
  if (timeout === undefined || isAsync || agent.timeoutDecides.includes(event)) return undefined;
  const agentMs = timeout * agent.timeoutUnitMs;
  const ownMs = Math.floor(agentMs - Math.min(MARGIN_MAX_MS, agentMs / MARGIN_SHARE));
  return ownMs >= 1 && ownMs <= 0xffffffff ? ownMs : undefined;
}
