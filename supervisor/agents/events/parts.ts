/** What is told of an event, out of fields whose names several agents share. */
import { type Fields, fieldsIn, isFields, textOf } from '../json/fields.js';
import type { EventParts } from './verdicts.js';

/** Of every agent that has taken over Claude Code's names of fields. Undefined: nothing tells which event it is. */
export function snakeCaseParts(raw: Fields, name: string, matched: (event: string) => string): EventParts | undefined {
  const event = textOf(raw.hook_event_name) || name;
  if (event === '') return undefined;
  return {
    name: event,
    sessionId: textOf(raw.session_id),
    cwd: textOf(raw.cwd),
    matched: matched(event),
    toolName: typeof raw.tool_name === 'string' ? raw.tool_name : null,
    toolInput: objectIn(raw.tool_input),
  };
}

/** Some tell the input of a tool as JSON inside of JSON. */
export function objectIn(value: unknown): Fields | null {
  if (typeof value === 'string') return fieldsIn(Buffer.from(value)) ?? null;
  return isFields(value) ? value : null;
}
