/** Gemini CLI's events. */
import type { AgentEvent, Decision } from '../../../contract/validating.js';
import { type Fields, textOf } from '../../json/fields.js';
import { commonTop, DEAF_EVENT, jsonAnswer, UNKNOWN_EVENT, withSpecific } from '../answers.js';
import { snakeCaseParts } from '../parts.js';
import type { Abilities, Answer, EventRules, Said } from '../verdicts.js';
import { read } from './read.js';

interface GeminiEvent {
  /** Field that matchers look at; '' for none. */
  matched: string;
  can: Abilities;
}

const HEARD: Abilities = { ...DEAF_EVENT, hasUserMessage: true };
const BLOCKS: Abilities = {
  ...HEARD,
  decisions: ['deny', 'allow'],
  denyEnds: true,
  failureDenies: true,
};

const EVENTS = new Map<string, GeminiEvent>([
  ['SessionStart', { matched: 'source', can: { ...HEARD, hasContext: true } }],
  ['SessionEnd', { matched: 'reason', can: HEARD }],
  ['Notification', { matched: '', can: HEARD }],
  ['PreCompress', { matched: 'trigger', can: HEARD }],
  ['BeforeAgent', { matched: '', can: { ...BLOCKS, hasContext: true } }],
  ['AfterAgent', { matched: '', can: { ...BLOCKS, denyEnds: false, failureDenies: false } }],
  ['BeforeModel', { matched: '', can: BLOCKS }],
  ['AfterModel', { matched: '', can: BLOCKS }],
  ['BeforeToolSelection', { matched: '', can: DEAF_EVENT }],
  ['BeforeTool', { matched: 'tool_name', can: { ...BLOCKS, rewrite: 'merged' } }],
  ['AfterTool', { matched: 'tool_name', can: { ...BLOCKS, denyEnds: false, hasContext: true } }],
]);

export const gemini: EventRules = {
  // The names alone do not tell: others have a SessionStart, too.
  isSender: ({ hook_event_name, timestamp, transcript_path }) =>
    EVENTS.has(textOf(hook_event_name)) && typeof timestamp === 'string' && typeof transcript_path === 'string',
  parts: (raw, name) => snakeCaseParts(raw, name, (event) => textOf(raw[EVENTS.get(event)?.matched ?? 'tool_name'])),
  can: ({ name }) => EVENTS.get(name)?.can ?? UNKNOWN_EVENT,
  read,
  write,
};

function write(event: AgentEvent, said: Said): Answer {
  const { decision, reason, context, updatedInput, others } = said;
  const specific: Fields = {
    ...others.specific,
    ...(updatedInput === undefined ? {} : { tool_input: updatedInput }),
    ...(context === '' ? {} : { additionalContext: context }),
  };
  return jsonAnswer(withSpecific(event.name, { ...commonTop(said), ...decided(decision, reason) }, specific));
}

function decided(decision: Decision | undefined, reason: string): Fields {
  if (decision === undefined) return {};
  return { decision, ...(reason === '' ? {} : { reason }) };
}
