/** Copilot CLI's events, by its documentation: nobody of us has run it. An event has two names, its own and one after
 *  Claude Code's, and with the first it is not told which it is. */
import type { Fields } from '../../json/fields.js';
import { DEAF_EVENT, UNKNOWN_EVENT } from '../answers.js';
import type { Abilities } from '../verdicts.js';

export interface CopilotEvent {
  /** In whose words the answer is. */
  answer: 'permission' | 'behavior' | 'block' | 'recovery' | 'context' | 'none';
  /** Field that matchers look at, as it is named beside either name; '' for none. */
  matched: readonly string[];
  can: Abilities;
}

const TOOL = ['toolName', 'tool_name'];
const CONTEXT: Abilities = { ...DEAF_EVENT, hasContext: true };
const BLOCKS: Abilities = { ...DEAF_EVENT, decisions: ['deny'] };
const BEFORE: Abilities = {
  ...DEAF_EVENT,
  decisions: ['deny', 'allow'],
  denyEnds: true,
  canEndTurn: false,
  failureDenies: true,
};

const EVENTS = new Map<string, CopilotEvent>([
  [
    'preToolUse',
    {
      answer: 'permission',
      matched: TOOL,
      can: { ...BEFORE, decisions: ['deny', 'ask', 'allow'], rewrite: 'whole', hasContext: true },
    },
  ],
  // It comes before the rules that may allow without asking, so silence is no `ask`.
  ['permissionRequest', { answer: 'behavior', matched: TOOL, can: { ...BEFORE, rewrite: 'never' } }],
  ['postToolUse', { answer: 'context', matched: TOOL, can: CONTEXT }],
  ['postToolUseFailure', { answer: 'recovery', matched: [], can: CONTEXT }],
  ['agentStop', { answer: 'block', matched: [], can: BLOCKS }],
  ['subagentStop', { answer: 'block', matched: [], can: BLOCKS }],
  ['subagentStart', { answer: 'context', matched: ['agentName', 'agent_name'], can: CONTEXT }],
  ['sessionStart', { answer: 'context', matched: [], can: CONTEXT }],
  ['notification', { answer: 'context', matched: ['notification_type'], can: CONTEXT }],
  ['preCompact', { answer: 'none', matched: ['trigger'], can: DEAF_EVENT }],
  ['userPromptSubmitted', { answer: 'none', matched: [], can: DEAF_EVENT }],
  ['userPromptTransformed', { answer: 'none', matched: [], can: DEAF_EVENT }],
  ['sessionEnd', { answer: 'none', matched: [], can: DEAF_EVENT }],
  ['errorOccurred', { answer: 'none', matched: [], can: DEAF_EVENT }],
]);

const UNKNOWN: CopilotEvent = { answer: 'none', matched: TOOL, can: UNKNOWN_EVENT };
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['Stop', 'agentStop'],
  ['UserPromptSubmit', 'userPromptSubmitted'],
]);

export function copilotEvent(name: string): CopilotEvent {
  const own = OTHER_NAMES.get(name) ?? `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`;
  return EVENTS.get(own) ?? UNKNOWN;
}

/** The fields that only that event has, the most telling first. */
const MARKS: readonly [fields: readonly string[], name: string][] = [
  [['toolName', 'toolResult'], 'postToolUse'],
  [['toolName', 'error'], 'postToolUseFailure'],
  [['toolName', 'toolInput'], 'permissionRequest'],
  [['toolName', 'toolArgs'], 'preToolUse'],
  [['transformedPrompt'], 'userPromptTransformed'],
  [['prompt'], 'userPromptSubmitted'],
  [['errorContext'], 'errorOccurred'],
  [['agentName', 'stopReason'], 'subagentStop'],
  [['agentName'], 'subagentStart'],
  [['stopReason'], 'agentStop'],
  [['trigger'], 'preCompact'],
  [['source'], 'sessionStart'],
  [['reason'], 'sessionEnd'],
];

/** '' if its fields do not tell. */
export function nameByFields(raw: Fields): string {
  return MARKS.find(([fields]) => fields.every((field) => field in raw))?.[1] ?? '';
}
