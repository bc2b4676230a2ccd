/** Codex CLI's events. */
import type { AgentEvent } from '../../../contract/validating.js';
import { type Fields, textOf } from '../../json/fields.js';
import { commonTop, DEAF_EVENT, exitTwo, jsonAnswer, UNKNOWN_EVENT, withSpecific } from '../answers.js';
import { snakeCaseParts } from '../parts.js';
import type { Abilities, Answer, EventRules, Said } from '../verdicts.js';
import { read } from './read.js';

interface CodexEvent {
  /** Field that matchers look at; '' for none. */
  matched: string;
  can: Abilities;
}

const HEARD: Abilities = { ...DEAF_EVENT, hasUserMessage: true };
const REFUSES: Abilities = { ...HEARD, decisions: ['deny'], denyEnds: true, failureDenies: true };
const BEFORE: Abilities = { ...REFUSES, canEndTurn: false };
const CONTINUES: Abilities = { ...REFUSES, denyEnds: false, failureDenies: false };
const STARTS: Abilities = { ...HEARD, hasContext: true };

const EVENTS = new Map<string, CodexEvent>([
  ['SessionStart', { matched: 'source', can: STARTS }],
  ['SubagentStart', { matched: 'agent_type', can: STARTS }],
  ['UserPromptSubmit', { matched: '', can: { ...REFUSES, hasContext: true } }],
  ['PreToolUse', { matched: 'tool_name', can: { ...BEFORE, rewrite: 'besideAllow', hasContext: true } }],
  [
    'PermissionRequest',
    { matched: 'tool_name', can: { ...BEFORE, decisions: ['deny', 'allow'], silenceAsks: true, rewrite: 'never' } },
  ],
  ['PostToolUse', { matched: 'tool_name', can: { ...REFUSES, denyEnds: false, hasContext: true } }],
  ['Stop', { matched: '', can: CONTINUES }],
  ['SubagentStop', { matched: 'agent_type', can: CONTINUES }],
  ['PreCompact', { matched: '', can: REFUSES }],
  ['PostCompact', { matched: '', can: HEARD }],
  ['SessionEnd', { matched: '', can: DEAF_EVENT }],
  ['Interrupt', { matched: '', can: DEAF_EVENT }],
]);

const BEFORE_TOOL = ['PreToolUse', 'PermissionRequest'];

export const codex: EventRules = {
  // Claude Code tells a model only where a session starts, and no permission mode there.
  isSender: ({ turn_id, model, permission_mode }) =>
    typeof turn_id === 'string' || (typeof model === 'string' && typeof permission_mode === 'string'),
  parts: (raw, name) => snakeCaseParts(raw, name, (event) => textOf(raw[EVENTS.get(event)?.matched ?? 'tool_name'])),
  can: ({ name }) => EVENTS.get(name)?.can ?? UNKNOWN_EVENT,
  read,
  write,
};

function write(event: AgentEvent, said: Said): Answer {
  const { decision, reason, context, updatedInput, userMessage, stops, others } = said;
  const top = commonTop(said);
  if (decision === 'deny' && event.name === 'PreCompact') {
    return jsonAnswer({ ...top, continue: false, stopReason: reason });
  }
  // One field that a version does not know makes it ignore the whole of the JSON, and with it a deny. The end of the
  // turn is said by JSON alone, and not before a tool.
  if (decision === 'deny' && (stops === undefined || BEFORE_TOOL.includes(event.name))) {
    return exitTwo([reason, context, userMessage].filter((text) => text !== '').join('\n\n'));
  }
  const refused = decision === 'deny' ? { decision: 'block', reason } : {};
  if (event.name === 'PermissionRequest') {
    return jsonAnswer(decision === 'allow' ? withSpecific(event.name, top, { decision: { behavior: 'allow' } }) : top);
  }
  const specific: Fields = {
    ...others.specific,
    ...(updatedInput === undefined ? {} : { permissionDecision: 'allow', updatedInput }),
    ...(context === '' ? {} : { additionalContext: context }),
  };
  return jsonAnswer(withSpecific(event.name, { ...top, ...refused }, specific));
}
