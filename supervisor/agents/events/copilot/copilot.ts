/** Copilot CLI: how its events are told and what it is told. */
import type { AgentEvent } from '../../../contract/validating.js';
import { type Fields, textOf } from '../../json/fields.js';
import { exitTwo, jsonAnswer } from '../answers.js';
import { objectIn } from '../parts.js';
import type { Answer, EventParts, EventRules, Said } from '../verdicts.js';
import { copilotEvent, nameByFields } from './events.js';
import { read } from './read.js';

export const copilot: EventRules = {
  // Gemini CLI has a time, too, and always a transcript beside it.
  isSender: ({ sessionId, timestamp, session_id }) =>
    typeof sessionId === 'string' || (typeof timestamp === 'string' && typeof session_id === 'string'),
  parts,
  can: ({ name }) => copilotEvent(name).can,
  read,
  write,
};

function parts(raw: Fields, given: string): EventParts | undefined {
  const name = textOf(raw.hook_event_name) || given || nameByFields(raw);
  if (name === '') return undefined;
  const tool = raw.toolName ?? raw.tool_name;
  const looked = copilotEvent(name).matched.map((field) => textOf(raw[field]));
  return {
    name,
    sessionId: textOf(raw.sessionId) || textOf(raw.session_id),
    cwd: textOf(raw.cwd),
    matched: looked.find((text) => text !== '') ?? '',
    toolName: typeof tool === 'string' ? tool : null,
    toolInput: objectIn(raw.toolArgs ?? raw.toolInput ?? raw.tool_input),
  };
}

function write(event: AgentEvent, { decision, reason, context, updatedInput, others }: Said): Answer {
  const { answer, can } = copilotEvent(event.name);
  const added = context === '' ? {} : { additionalContext: context };
  if (decision === 'deny' && answer === 'none' && can.decisions.includes('deny')) return exitTwo(reason);
  switch (answer) {
    case 'permission':
      return jsonAnswer({
        ...others.top,
        ...(decision === undefined ? {} : { permissionDecision: decision }),
        ...(decision === undefined || reason === '' ? {} : { permissionDecisionReason: reason }),
        ...(updatedInput === undefined ? {} : { modifiedArgs: updatedInput }),
        ...added,
      });
    case 'behavior':
      if (decision === 'deny') return jsonAnswer({ ...others.top, behavior: 'deny', message: reason });
      return jsonAnswer(decision === 'allow' ? { ...others.top, behavior: 'allow' } : others.top);
    case 'block':
      return jsonAnswer(decision === 'deny' ? { ...others.top, decision: 'block', reason } : others.top);
    case 'recovery':
      return context === '' ? jsonAnswer(others.top) : recovery(context);
    default:
      return jsonAnswer({ ...others.top, ...added });
  }
}

/** By one state of its documentation it takes the text from stdout, by an earlier one from stderr. */
function recovery(context: string): Answer {
  const { exitCode, stderr } = exitTwo(context);
  return { exitCode, stdout: stderr, stderr };
}
