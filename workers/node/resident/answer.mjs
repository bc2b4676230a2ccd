/** A question and what the validator says to it, as they go over the wire. */
import { words } from './words.mjs';

const NOTHING = {};

/** JSON: {"verdict"}, {"answers": [{"verdict"} or {"error"}]} for many events, or {"error"}. Never throws. */
export async function answerText(validator, question, task) {
  const context = contextOf(question, task);
  const answer =
    question.events === undefined
      ? await answerOne(validator, question.event, context)
      : await answerMany(validator, question.events, context);
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
    return { error: { cause: 'threw', message: words(error) } };
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
    return { error: { cause: 'threw', message: words(error) } };
  }
}

/** Only its shape: the daemon looks at each field. */
function checked(verdict) {
  if (verdict === undefined || verdict === null) return { verdict: NOTHING };
  if (typeof verdict === 'object' && !Array.isArray(verdict)) return { verdict };
  return protocolError(`a ${Array.isArray(verdict) ? 'list' : typeof verdict} is no verdict`);
}

function wrongCount(verdicts, count) {
  const what = Array.isArray(verdicts) ? `${verdicts.length} verdicts` : typeof verdicts;
  return protocolError(`${what} for ${count} events`);
}

function protocolError(message) {
  return { error: { cause: 'protocol', message } };
}
