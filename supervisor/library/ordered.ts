/** Questions of a batch that wait for others of it: what is wrong with their order, or who is asked when. */
import { LIMITS } from '../contract/limits.js';
import type { ValidatorOutcome } from '../contract/validating.js';
import { type GraphProblem, orderOf } from '../scheduler/graph.js';
import { GraphRun } from '../scheduler/graph-run.js';
import type { Outcome } from './outcomes.js';

export interface Ordered {
  id?: string;
  dependsOn?: readonly string[];
}

/** Items without an id of their own cannot be waited for. @returns the name of each for this batch, or what is wrong. */
export function namesOf(items: readonly Ordered[]): { ok: true; names: string[] } | { ok: false; message: string } {
  if (items.length > LIMITS.libraryGraphMax) {
    return { ok: false, message: `a batch with dependsOn has ${LIMITS.libraryGraphMax} items at most` };
  }
  // With a slash in front: a name of ours is never one of theirs.
  const names = items.map(({ id }, index) => (id === undefined ? `#${index}` : `/${id}`));
  const order = orderOf(items.map((item, index) => ({ name: names[index] ?? '', dependsOn: wanted(item) })));
  if (order.ok) return { ok: true, names };
  return { ok: false, message: order.problems.map(problemText).join('; ') };
}

/** @param ask is called for each, once all that it depends on are decided. */
export async function inOrder<Item extends Ordered>(
  items: readonly Item[],
  names: readonly string[],
  ask: (item: Item) => Promise<Outcome>,
): Promise<Outcome[]> {
  const byName = new Map(items.map((item, index) => [names[index] ?? '', item]));
  const outcomes = new Map<string, Outcome>();
  const run = new GraphRun(new Map([...byName].map(([name, item]) => [name, wanted(item)])), names);
  const one = async (name: string): Promise<void> => {
    const item = byName.get(name);
    if (item === undefined) return;
    const outcome = await ask(item);
    outcomes.set(name, outcome);
    const { ready, skipped } = run.ended(name, stepOf(outcome));
    for (const { name: other } of skipped) outcomes.set(other, { kind: 'skipped', because: whyNot(name, outcome) });
    await Promise.all(ready.map(one));
  };
  await Promise.all(run.first.map(one));
  return names.flatMap((name) => outcomes.get(name) ?? []);
}

export function whyNot(name: string, outcome: Outcome): string {
  return `it waits for ${name.replace(/^\//, '')}, which was not decided: ${outcome.kind}`;
}

function wanted({ dependsOn = [] }: Ordered): string[] {
  return dependsOn.map((id) => `/${id}`);
}

/** To the graph only this matters: whether what depends on it may be asked. */
function stepOf(outcome: Outcome): ValidatorOutcome {
  if (outcome.kind === 'decided') return { kind: 'answered', verdict: {} };
  return { kind: 'skipped', because: outcome.kind };
}

function problemText(problem: GraphProblem): string {
  const shown = (name: string) => name.replace(/^\//, '');
  switch (problem.kind) {
    case 'cycle':
      return `they wait for each other: ${problem.path.map(shown).join(' -> ')}`;
    case 'unknown':
      return `${shown(problem.name)} waits for "${shown(problem.missing)}", which is not in the batch`;
    case 'twice':
      return `two have the id "${shown(problem.name)}"`;
  }
}
