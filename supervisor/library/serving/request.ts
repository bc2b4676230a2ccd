/** Bytes of a program -> what it asks, with checked words. They are bounded in size, depth and count before a parser sees
 *  them: it would hold up everybody else. */
import { eventOf, type ParsedEvent } from '../../agents/events/parse.js';
import { type Fields, fieldsIn, isFields } from '../../agents/json/fields.js';
import { LIBRARY_ASK_FIELDS, type Refused } from '../../contract/library.js';
import { LIMITS } from '../../contract/limits.js';
import {
  type AgentEvent,
  EVENT_AGENTS,
  type EventAgent,
  PRIORITIES,
  type Priority,
} from '../../contract/validating.js';

export interface Asked {
  event: AgentEvent;
  validators: readonly string[] | undefined;
  priority: Priority | undefined;
  timeoutMs: number | undefined;
}

export type Parsed =
  | { kind: 'asks'; id: number; asks: readonly (Asked | Refused)[] }
  | { kind: 'abort'; id: number }
  /** `id` 0: it does not tell its own. */
  | { kind: 'bad'; id: number; message: string };

export function isRefused(asked: Asked | Refused): asked is Refused {
  return 'kind' in asked;
}

export function parseRequest(payload: Buffer): Parsed {
  const fields = fieldsIn(payload, LIMITS.eventValuesMax);
  if (fields === undefined) {
    const message = `a request is one JSON object of ${LIMITS.eventValuesMax} values and 200 levels at most`;
    return { kind: 'bad', id: 0, message };
  }
  const { id, asks, abort } = fields;
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1) {
    return { kind: 'bad', id: 0, message: 'a request has an id, a whole number from 1 on' };
  }
  if (abort === true) return { kind: 'abort', id };
  if (!Array.isArray(asks) || asks.length === 0 || asks.length > LIMITS.libraryBatchMax) {
    return { kind: 'bad', id, message: `a request has "asks", of 1 to ${LIMITS.libraryBatchMax} events` };
  }
  return { kind: 'asks', id, asks: asks.map(askedBy) };
}

function askedBy(ask: unknown): Asked | Refused {
  if (!isFields(ask) || !isFields(ask.event))
    return wrong('what is asked is no object with an "event", which is one too');
  const unknown = Object.keys(ask).find((name) => !(LIBRARY_ASK_FIELDS as readonly string[]).includes(name));
  if (unknown !== undefined) return wrong(`"${unknown.slice(0, 40)}" is none of ${LIBRARY_ASK_FIELDS.join(', ')}`);
  const { event, agent, validators, priority, timeoutMs } = ask;
  if (!isOneOf(agent, EVENT_AGENTS)) return wrong(`an agent is one of ${EVENT_AGENTS.join(', ')}`);
  if (!isOneOf(priority, PRIORITIES)) return wrong(`a priority is one of ${PRIORITIES.join(', ')}`);
  if (!areNames(validators)) return wrong(`"validators" is a list of ${LIMITS.validatorsMax} names at most`);
  if (!isTimeout(timeoutMs)) return wrong(`timeoutMs is a whole number from 1 to ${LIMITS.libraryTimeoutMaxMs}`);
  const parsed = eventOfAgent(event, agent);
  if (parsed.ok) return { event: parsed.event, validators, priority, timeoutMs };
  const { what, remedy } = parsed.problem;
  return { kind: 'refused', code: 'badEvent', message: `the event cannot be read: ${what}`, remedy };
}

function eventOfAgent(event: Fields, agent: EventAgent | undefined): ParsedEvent {
  return eventOf(event, agent === undefined ? {} : { agent });
}

function wrong(message: string): Refused {
  return { kind: 'refused', code: 'badRequest', message, remedy: 'docs/library.md says what can be asked' };
}

function isOneOf<Word extends string>(word: unknown, known: readonly Word[]): word is Word | undefined {
  return word === undefined || known.includes(word as Word);
}

function areNames(words: unknown): words is string[] | undefined {
  if (words === undefined) return true;
  return Array.isArray(words) && words.length <= LIMITS.validatorsMax && words.every((one) => typeof one === 'string');
}

function isTimeout(value: unknown): value is number | undefined {
  if (value === undefined) return true;
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= LIMITS.libraryTimeoutMaxMs;
}
