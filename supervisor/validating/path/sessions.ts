/** What is remembered of each session: how many events there were, and the last decisions. Those that were not heard of longest go. */
import { LIMITS } from '../../contract/limits.js';
import type { AgentEvent, Decision, SessionFacts } from '../../contract/validating.js';
import { NOTHING_KNOWN } from '../context.js';

type Of = Pick<AgentEvent, 'agent' | 'sessionId'>;

export class Sessions {
  private readonly known = new Map<string, SessionFacts>();

  of(event: Of): SessionFacts {
    return this.known.get(keyOf(event)) ?? NOTHING_KNOWN.session;
  }

  ended(event: Of & Pick<AgentEvent, 'name' | 'toolName'>, decision: Decision | undefined): void {
    if (event.sessionId === '') return;
    const { events, decisions } = this.of(event);
    const { name, toolName: tool } = event;
    const key = keyOf(event);
    this.known.delete(key);
    this.known.set(key, {
      events: events + 1,
      decisions:
        decision === undefined
          ? decisions
          : [...decisions, { event: name, tool, decision }].slice(-LIMITS.sessionDecisionsMax),
    });
    const oldest = this.known.keys().next().value;
    if (this.known.size > LIMITS.sessionsKnownMax && oldest !== undefined) this.known.delete(oldest);
  }
}

function keyOf({ agent, sessionId }: Of): string {
  return `${agent} ${sessionId}`;
}
