/** What a worker answers to a batch becomes an outcome for each of its tasks. The worker is untrusted: an answer that does not name
 *  each task exactly once is believed in nothing, since none of it is sure to be about the task that it names. */
import type { ValidatorOutcome } from '../../contract/validating.js';

export interface BatchAnswer {
  id: string;
  outcome: ValidatorOutcome;
}

/** @returns in the order of `ids`. */
export function outcomesOf(ids: readonly string[], answers: readonly BatchAnswer[]): ValidatorOutcome[] {
  if (answers.length !== ids.length) return protocolFailure(ids, `${answers.length} answers to ${ids.length} tasks`);
  const byId = new Map(answers.map(({ id, outcome }) => [id, outcome]));
  if (byId.size < answers.length) return protocolFailure(ids, 'a task was answered twice');
  const outcomes = ids.flatMap((id) => byId.get(id) ?? []);
  return outcomes.length === ids.length ? outcomes : protocolFailure(ids, 'a task was answered that was not asked');
}

function protocolFailure(ids: readonly string[], what: string): ValidatorOutcome[] {
  return ids.map(() => ({ kind: 'failed', cause: 'protocol', message: `the answer to its batch is wrong: ${what}` }));
}
