/** The validators of one configuration: made once, asked about events, let go when another configuration takes its place. */
import { compileMatcher } from '../agents/events/matcher.js';
import type { Config } from '../contract/config.js';
import type { AgentEvent, ValidatorSpec } from '../contract/validating.js';
import { type Graph, orderOf } from '../scheduler/graph.js';
import { Crew, type CrewEvents, type CrewRooms } from './crew.js';
import { agentsOf } from './problems.js';
import { entryOf } from './program.js';
import { Validator } from './validator.js';

export interface ValidatorsRooms extends CrewRooms {
  wallMs(): number;
  packageFolder: string;
  events: CrewEvents;
  /** A validator's code is another than it was: what was held against it is not against that. */
  codeChanged(name: string): void;
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
      const known = before?.all.find((one) => isSame(one.spec, spec));
      if (known === undefined) return made(spec, index, rooms);
      known.adjust(spec, index);
      return known;
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
}

function made(spec: ValidatorSpec, order: number, rooms: ValidatorsRooms): Validator {
  const matcher = compileMatcher(spec.matcher, agentsOf(spec));
  if (!matcher.ok) throw new Error('a matcher that was not checked');
  const file = entryOf(spec, rooms.packageFolder);
  const crew = new Crew(spec, rooms, rooms.events);
  return new Validator(spec, order, crew, file, rooms.wallMs, matcher.matches, rooms.codeChanged);
}

/** Its workers can go on: how many there may be, and what is gathered for them, they need not know. */
function isSame(one: ValidatorSpec, other: ValidatorSpec): boolean {
  return sameness(one) === sameness(other);
}

function sameness({ workersMax: _, batch, ...rest }: ValidatorSpec): string {
  return JSON.stringify({ ...rest, batch: batch?.strategy });
}
