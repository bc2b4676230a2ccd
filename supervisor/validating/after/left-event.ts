/** An event that an earlier daemon has written down. The file is the user's and may be of another version: what is not whole is not
 *  believed, and must not keep the others from being read. */
import { eventOf } from '../../agents/events/parse.js';
import { type Fields, isFields } from '../../agents/json/fields.js';
import { type AgentEvent, EVENT_AGENTS } from '../../contract/validating.js';

export function leftEventIn(text: string): AgentEvent | undefined {
  const read = objectIn(text);
  const agent = EVENT_AGENTS.find((one) => one === read?.agent);
  if (agent === undefined || !isFields(read?.raw) || typeof read.name !== 'string') return undefined;
  const parsed = eventOf(read.raw, { agent, name: read.name });
  return parsed.ok ? parsed.event : undefined;
}

function objectIn(text: string): Fields | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return isFields(read) ? read : undefined;
  } catch {
    return undefined;
  }
}
