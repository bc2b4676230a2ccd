// Clients that call one after the other, each at the same time as all the others, and the tally of their answers.
import { randomBytes } from 'node:crypto';
import { NONCE_LENGTH } from './answers.mjs';
import { makeCall } from './call.mjs';

/** After so many the rest tells nothing new. */
const PROBLEMS_MAX = 20;

export class Tally {
  ended = 0;
  wrong = 0;
  lost = 0;
  hung = 0;
  /** Not answered, but for a reason that is known. */
  excused = 0;
  /** Of the first ones: what was wrong. */
  problems = [];
  byKind = new Map();

  get bad() {
    return this.wrong + this.lost + this.hung;
  }
}

/** @param excuse told of each call that was not answered rightly, { answer, startedAtMs, endedAtMs }: true if that had to be. */
export async function runClients({ calls, clients, pick, answers, where, tally, excuse = () => false }) {
  let started = 0;
  const client = async () => {
    while (started < calls && tally.problems.length < PROBLEMS_MAX) {
      started++;
      await callOnce(pick(), { answers, where, tally, excuse });
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

async function callOnce({ kind, variant }, { answers, where, tally, excuse }) {
  const nonce = randomBytes(NONCE_LENGTH / 2).toString('hex');
  const startedAtMs = performance.now();
  const answer = await makeCall(kind.call(nonce, variant), { ...where, isDirect: false });
  const endedAtMs = performance.now();
  const problem = await answers.judge(kind, variant, nonce, answer);
  tally.ended++;
  tally.byKind.set(kind.name, (tally.byKind.get(kind.name) ?? 0) + 1);
  if (problem === undefined) return;
  if (excuse({ answer, startedAtMs, endedAtMs })) {
    tally.excused++;
    return;
  }
  const sort = sortOf(answer);
  tally[sort]++;
  if (tally.problems.length < PROBLEMS_MAX) tally.problems.push(`${sort}: ${kind.name} (${variant}): ${problem}`);
}

/** Lost: there was no answer, by the client's own word. */
function sortOf({ isHung, stderr }) {
  if (isHung) return 'hung';
  return /^(hook-supervisor|supervisor-hook): /m.test(stderr) ? 'lost' : 'wrong';
}
