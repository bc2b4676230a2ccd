/** What a hook has said by stdout, stderr and exit status -> what an `http` hook says in its place. Pure. */
import { type HttpEvent, httpEvent } from './events.js';
import { textsAtTop } from './scan.js';

export interface HookEnd {
  exitCode: number;
  stdout: Buffer;
  stderr: Buffer;
}

/** Anything but 200 is a failure to the agent: shown, and otherwise as if there were no hook. */
export interface HttpAnswer {
  status: number;
  /** JSON for 200, else a text. */
  body: Buffer;
}

type Fields = Record<string, unknown>;

const FAILED = 500;
/** As the agent says it of a hook that blocks without a word. */
const NO_REASON = 'No stderr output';

/** @param blocksOnFailure the hook's `onFailure` says block. */
export function answerOf(eventName: string, end: HookEnd, blocksOnFailure: boolean): HttpAnswer {
  const event = httpEvent(eventName);
  const text = end.stdout.toString('utf8').trim();
  const fields = fieldsIn(end.stdout);
  if (end.exitCode === 2) return blocked(eventName, event, fields ?? {}, end.stderr.toString('utf8').trim());
  const isBroken = text.startsWith('{') && fields === undefined;
  if (blocksOnFailure && (end.exitCode !== 0 || isBroken)) {
    return failureAnswer(eventName, isBroken ? 'its answer is not valid JSON' : statusText(end), true);
  }
  // JSON counts with any exit status.
  if (fields !== undefined) return { status: 200, body: end.stdout };
  if (end.exitCode !== 0) return failureAnswer(eventName, statusText(end), false);
  return event?.isTextContext === true && text !== ''
    ? json({ hookSpecificOutput: { hookEventName: eventName, additionalContext: text } })
    : nothing();
}

/** A hook that did not end by itself, or that failed. */
export function failureAnswer(eventName: string, what: string, blocksOnFailure: boolean): HttpAnswer {
  const event = httpEvent(eventName);
  const failed = { status: FAILED, body: Buffer.from(`${what}\n`) };
  if (!blocksOnFailure || event === undefined || event.ignoresOnFailure) return failed;
  if (eventName === 'PermissionRequest') {
    return json({ hookSpecificOutput: { hookEventName: eventName, decision: { behavior: 'deny', message: what } } });
  }
  return blocked(eventName, event, {}, what);
}

/** Exit 2: beside the fields that the hook gives, but whatever they decide. */
function blocked(eventName: string, event: HttpEvent | undefined, fields: Fields, stderr: string): HttpAnswer {
  const own = isFields(fields.hookSpecificOutput) ? fields.hookSpecificOutput : {};
  const given = (own.permissionDecision === 'deny' && own.permissionDecisionReason) || '';
  const reason = given || (fields.decision === 'block' && fields.reason) || stderr || NO_REASON;
  const { decision: _, ...others } = fields;
  const specific = (more: Fields) => json({ ...others, hookSpecificOutput: { hookEventName: eventName, ...more } });
  switch (event?.block) {
    case 'decision':
      return json({ ...fields, decision: 'block', reason });
    case 'permission':
      return specific({ ...own, permissionDecision: 'deny', permissionDecisionReason: reason });
    case 'decline':
      return specific({ action: 'decline' });
    case 'toUser':
      return stderr === '' ? json(fields) : json({ systemMessage: stderr, ...fields });
    case 'nothing':
      return json(fields);
    case undefined:
      return { status: FAILED, body: Buffer.from(`exit status 2: ${stderr}\n`) };
  }
}

function statusText({ exitCode, stderr }: HookEnd): string {
  const [line = ''] = stderr.toString('utf8').trim().split('\n', 1);
  return `exit status ${exitCode}${line === '' ? '' : `: ${line}`}`;
}

function nothing(): HttpAnswer {
  return { status: 200, body: Buffer.alloc(0) };
}

function json(fields: Fields): HttpAnswer {
  return Object.keys(fields).length === 0 ? nothing() : { status: 200, body: Buffer.from(JSON.stringify(fields)) };
}

/** Undefined for anything but a JSON object. */
function fieldsIn(stdout: Buffer): Fields | undefined {
  if (textsAtTop(stdout, []) === undefined) return undefined;
  try {
    return JSON.parse(stdout.toString('utf8')) as Fields;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
