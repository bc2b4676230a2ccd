/** What a hook has said by stdout, stderr and exit status -> what an `http` hook says in its place. Pure. */
import { read } from '../events/claude/read.js';
import { write } from '../events/claude/write.js';
import type { CommandEnd, Said } from '../events/verdicts.js';
import { fieldsIn } from '../json/fields.js';
import { httpEvent } from './events.js';

export interface HookEnd extends CommandEnd {
  exitCode: number;
}

/** Anything but 200 is a failure to the agent: shown, and otherwise as if there were no hook. */
export interface HttpAnswer {
  status: number;
  /** JSON for 200, else a text. */
  body: Buffer;
}

const FAILED = 500;
const SILENT: Said = { reason: '', context: '', userMessage: '', others: { top: {}, specific: {} } };

/** @param blocksOnFailure the hook's `onFailure` says block. */
export function answerOf(eventName: string, end: HookEnd, blocksOnFailure: boolean): HttpAnswer {
  const text = end.stdout.toString('utf8').trim();
  const fields = fieldsIn(end.stdout);
  if (end.exitCode === 2) return asExitTwo(eventName, end);
  const isBroken = text.startsWith('{') && fields === undefined;
  if (blocksOnFailure && (end.exitCode !== 0 || isBroken)) {
    return failureAnswer(eventName, isBroken ? 'its answer is not valid JSON' : statusText(end), true);
  }
  // JSON counts with any exit status.
  if (fields !== undefined) return ok(end.stdout);
  if (end.exitCode !== 0) return failureAnswer(eventName, statusText(end), false);
  const isContext = httpEvent(eventName)?.isTextContext === true;
  return saidByJson(eventName, isContext ? { context: text } : {});
}

/** A hook that did not end by itself, or that failed. */
export function failureAnswer(eventName: string, what: string, blocksOnFailure: boolean): HttpAnswer {
  const event = httpEvent(eventName);
  if (!blocksOnFailure || event === undefined || event.ignoresOnFailure) return failed(what);
  // Exit 2 is not honoured there, and yet `onFailure` denies.
  if (eventName === 'PermissionRequest') return saidByJson(eventName, { decision: 'deny', reason: what });
  return asExitTwo(eventName, { exitCode: 2, stdout: Buffer.alloc(0), stderr: Buffer.from(what) });
}

/** What exit 2 means, said by JSON: beside the fields that the hook gives, but whatever they decide. */
function asExitTwo(eventName: string, end: HookEnd): HttpAnswer {
  const outcome = read({ name: eventName }, end);
  if (httpEvent(eventName) === undefined || outcome.kind !== 'answered') return failed(statusText(end));
  return saidByJson(eventName, outcome.verdict);
}

function saidByJson(eventName: string, said: Partial<Said>): HttpAnswer {
  return ok(write({ name: eventName }, { ...SILENT, ...said }).stdout);
}

function statusText({ exitCode, stderr }: HookEnd): string {
  const [line = ''] = stderr.toString('utf8').trim().split('\n', 1);
  return `exit status ${exitCode}${line === '' ? '' : `: ${line}`}`;
}

function failed(what: string): HttpAnswer {
  return { status: FAILED, body: Buffer.from(`${what}\n`) };
}

function ok(body: Buffer): HttpAnswer {
  return { status: 200, body };
}
