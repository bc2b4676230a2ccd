/** What a command hook has told Cursor, by its documentation. */
import type { Decision } from '../../../contract/validating.js';
import { type Fields, fieldsIn, isFields, textOf } from '../../json/fields.js';
import { answered, failed, failedBy, othersIn, PERMISSIONS, saying } from '../answers.js';
import type { CommandEnd, Outcome } from '../verdicts.js';

const KNOWN = ['continue', 'permission', 'user_message', 'agent_message', 'updated_input', 'additional_context'];

export function read(answer: 'permission' | 'prompt' | 'followUp' | 'none', end: CommandEnd): Outcome {
  const stderr = end.stderr.toString('utf8').trim();
  const fields = fieldsIn(end.stdout);
  if (end.exitCode === 2) {
    return answered({ decision: 'deny', reason: reasonIn(fields ?? {}) || stderr || 'denied' });
  }
  if (end.exitCode !== 0) return failedBy(end);
  if (fields === undefined) {
    return end.stdout.toString('utf8').trim() === '' ? answered() : failed('protocol', 'its answer is not valid JSON');
  }
  const decision = decisionIn(answer, fields);
  if (answer === 'permission' && fields.permission !== undefined && decision === undefined) {
    return failed('protocol', 'permission is none that there is');
  }
  return answered({
    others: othersIn(fields, [...KNOWN, ...(answer === 'followUp' ? ['followup_message'] : [])], {}, []),
    ...saying({
      decision,
      reason: decision === undefined ? '' : reasonIn(fields),
      context: textOf(fields.additional_context),
      updatedInput: isFields(fields.updated_input) ? fields.updated_input : undefined,
      userMessage: decision === undefined ? textOf(fields.user_message) : '',
    }),
  });
}

function decisionIn(answer: 'permission' | 'prompt' | 'followUp' | 'none', fields: Fields): Decision | undefined {
  if (answer === 'permission') return PERMISSIONS.find((one) => one === fields.permission);
  if (answer === 'prompt') return fields.continue === false ? 'deny' : undefined;
  return answer === 'followUp' && textOf(fields.followup_message) !== '' ? 'deny' : undefined;
}

function reasonIn(fields: Fields): string {
  return textOf(fields.agent_message) || textOf(fields.user_message) || textOf(fields.followup_message);
}
