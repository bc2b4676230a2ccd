/** What is wrong with validators and hooks of events as they are declared, beyond the form of each. */
import { compileMatcher } from '../agents/events/matcher.js';
import { startsClient } from '../agents/wrapping/client-words.js';
import type { Config, ConfigProblem } from '../contract/config.js';
import type { EventHookSpec } from '../contract/event-hooks.js';
import { EVENT_AGENTS, type ValidatorSpec } from '../contract/validating.js';
import { type GraphProblem, orderOf } from '../scheduler/graph.js';

/** Whose rules its matcher is read by. */
export function agentsOf({ agents }: Pick<ValidatorSpec, 'agents'>) {
  return agents.length === 0 ? EVENT_AGENTS : agents;
}

/** What only those can tell that understand matchers, graphs and the words of hooks. */
export function judgeAsked({ validators, hooks }: Pick<Config, 'validators' | 'hooks'>): ConfigProblem[] {
  return [...problemsOf(validators), ...problemsOfHooks(hooks)];
}

/** To be empty before `Validators.of`. */
export function problemsOf(specs: readonly ValidatorSpec[]): ConfigProblem[] {
  const where = (name: string) => `validators: ${name}`;
  const ofMatchers = specs.flatMap((spec) => ofMatcher(spec, where(spec.name)));
  const order = orderOf(specs);
  return order.ok ? ofMatchers : [...ofMatchers, ...order.problems.flatMap((one) => graphProblem(one, where) ?? [])];
}

/** To be empty before `eventHooksOf`. */
export function problemsOfHooks(specs: readonly EventHookSpec[]): ConfigProblem[] {
  return specs.flatMap((spec) => {
    const where = `hooks: ${spec.name}`;
    const [program = '', ...args] = typeof spec.command === 'string' ? [spec.command] : spec.command;
    // In its turn it would ask for this event, and so without end.
    const isClient = startsClient(program, typeof spec.command === 'string' ? undefined : args);
    const what = 'its command begins with the client';
    return [
      ...ofMatcher(spec, where),
      ...(isClient ? [{ where, what, remedy: 'give the hook itself, as it was before it was wrapped' }] : []),
    ];
  });
}

function ofMatcher(spec: Pick<ValidatorSpec, 'agents' | 'matcher'>, where: string): ConfigProblem[] {
  const matcher = compileMatcher(spec.matcher, agentsOf(spec));
  return matcher.ok ? [] : [{ where, what: matcher.what, remedy: matcher.remedy }];
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
