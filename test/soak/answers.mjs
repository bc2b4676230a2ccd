// What a call has to answer: what a direct run of its kind answered, with the nonce of the call in the place of the nonce
// of the direct run.
import { makeCall } from './call.mjs';

const NONCE_OF_DIRECT_RUNS = 'direct0123456789';
export const NONCE_LENGTH = NONCE_OF_DIRECT_RUNS.length;
const SHOWN_LENGTH = 200;

export class Answers {
  #templates = new Map();

  constructor(where) {
    this.where = where;
  }

  /** Undefined if the answer is right, else what is wrong with it. */
  async judge(kind, variant, nonce, answer) {
    const call = kind.call(nonce, variant);
    if (call.expect !== undefined) return differenceFromRule(call.expect, answer);
    const template = await this.#templateOf(kind, variant);
    const expected = { ...template };
    for (const stream of ['stdout', 'stderr'])
      expected[stream] = template[stream].replaceAll(NONCE_OF_DIRECT_RUNS, nonce).replaceAll(upper(), upper(nonce));
    if (call.act?.afterMs !== undefined && answer.signal === call.act.kill) {
      const isStart = ['stdout', 'stderr'].every((stream) => expected[stream].startsWith(answer[stream]));
      return isStart ? undefined : difference(expected, answer);
    }
    return difference(expected, answer);
  }

  #templateOf(kind, variant) {
    const key = `${kind.name} ${variant}`;
    const known = this.#templates.get(key);
    if (known !== undefined) return known;
    const made = this.#runDirectly(kind, variant);
    this.#templates.set(key, made);
    return made;
  }

  async #runDirectly(kind, variant) {
    const call = kind.call(NONCE_OF_DIRECT_RUNS, variant);
    // Killed at any moment: what it would have answered.
    if (call.act?.afterMs !== undefined) delete call.act;
    const answer = await makeCall(call, { ...this.where, isDirect: true });
    const told = (answer.stdout + answer.stderr).toLowerCase();
    if (answer.isHung || !told.includes(NONCE_OF_DIRECT_RUNS))
      throw new Error(`the direct run of “${kind.name}” does not tell its nonce: ${shown(answer)}`);
    return answer;
  }
}

function upper(nonce = NONCE_OF_DIRECT_RUNS) {
  return nonce.toUpperCase();
}

function differenceFromRule({ code, signal, stderr }, answer) {
  const isRight =
    answer.code === code && answer.signal === signal && answer.stdout === '' && stderr.test(answer.stderr);
  return isRight ? undefined : `exit ${code}, signal ${signal}, ${stderr} was due; came ${shown(answer)}`;
}

function difference(expected, answer) {
  for (const what of ['code', 'signal', 'stdout', 'stderr']) {
    if (expected[what] === answer[what]) continue;
    const lengths = [expected, answer].map(({ stdout, stderr }) => `${stdout.length}+${stderr.length}`).join(' and ');
    return `${what} differs, of ${lengths} bytes: ${shown(expected)} was due; came ${shown(answer)}`;
  }
  return undefined;
}

function shown(answer) {
  const parts = Object.entries(answer).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.slice(0, SHOWN_LENGTH) : value,
  ]);
  return JSON.stringify(Object.fromEntries(parts));
}
