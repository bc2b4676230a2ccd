/** What a resident worker says, which may be anything: JSON within bounds -> verdicts, and nothing that is none. */
import { LIMITS } from '../contract/limits.js';
import { DECISIONS, type Decision, type ValidatorOutcome, type Verdict } from '../contract/validating.js';

export type Answered = Exclude<ValidatorOutcome, { kind: 'skipped' }>;

const VERDICT_KEYS = ['decision', 'reason', 'context', 'updatedInput'];
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const LIST = { opens: 0x5b, closes: 0x5d };
const OBJECT = { opens: 0x7b, closes: 0x7d };

export type Fields = Record<string, unknown>;

/** @param fields undefined: the answer was no object.
 *  @param events how many were asked about.
 *  @returns one outcome for each of them. */
export function answersOf(fields: Fields | undefined, events: number): Answered[] {
  if (fields === undefined) return all(events, broken('an answer that is no JSON object'));
  const { answers } = fields;
  if (answers === undefined) return all(events, answerOf(fields, events));
  if (!Array.isArray(answers) || answers.length !== events) return all(events, broken('not one answer for each event'));
  return answers.map((answer) => (isFields(answer) ? answerOf(answer, 1) : broken('an answer that is no object')));
}

/** An object; undefined where it is none, or nested too deep. */
export function fieldsOf(text: string): Fields | undefined {
  if (isTooDeep(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function answerOf(fields: Fields, events: number): Answered {
  const { verdict, error } = fields;
  if (error !== undefined) return failureOf(error);
  if (events !== 1) return broken('one verdict for more than one event');
  return verdict === undefined ? broken('an answer without a verdict') : verdictOf(verdict);
}

/** A worker can say of itself no more than that its validator threw, or that what came out of it was no verdict. */
function failureOf(error: unknown): Answered {
  if (!isFields(error) || typeof error.message !== 'string') return broken('an error without a message');
  const message = error.message.slice(0, LIMITS.failureTextMaxCharacters);
  return { kind: 'failed', cause: error.cause === 'protocol' ? 'protocol' : 'threw', message };
}

function verdictOf(value: unknown): Answered {
  if (!isFields(value)) return broken('a verdict that is no object');
  const unknown = Object.keys(value).find((key) => !VERDICT_KEYS.includes(key));
  if (unknown !== undefined) return broken(`a verdict with the unknown field ${JSON.stringify(unknown.slice(0, 40))}`);
  const verdict: Verdict = {};
  const { decision, reason, context, updatedInput } = value;
  if (isGiven(decision)) {
    if (!isDecision(decision)) return broken(`a decision that is none of ${DECISIONS.join(', ')}`);
    verdict.decision = decision;
  }
  for (const [name, text] of [
    ['reason', reason],
    ['context', context],
  ] as const) {
    if (!isGiven(text)) continue;
    if (typeof text !== 'string') return broken(`a ${name} that is no text`);
    if (text.length > LIMITS.verdictTextMaxCharacters) return broken(`a ${name} of ${text.length} characters`);
    verdict[name] = text;
  }
  if (isGiven(updatedInput)) {
    if (!isFields(updatedInput)) return broken('an updatedInput that is no object');
    verdict.updatedInput = updatedInput;
  }
  return { kind: 'answered', verdict };
}

/** Counted before it is parsed: what is built of brackets without end is dear to whoever walks through it later. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isInText) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) isInText = false;
    } else if (code === QUOTE) isInText = true;
    else if (code === LIST.opens || code === OBJECT.opens) depth++;
    else if (code === LIST.closes || code === OBJECT.closes) depth--;
    if (depth > LIMITS.residentAnswerDepthMax) return true;
  }
  return false;
}

function isDecision(value: unknown): value is Decision {
  return (DECISIONS as readonly unknown[]).includes(value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Python says `None` for what is not there. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function all(events: number, answer: Answered): Answered[] {
  return Array.from({ length: events }, () => answer);
}

function broken(message: string): Answered {
  return { kind: 'failed', cause: 'protocol', message };
}
