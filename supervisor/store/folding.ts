/** Records of events on their way to the queue. A program can ask about tens of thousands of events in a second: each for itself
 *  they would fill the queue, and cost as much as the question. The first of each second are kept as they are, what comes beyond
 *  is one record for all that are equal, with their number. Denies have a share of their own: others do not fold them. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { EndedEvent } from '../contract/records.js';

const SECOND_MS = 1_000;

/** Equal ones, so far. */
interface Folded {
  first: EndedEvent;
  longestMs: number;
  times: number;
}

export class Folding {
  private readonly folded = new Map<string, Folded>();
  private endsAtMs = Number.NEGATIVE_INFINITY;
  private denies = 0;
  private others = 0;
  private undoTimer: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly write: (event: EndedEvent, isKept: boolean) => void,
  ) {}

  add(event: EndedEvent): void {
    const nowMs = this.clock.nowMs();
    if (nowMs >= this.endsAtMs) {
      this.endsAtMs = nowMs + SECOND_MS;
      this.denies = this.others = 0;
    }
    const number = isDeny(event) ? ++this.denies : ++this.others;
    if (number <= LIMITS.eventRecordsPerSecondMax) this.write(event, isDeny(event));
    else this.fold(event, nowMs);
  }

  /** What is folded goes on its way. */
  flush(): void {
    this.undoTimer?.();
    this.undoTimer = undefined;
    for (const { first, longestMs, times } of this.folded.values()) {
      this.write({ ...first, totalMs: longestMs, event: { ...first.event, times } }, isDeny(first));
    }
    this.folded.clear();
  }

  private fold(event: EndedEvent, nowMs: number): void {
    this.undoTimer ??= this.clock.after(this.endsAtMs - nowMs, () => this.flush());
    const key = keyOf(event);
    if (this.join(key, event)) return;
    if (this.folded.size < LIMITS.eventRecordsFoldedMax) {
      this.folded.set(key, { first: event, longestMs: event.totalMs, times: event.event.times });
      return;
    }
    // Who makes up names of tools is not to fill the memory.
    const rest = { ...event, handler: 'event', event: { ...event.event, validators: [] } };
    const restKey = keyOf(rest);
    if (!this.join(restKey, rest))
      this.folded.set(restKey, { first: rest, longestMs: event.totalMs, times: event.event.times });
  }

  private join(key: string, { totalMs, event }: EndedEvent): boolean {
    const before = this.folded.get(key);
    if (before === undefined) return false;
    before.longestMs = Math.max(before.longestMs, totalMs);
    before.times += event.times;
    return true;
  }
}

/** Made for each event beyond the first: JSON takes five times as long. */
function keyOf({ handler, outcome, detail, event }: EndedEvent): string {
  let key = `${handler}\0${outcome}\0${detail}\0${event.decision}`;
  for (const { name, said } of event.validators) key += `\0${name} ${said}`;
  return key;
}

function isDeny({ event }: EndedEvent): boolean {
  return event.decision === 'deny';
}
