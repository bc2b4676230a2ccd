/** Hooks of agents for people. */
import type { PlannedHook } from '../../agents/plan.js';
import { printable } from '../doctor/hooks/inspect.js';

const COMMAND_SHOWN_MAX_CHARACTERS = 80;

/** One hook in one line, with a word about it. */
export function hookLine(path: string, { line, event, command }: Omit<PlannedHook, 'left'>, word: string): string {
  return printable(`${path}:${line}: ${event} \`${shortened(command)}\`: left as it is; ${word}`).concat('\n');
}

export function shortened(command: string): string {
  const text = printable(command);
  return text.length <= COMMAND_SHOWN_MAX_CHARACTERS ? text : `${text.slice(0, COMMAND_SHOWN_MAX_CHARACTERS - 1)}…`;
}
