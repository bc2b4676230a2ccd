/** The hooks of one configuration that are run for events: which of them an event concerns, and what has become of them. */
import { compileMatcher } from '../agents/events/matcher.js';
import type { Outcome } from '../agents/events/verdicts.js';
import type { Config } from '../contract/config.js';
import type { EventHookSpec, EventHookStatus } from '../contract/event-hooks.js';
import type { AgentEvent } from '../contract/validating.js';
import { isMeant } from './meant.js';
import { agentsOf } from './problems.js';

export class EventHook {
  constructor(
    readonly spec: EventHookSpec,
    /** Among all that is declared: behind the validators. */
    readonly order: number,
    private readonly matches: (event: AgentEvent) => boolean,
    private readonly counts: Counts,
  ) {}

  concerns(event: AgentEvent): boolean {
    return isMeant(event, this.spec, this.matches);
  }

  began(): void {
    this.counts.asked++;
    this.counts.running++;
  }

  ended(outcome: Outcome): void {
    this.counts.running--;
    if (outcome.kind === 'failed') this.counts.failed++;
    else if (outcome.kind === 'answered' && outcome.verdict.decision === 'deny') this.counts.denied++;
  }

  status(): EventHookStatus {
    const { name, command, level = null } = this.spec;
    return { name, command: typeof command === 'string' ? command : command.join(' '), level, ...this.counts };
  }

  /** @param before the hook of that name goes on counting. */
  static allOf({ validators, hooks }: Pick<Config, 'validators' | 'hooks'>, before: readonly EventHook[]): EventHook[] {
    return hooks.map((spec, index) => {
      const matcher = compileMatcher(spec.matcher, agentsOf(spec));
      if (!matcher.ok) throw new Error('a matcher that was not checked');
      const known = before.find((one) => one.spec.name === spec.name);
      const counts = known?.counts ?? { running: 0, asked: 0, denied: 0, failed: 0 };
      return new EventHook(spec, validators.length + index, matcher.matches, counts);
    });
  }
}

type Counts = Pick<EventHookStatus, 'running' | 'asked' | 'denied' | 'failed'>;
