/** A question and what the validator says to it, as they go over the wire. */
import { words } from './words.mjs';

const NOTHING = {};
const FIELDS = ['decision', 'reason', 'context', 'updatedInput'];
/** JSON leaves such a value out, or makes null of it. Then `decision: deny`, meant as `deny(...)`, would say that nothing is wrong. */
const LOST_TYPES = ['function', 'symbol', 'number'];

/** JSON: {"verdict"}, {"answers": [{"verdict"} or {"error"}]} for many events, or {"error"}. Never throws. */
export async function answerText(validator, question, task) {
  const context = contextOf(question, task);
  const answer =
    question.events === undefined
      ? await answerOne(validator, question.event, context)
      : await answerMany(validator, question.events, context);
  return answer.answers === undefined ? textOf(answer) : `{"answers":[${answer.answers.map(textOf).join()}]}`;
}

function textOf(answer) {
  try {
    return JSON.stringify(answer);
  } catch (error) {
    return JSON.stringify(protocolError(`an answer that is no JSON: ${words(error)}`));
  }
}

function contextOf({ context }, task) {
  return {
    ...context,
    get signal() {
      return task.signal;
    },
  };
}

async function answerOne({ one, many }, event, context) {
  try {
    if (one !== undefined) return checked(await one(event, context));
    const verdicts = await many([event], context);
    return Array.isArray(verdicts) && verdicts.length === 1 ? checked(verdicts[0]) : wrongCount(verdicts, 1);
  } catch (error) {
    return threw(error);
  }
}

async function answerMany(validator, events, context) {
  if (validator.many === undefined) {
    return { answers: await Promise.all(events.map((event) => answerOne(validator, event, context))) };
  }
  try {
    const verdicts = await validator.many(events, context);
    if (!Array.isArray(verdicts) || verdicts.length !== events.length) return wrongCount(verdicts, events.length);
    return { answers: verdicts.map(checked) };
  } catch (error) {
    return threw(error);
  }
}

/** Only its shape: the daemon looks at each field that it gets. Each by itself: one of many is not to spoil those beside it. */
function checked(verdict) {
  if (verdict === undefined || verdict === null) return { verdict: NOTHING };
  try {
    if (typeof verdict !== 'object' || Array.isArray(verdict)) {
      return protocolError(`a ${typeof verdict === 'object' ? 'list' : typeof verdict} is no verdict`);
    }
    const lost = FIELDS.find((name) => LOST_TYPES.includes(typeof verdict[name]));
    return lost === undefined ? { verdict } : protocolError(`a ${lost} that is a ${typeof verdict[lost]}`);
  } catch (error) {
    return threw(error);
  }
}

function threw(error) {
  return { error: { cause: 'threw', message: words(error) } };
}

function wrongCount(verdicts, count) {
  const what = Array.isArray(verdicts) ? `${verdicts.length} verdicts` : typeof verdicts;
  return protocolError(`${what} for ${count} events`);
}

function protocolError(message) {
  return { error: { cause: 'protocol', message } };
}
