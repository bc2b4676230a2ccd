/** What a command hook has told Codex CLI. It is strict: what it does not know makes a whole answer fail. */
import type { AgentEvent } from '../../../contract/validating.js';
import { type Fields, fieldsIn, isFields, textOf } from '../../json/fields.js';
import { answered, failed, failedBy, othersIn, saying, specificIn, stopIn } from '../answers.js';
import type { CommandEnd, Outcome, Saying } from '../verdicts.js';

const TOP = ['continue', 'stopReason', 'suppressOutput', 'systemMessage', 'decision', 'reason', 'hookSpecificOutput'];
const TAKES_TEXT = ['SessionStart', 'SubagentStart', 'UserPromptSubmit'];
const STARTS = ['SessionStart', 'SubagentStart'];
const ENDS = ['Stop', 'SubagentStop'];

export function read({ name }: AgentEvent, end: CommandEnd): Outcome {
  const text = end.stdout.toString('utf8').trim();
  const stderr = end.stderr.toString('utf8').trim();
  if (end.exitCode === 2 && stderr !== '' && !STARTS.includes(name))
    return answered({ decision: 'deny', reason: stderr });
  if (end.exitCode !== 0) return failedBy(end);
  if (text === '') return answered();
  const fields = fieldsIn(end.stdout);
  if (fields !== undefined) return said(name, fields);
  if (ENDS.includes(name) || /^[{[]/.test(text)) return failed('protocol', 'its answer is not valid JSON');
  return answered(TAKES_TEXT.includes(name) ? { context: text } : {});
}

function said(name: string, fields: Fields): Outcome {
  const specific = specificIn(fields);
  const verdict = name === 'PermissionRequest' ? requested(specific) : decided(name, fields, specific);
  const wrong = wrongIn(name, fields);
  if (wrong !== undefined) return failed('protocol', wrong);
  if (typeof verdict === 'string') return failed('protocol', verdict);
  const stops = stopIn(fields);
  const known = ['permissionDecision', 'permissionDecisionReason', 'updatedInput', 'additionalContext', 'decision'];
  return answered({
    ...(stops === undefined ? {} : { stops }),
    others: othersIn(fields, TOP, specific, known),
    ...saying({ ...verdict, context: textOf(specific.additionalContext), userMessage: textOf(fields.systemMessage) }),
  });
}

function wrongIn(name: string, fields: Fields): string | undefined {
  const unknown = Object.keys(fields).find((field) => !TOP.includes(field));
  if (unknown !== undefined) return `"${unknown}" is not known there`;
  const specific = fields.hookSpecificOutput ?? undefined;
  if (specific !== undefined && ENDS.includes(name)) return 'hookSpecificOutput is not known there';
  if (specific !== undefined && (!isFields(specific) || specific.hookEventName !== name)) {
    return `hookEventName is not "${name}"`;
  }
  const isBeforeTool = name === 'PreToolUse' || name === 'PermissionRequest';
  return isBeforeTool && stopIn(fields) !== undefined ? 'continue is not known there' : undefined;
}

/** A text: why the whole answer fails. */
function decided(name: string, fields: Fields, specific: Fields): Saying | string {
  const { permissionDecision, updatedInput } = specific;
  if (name === 'PreToolUse' && (permissionDecision ?? updatedInput) !== undefined) {
    const reason = textOf(specific.permissionDecisionReason).trim();
    if (permissionDecision === 'deny') return reason === '' ? 'a deny without a reason' : { decision: 'deny', reason };
    if (permissionDecision !== 'allow') return 'neither deny nor allow';
    // It approves nothing: it only goes with an input.
    return isFields(updatedInput) ? { updatedInput } : 'an allow without updatedInput';
  }
  const reason = textOf(fields.reason).trim();
  if (fields.decision === 'block') return reason === '' ? 'a block without a reason' : { decision: 'deny', reason };
  if (fields.decision !== undefined && fields.decision !== null) return 'decision is none that there is';
  if (name === 'PreCompact' && stopIn(fields) !== undefined)
    return { decision: 'deny', reason: stopIn(fields) || 'stopped' };
  return {};
}

function requested({ decision }: Fields): Saying | string {
  if (!isFields(decision)) return {};
  const { behavior, message, updatedInput, updatedPermissions, interrupt } = decision;
  if ((updatedInput ?? updatedPermissions) !== undefined || interrupt === true) return 'more than allow or deny';
  if (behavior === 'deny') return { decision: 'deny', reason: textOf(message).trim() || 'denied' };
  return behavior === 'allow' ? { decision: 'allow' } : 'neither deny nor allow';
}
