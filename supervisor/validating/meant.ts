/** Which events a validator, or a hook that is run for events, means. */
import type { AgentEvent, ValidatorSpec } from '../contract/validating.js';

export type Meaning = Pick<ValidatorSpec, 'agents' | 'events' | 'matcher'>;

const FOR_ALL: ReadonlySet<string> = new Set(['', '*']);

/** @param matches of its matcher. */
export function isMeant(
  event: AgentEvent,
  { agents, events, matcher }: Meaning,
  matches: (event: AgentEvent) => boolean,
): boolean {
  if (agents.length > 0 && !agents.includes(event.agent)) return false;
  if (events.length > 0 && !events.includes(event.name)) return false;
  // To the agents a matcher means all events that have nothing to match; who names a tool and no event means those with a tool.
  if (events.length === 0 && event.matched === '' && !FOR_ALL.has(matcher)) return false;
  return matches(event);
}
