/** What is noted of an event in our own log. */
import type { AgentEvent } from '../contract/validating.js';

const PART_MAX_CHARACTERS = 200;

/** Cut: an agent has given the name, a hook or a validator the text. */
export function eventNote({ name }: AgentEvent, text: string): string {
  return `${name.slice(0, PART_MAX_CHARACTERS)}: ${text.slice(0, PART_MAX_CHARACTERS)}`;
}
