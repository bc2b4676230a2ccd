/** The bytes that an agent gives its hooks -> an event. Whoever can start a client has written them: they are bounded
 *  in size and depth before a parser sees them. */
import type { ConfigProblem } from '../../contract/config.js';
import { LIMITS, MIB } from '../../contract/limits.js';
import type { AgentEvent, EventAgent } from '../../contract/validating.js';
import { type Fields, fieldsIn } from '../json/fields.js';
import { RULES, titleOf } from './rules.js';

export type ParsedEvent = { ok: true; event: AgentEvent } | { ok: false; problem: ConfigProblem };

/** What the caller knows already. */
export interface Known {
  agent?: EventAgent;
  /** Of an event that does not tell its name itself. */
  name?: string;
}

/** Those with marks of their own before those whose marks others have, too. */
const LOOKED_FOR: readonly EventAgent[] = ['cursor', 'codex', 'gemini', 'copilot', 'claude'];

export function parseEvent(stdin: Buffer, known: Known = {}): ParsedEvent {
  if (stdin.length > LIMITS.eventMaxBytes) {
    return problem(`it has ${stdin.length} bytes`, `an event may have ${LIMITS.eventMaxBytes / MIB} MiB at most`);
  }
  const raw = fieldsIn(stdin, LIMITS.eventValuesMax);
  if (raw === undefined) {
    const most = `of ${LIMITS.eventValuesMax} values and 200 levels at most`;
    return problem(`it is no JSON object ${most}`, 'give the client what the agent gives its hooks');
  }
  return eventOf(raw, known);
}

/** @param raw of bytes whose size and depth were bounded. */
export function eventOf(raw: Fields, known: Known): ParsedEvent {
  const agent = known.agent ?? senderOf(raw);
  if (agent === undefined) return problem('its fields are those of no agent we know', 'say which agent it comes from');
  const parts = RULES[agent].parts(raw, known.name ?? '');
  if (parts === undefined) {
    return problem(`it does not tell which event of ${titleOf(agent)} it is`, 'say the name of the event');
  }
  return { ok: true, event: { agent, ...parts, raw } };
}

function senderOf(raw: Fields): EventAgent | undefined {
  return LOOKED_FOR.find((agent) => RULES[agent].isSender(raw));
}

function problem(what: string, remedy: string): ParsedEvent {
  return { ok: false, problem: { where: 'event', what, remedy } };
}
