/** What a command hook has told Gemini CLI. */
import type { AgentEvent, Decision } from '../../../contract/validating.js';
import { type Fields, fieldsIn, isFields, textOf } from '../../json/fields.js';
import { answered, failed, failedBy, othersIn, saying, specificIn, stopIn } from '../answers.js';
import type { CommandEnd, Outcome } from '../verdicts.js';

const DECISIONS: ReadonlyMap<unknown, Decision> = new Map([
  ['deny', 'deny'],
  ['block', 'deny'],
  ['allow', 'allow'],
  ['approve', 'allow'],
]);

/** JSON decides with any exit status. A text is a warning with 0 or 1 and refuses with any other; without a text no
 *  status does. A hook that was ended by a signal is taken for one that ended well. */
export function read(event: AgentEvent, end: CommandEnd): Outcome {
  const stdout = end.stdout.toString('utf8').trim();
  const text = stdout || end.stderr.toString('utf8').trim();
  const fields = fieldsIn(Buffer.from(text));
  if (fields !== undefined) return said(event, fields);
  if (text === '') return end.exitCode === 0 || end.exitCode === null ? answered() : failedBy(end);
  if (end.exitCode === 0 || end.exitCode === null) return answered(saying({ userMessage: stdout }));
  return end.exitCode === 1 ? failedBy(end) : answered({ decision: 'deny', reason: text });
}

function said(event: AgentEvent, fields: Fields): Outcome {
  const specific = specificIn(fields);
  const decision = DECISIONS.get(fields.decision);
  if (fields.decision !== undefined && decision === undefined)
    return failed('protocol', 'decision is none that there is');
  const top = ['continue', 'stopReason', 'systemMessage', 'decision', 'reason'];
  const stops = stopIn(fields);
  return answered({
    ...(stops === undefined ? {} : { stops }),
    others: othersIn(fields, top, specific, ['tool_input', 'additionalContext']),
    ...saying({
      decision,
      reason: textOf(fields.reason),
      context: textOf(specific.additionalContext),
      // It gives only what it changes.
      updatedInput: isFields(specific.tool_input) ? { ...event.toolInput, ...specific.tool_input } : undefined,
      userMessage: textOf(fields.systemMessage),
    }),
  });
}
