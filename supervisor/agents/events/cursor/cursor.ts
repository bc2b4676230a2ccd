/** Cursor's events, by its documentation: nobody of us has run it. */
import type { AgentEvent, Decision } from '../../../contract/validating.js';
import { type Fields, textOf } from '../../json/fields.js';
import { DEAF_EVENT, exitTwo, jsonAnswer, UNKNOWN_EVENT } from '../answers.js';
import { objectIn } from '../parts.js';
import type { Abilities, Answer, EventParts, EventRules, Rewriting, Said } from '../verdicts.js';
import { read } from './read.js';

interface CursorEvent {
  /** In whose words the answer is. */
  answer: 'permission' | 'prompt' | 'followUp' | 'none';
  /** What matchers look at. */
  matched(raw: Fields): string;
  toolName?: string;
  can: Abilities;
}

const HEARD: Abilities = { ...DEAF_EVENT, canEndTurn: false };
const field = (name: string) => (raw: Fields) => textOf(raw[name]);
const word = (text: string) => () => text;
const mcpTool = (raw: Fields) => `MCP:${textOf(raw.tool_name)}`;

function asks(
  matched: CursorEvent['matched'],
  decisions: readonly Decision[],
  rewrite: Rewriting,
  toolName = '',
): CursorEvent {
  const can: Abilities = { ...HEARD, decisions, denyEnds: true, rewrite, failureDenies: true };
  return { answer: 'permission', matched, can, ...(toolName === '' ? {} : { toolName }) };
}

function tells(matched: CursorEvent['matched'], can: Partial<Abilities> = {}, toolName = ''): CursorEvent {
  return { answer: 'none', matched, can: { ...HEARD, ...can }, ...(toolName === '' ? {} : { toolName }) };
}

const ENDING: CursorEvent = { answer: 'followUp', matched: word('Stop'), can: { ...HEARD, decisions: ['deny'] } };

const EVENTS = new Map<string, CursorEvent>([
  // `ask` is taken there and not done.
  ['preToolUse', asks(field('tool_name'), ['deny', 'allow'], 'ifAllowed')],
  ['beforeShellExecution', asks(field('command'), ['deny', 'ask', 'allow'], 'never', 'Shell')],
  ['beforeMCPExecution', asks(mcpTool, ['deny', 'ask', 'allow'], 'never')],
  ['beforeReadFile', asks(word('Read'), ['deny', 'allow'], 'never', 'Read')],
  ['beforeTabFileRead', asks(word('TabRead'), ['deny', 'allow'], 'never', 'TabRead')],
  ['subagentStart', asks(field('subagent_type'), ['deny', 'allow'], 'void')],
  [
    'beforeSubmitPrompt',
    {
      answer: 'prompt',
      matched: word('UserPromptSubmit'),
      can: { ...HEARD, decisions: ['deny'], denyEnds: true, failureDenies: true },
    },
  ],
  ['postToolUse', tells(field('tool_name'), { hasContext: true })],
  ['postToolUseFailure', tells(field('tool_name'))],
  ['afterShellExecution', tells(field('command'), {}, 'Shell')],
  ['afterMCPExecution', tells(mcpTool)],
  ['afterFileEdit', tells(word('Write'), {}, 'Write')],
  ['afterTabFileEdit', tells(word('TabWrite'), {}, 'TabWrite')],
  ['afterAgentResponse', tells(word('AgentResponse'))],
  ['afterAgentThought', tells(word('AgentThought'))],
  ['sessionStart', tells(word(''), { hasContext: true })],
  ['sessionEnd', tells(word(''))],
  ['preCompact', tells(field('trigger'), { hasUserMessage: true })],
  ['stop', ENDING],
  ['subagentStop', { ...ENDING, matched: field('subagent_type') }],
]);

/** What its events about one tool tell of it, each in a field of its own. */
const INPUT_FIELDS = ['command', 'cwd', 'file_path', 'edits'];

export const cursor: EventRules = {
  isSender: ({ conversation_id, cursor_version }) =>
    typeof conversation_id === 'string' || typeof cursor_version === 'string',
  parts,
  can: ({ name }) => EVENTS.get(name)?.can ?? UNKNOWN_EVENT,
  read: ({ name }, end) => read(EVENTS.get(name)?.answer ?? 'none', end),
  write,
};

function parts(raw: Fields, given: string): EventParts | undefined {
  const name = textOf(raw.hook_event_name) || given;
  if (name === '') return undefined;
  const { matched = field('tool_name'), toolName } = EVENTS.get(name) ?? {};
  const [root] = Array.isArray(raw.workspace_roots) ? raw.workspace_roots : [];
  const input = Object.fromEntries(Object.entries(raw).filter(([one]) => INPUT_FIELDS.includes(one)));
  return {
    name,
    sessionId: textOf(raw.conversation_id) || textOf(raw.session_id),
    cwd: textOf(raw.cwd) || textOf(root),
    matched: matched(raw),
    toolName: toolName ?? (typeof raw.tool_name === 'string' ? raw.tool_name : null),
    toolInput: toolName === undefined ? objectIn(raw.tool_input) : input,
  };
}

function write(event: AgentEvent, { decision, reason, context, updatedInput, userMessage, others }: Said): Answer {
  const answer = EVENTS.get(event.name)?.answer;
  if (answer === undefined && decision === 'deny') return exitTwo(reason);
  return jsonAnswer({
    ...others.top,
    ...(answer === 'permission' && decision !== undefined ? permission(decision, reason) : {}),
    ...(answer === 'prompt' && decision === 'deny' ? { continue: false, user_message: reason } : {}),
    ...(answer === 'followUp' && decision === 'deny' ? { followup_message: reason } : {}),
    ...(updatedInput === undefined ? {} : { updated_input: updatedInput }),
    ...(context === '' ? {} : { additional_context: context }),
    ...(userMessage === '' ? {} : { user_message: userMessage }),
  });
}

function permission(decision: Decision, reason: string): Fields {
  const isSaid = decision !== 'allow' && reason !== '';
  return { permission: decision, ...(isSaid ? { user_message: reason, agent_message: reason } : {}) };
}
