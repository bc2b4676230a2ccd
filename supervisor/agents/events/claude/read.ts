/** What a command hook has told Claude Code. */
import { type AgentEvent, DECISIONS, type Decision } from '../../../contract/validating.js';
import { type Fields, fieldsIn, isFields, textOf } from '../../json/fields.js';
import { answered, failed, failedBy, othersIn, saying, specificIn, stopIn } from '../answers.js';
import type { CommandEnd, Outcome, Saying } from '../verdicts.js';
import { claudeEvent } from './events.js';

/** Its name is all that is asked of it. */
export type Named = Pick<AgentEvent, 'name'>;

/** As the agent says it of a hook that blocks without a word. */
const NO_REASON = 'No stderr output';
const TEXTS_AT_TOP = ['reason', 'stopReason', 'systemMessage'];
const TEXTS = ['permissionDecisionReason', 'additionalContext'];

export function read(event: Named, end: CommandEnd): Outcome {
  const text = end.stdout.toString('utf8').trim();
  const fields = fieldsIn(end.stdout);
  const wrong = fields && wrongIn(event, fields);
  if (end.exitCode === 2) return blocked(event, wrong === undefined ? (fields ?? {}) : {}, end.stderr);
  if (wrong !== undefined) return failed('protocol', wrong);
  // JSON counts with any exit status.
  if (fields !== undefined) return answered(said(event, fields));
  if (event.name === 'WorktreeCreate') return worktree(end, text);
  if (end.exitCode !== 0) return failedBy(end);
  return answered(claudeEvent(event.name)?.isTextContext === true ? saying({ context: text }) : {});
}

/** Exit 2: beside what the fields say, but whatever they decide. */
function blocked(event: Named, fields: Fields, stderr: Buffer): Outcome {
  const { decision, reason, updatedInput: _, ...others } = said(event, fields);
  const words = (decision === 'deny' && reason) || stderr.toString('utf8').trim();
  const block = claudeEvent(event.name)?.block;
  if (block === 'nothing') return answered(said(event, fields));
  if (block === 'toUser') return answered({ ...others, ...saying({ userMessage: others.userMessage || words }) });
  return answered({ ...others, decision: 'deny', reason: words || NO_REASON });
}

/** Its answer is a line of text; any status but 0 refuses. */
function worktree(end: CommandEnd, text: string): Outcome {
  if (end.exitCode !== 0)
    return answered({ decision: 'deny', reason: end.stderr.toString('utf8').trim() || NO_REASON });
  const worktreePath = text.split('\n').at(-1)?.trim() ?? '';
  return answered(worktreePath === '' ? {} : { others: { top: {}, specific: { worktreePath } } });
}

function said(event: Named, fields: Fields): Saying {
  const block = claudeEvent(event.name)?.block;
  const specific = specificIn(fields);
  const common = { stops: stopIn(fields), userMessage: textOf(fields.systemMessage) };
  const stops = common.stops === undefined ? {} : { stops: common.stops };
  const known = { context: textOf(specific.additionalContext), userMessage: common.userMessage };
  // One that says so otherwise than by its first line is waited for; told beside the others it would take their decision away.
  const top = ['continue', 'stopReason', 'systemMessage', 'decision', 'reason', 'async', 'asyncTimeout'];
  if (event.name === 'PermissionRequest') {
    const decision = isFields(specific.decision) ? specific.decision : {};
    const others = othersIn(fields, top, decision, ['behavior', 'message', 'updatedInput']);
    return { ...stops, others, ...saying({ ...known, ...permission(decision.behavior, decision.message, decision) }) };
  }
  if (block === 'decline') {
    const isCancelled = specific.action === 'cancel';
    const isRefused = isCancelled || specific.action === 'decline';
    const others = othersIn(fields, top, specific, isRefused ? ['content', ...(isCancelled ? [] : ['action'])] : []);
    return {
      ...stops,
      others,
      ...saying(isRefused ? { ...known, decision: 'deny', reason: textOf(specific.action) } : known),
    };
  }
  const names = ['permissionDecision', 'permissionDecisionReason', 'updatedInput', 'additionalContext'];
  const others = othersIn(fields, top, specific, names);
  const own = permission(
    block === 'permission' ? specific.permissionDecision : undefined,
    specific.permissionDecisionReason,
    specific,
  );
  const older = permission(fields.decision === 'block' ? 'deny' : approved(event, fields), fields.reason, specific);
  return { ...stops, others, ...saying({ ...known, ...(own.decision === undefined ? older : own) }) };
}

function approved(event: Named, { decision }: Fields): Decision | undefined {
  return event.name === 'PreToolUse' && decision === 'approve' ? 'allow' : undefined;
}

function permission(decision: unknown, reason: unknown, { updatedInput }: Fields) {
  return {
    decision: DECISIONS.find((one) => one === decision),
    reason: textOf(reason),
    updatedInput: isFields(updatedInput) ? updatedInput : undefined,
  };
}

/** A hook that breaks the schema gives no usable answer. */
function wrongIn(event: Named, fields: Fields): string | undefined {
  const specific = fields.hookSpecificOutput ?? {};
  if (!isFields(specific)) return 'hookSpecificOutput is no object';
  if (fields.hookSpecificOutput !== undefined && specific.hookEventName !== event.name) {
    return `hookEventName is not "${event.name}"`;
  }
  const isOdd = (from: Fields) => (name: string) => from[name] !== undefined && typeof from[name] !== 'string';
  const odd = TEXTS_AT_TOP.find(isOdd(fields)) ?? TEXTS.find(isOdd(specific));
  if (odd !== undefined) return `${odd} is no text`;
  if (fields.continue !== undefined && typeof fields.continue !== 'boolean')
    return 'continue is neither true nor false';
  const { permissionDecision, updatedInput } = specific;
  if (permissionDecision !== undefined && !DECISIONS.some((one) => one === permissionDecision)) {
    return 'permissionDecision is none that there is';
  }
  if (updatedInput !== undefined && !isFields(updatedInput)) return 'updatedInput is no object';
  if (fields.decision !== undefined && fields.decision !== 'block' && fields.decision !== 'approve') {
    return 'decision is neither "block" nor "approve"';
  }
  return undefined;
}
