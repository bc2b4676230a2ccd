/** What all agents' answers and hooks have in common. */
import type { Decision, FailureCause } from '../../contract/validating.js';
import { type Fields, isFields, textOf, without } from '../json/fields.js';
import type { Abilities, Answer, CommandEnd, Others, Outcome, Said, Saying } from './verdicts.js';

const NOTHING = Buffer.alloc(0);

/** What agents know that have no `defer`. */
export const PERMISSIONS: readonly Decision[] = ['deny', 'ask', 'allow'];

/** Silence for an object without fields: it must not look like an approval. */
export function jsonAnswer(fields: Fields): Answer {
  const stdout = Object.keys(fields).length === 0 ? NOTHING : Buffer.from(JSON.stringify(fields));
  return { exitCode: 0, stdout, stderr: NOTHING };
}

/** The refusal that every agent knows where it knows one at all. */
export function exitTwo(reason: string): Answer {
  return { exitCode: 2, stdout: NOTHING, stderr: Buffer.from(`${reason}\n`) };
}

export function answered(verdict: Saying = {}): Outcome {
  return { kind: 'answered', verdict };
}

export function failed(cause: FailureCause, message: string): Outcome {
  return { kind: 'failed', cause, message };
}

export function failedBy({ exitCode, stderr }: CommandEnd): Outcome {
  const [line = ''] = stderr.toString('utf8').trim().split('\n', 1);
  const status = exitCode === null ? 'ended by a signal' : `exit status ${exitCode}`;
  return failed(exitCode === null ? 'crashed' : 'threw', line === '' ? status : `${status}: ${line}`);
}

/** Without texts that are ''. */
export function saying(parts: { [Name in keyof Saying]: Saying[Name] | undefined }): Saying {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined && part !== '')) as Saying;
}

/** Fields of a hook's JSON beside those that are understood. */
export function othersIn(
  top: Fields,
  knownAtTop: readonly string[],
  specific: Fields,
  known: readonly string[],
): Others {
  return {
    top: without(top, [...knownAtTop, 'hookSpecificOutput']),
    specific: without(specific, [...known, 'hookEventName']),
  };
}

export function specificIn(fields: Fields): Fields {
  return isFields(fields.hookSpecificOutput) ? fields.hookSpecificOutput : {};
}

/** In the fields that Claude Code has given its followers. */
export function stopIn(fields: Fields): string | undefined {
  return fields.continue === false ? textOf(fields.stopReason) : undefined;
}

export function withSpecific(eventName: string, top: Fields, specific: Fields): Fields {
  if (Object.keys(specific).length === 0) return top;
  return { ...top, hookSpecificOutput: { hookEventName: eventName, ...specific } };
}

export function commonTop({ others, stops, userMessage }: Said): Fields {
  return {
    ...others.top,
    ...(stops === undefined ? {} : { continue: false, ...(stops === '' ? {} : { stopReason: stops }) }),
    ...(userMessage === '' ? {} : { systemMessage: userMessage }),
  };
}

/** Of events of which nothing is known but that exit 2 refuses. */
export const UNKNOWN_EVENT: Abilities = {
  decisions: ['deny'],
  denyEnds: false,
  canEndTurn: true,
  silenceAsks: false,
  rewrite: 'never',
  hasContext: false,
  hasUserMessage: false,
  failureDenies: true,
};

/** Of events that take no answer. */
export const DEAF_EVENT: Abilities = {
  ...UNKNOWN_EVENT,
  decisions: [],
  rewrite: 'void',
  failureDenies: false,
};
