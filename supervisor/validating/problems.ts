/** What is wrong with validators as they are declared, beyond the form of each. */
import { compileMatcher } from '../agents/events/matcher.js';
import type { ConfigProblem } from '../contract/config.js';
import { EVENT_AGENTS, type ValidatorSpec } from '../contract/validating.js';
import { type GraphProblem, orderOf } from '../scheduler/graph.js';

/** Whose rules its matcher is read by. */
export function agentsOf({ agents }: ValidatorSpec) {
  return agents.length === 0 ? EVENT_AGENTS : agents;
}

/** What only those can tell that understand matchers and graphs; to be empty before `Validators.of`. */
export function problemsOf(specs: readonly ValidatorSpec[]): ConfigProblem[] {
  const where = (name: string) => `validators: ${name}`;
  const ofMatchers = specs.flatMap((spec): ConfigProblem[] => {
    const matcher = compileMatcher(spec.matcher, agentsOf(spec));
    return matcher.ok ? [] : [{ where: where(spec.name), what: matcher.what, remedy: matcher.remedy }];
  });
  const order = orderOf(specs);
  return order.ok ? ofMatchers : [...ofMatchers, ...order.problems.flatMap((one) => graphProblem(one, where) ?? [])];
}

function graphProblem(problem: GraphProblem, where: (name: string) => string): ConfigProblem | undefined {
  switch (problem.kind) {
    case 'cycle':
      return {
        where: where(problem.path[0] ?? ''),
        what: `they wait for each other: ${problem.path.join(' -> ')}`,
        remedy: 'remove one of these from dependsOn',
      };
    case 'unknown':
      return {
        where: where(problem.name),
        what: `it depends on "${problem.missing}", which is no validator`,
        remedy: 'correct the name in dependsOn, or declare that validator',
      };
    case 'twice':
      return undefined; // told with its place in the file
  }
}
