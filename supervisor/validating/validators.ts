/** The validators of one configuration: made once, asked about events, let go when another configuration takes its place. */
import { compileMatcher } from '../agents/events/matcher.js';
import type { Config, ConfigProblem } from '../contract/config.js';
import { type AgentEvent, EVENT_AGENTS, type ValidatorSpec } from '../contract/validating.js';
import { type Graph, type GraphProblem, orderOf } from '../scheduler/graph.js';
import { Crew, type CrewEvents, type CrewRooms } from './crew.js';
import { entryOf } from './program.js';
import { Validator } from './validator.js';

export interface ValidatorsRooms extends CrewRooms {
  wallMs(): number;
  packageFolder: string;
  events: CrewEvents;
}

export class Validators {
  private readonly graph: Graph;

  private constructor(
    readonly all: readonly Validator[],
    graph: Graph,
  ) {
    this.graph = graph;
  }

  /** @param before whose workers go on where nothing of their validator has changed. */
  static of(config: Pick<Config, 'validators'>, rooms: ValidatorsRooms, before?: Validators): Validators {
    const order = orderOf(config.validators);
    if (!order.ok) throw new Error('a graph of validators that was not checked');
    const all = config.validators.map((spec, index) => {
      const known = before?.all.find((one) => one.order === index && isSame(one.spec, spec));
      return known ?? made(spec, index, rooms);
    });
    for (const one of before?.all ?? []) if (!all.includes(one)) one.crew.retire();
    return new Validators(all, order.graph);
  }

  /** In declared order. */
  on(event: AgentEvent): { asked: Validator[]; graph: Graph } {
    return { asked: this.all.filter((validator) => validator.concerns(event)), graph: this.graph };
  }

  /** Their workers end once they have answered, and others are started where they are wanted. */
  renew(): void {
    for (const { crew } of this.all) crew.renew();
  }

  retire(): void {
    for (const { crew } of this.all) crew.retire();
  }

  kill(): void {
    for (const { crew } of this.all) crew.kill();
  }

  get isEmpty(): boolean {
    return this.all.every(({ crew }) => crew.isEmpty);
  }
}

function made(spec: ValidatorSpec, order: number, rooms: ValidatorsRooms): Validator {
  const matcher = compileMatcher(spec.matcher, agentsOf(spec));
  if (!matcher.ok) throw new Error('a matcher that was not checked');
  const file = entryOf(spec, rooms.packageFolder);
  return new Validator(spec, order, new Crew(spec, rooms, rooms.events), file, rooms.wallMs, matcher.matches);
}

function isSame(one: ValidatorSpec, other: ValidatorSpec): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function agentsOf({ agents }: ValidatorSpec) {
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
  return order.ok ? ofMatchers : [...ofMatchers, ...order.problems.map((one) => graphProblem(one, where))];
}

function graphProblem(problem: GraphProblem, where: (name: string) => string): ConfigProblem {
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
      return { where: where(problem.name), what: 'there are two of that name', remedy: 'give each its own name' };
  }
}
