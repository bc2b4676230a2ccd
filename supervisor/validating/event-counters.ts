/** What `status` tells about events since the daemon started. */
import type { EndedEvent } from '../contract/records.js';
import type { EventsStatus } from '../contract/validating.js';

export class EventCounters {
  private total = 0;
  private readonly byDecision: EventsStatus['byDecision'] = {};
  private readonly byOutcome: EventsStatus['byOutcome'] = {};

  add({ outcome, event: { decision } }: EndedEvent): void {
    this.total++;
    this.byOutcome[outcome] = (this.byOutcome[outcome] ?? 0) + 1;
    if (outcome !== 'answered') return;
    const word = decision ?? 'none';
    this.byDecision[word] = (this.byDecision[word] ?? 0) + 1;
  }

  snapshot(): Omit<EventsStatus, 'stages'> {
    return { total: this.total, byDecision: { ...this.byDecision }, byOutcome: { ...this.byOutcome } };
  }
}
