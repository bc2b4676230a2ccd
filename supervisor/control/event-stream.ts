/** One operator who reads happenings: a place in the journal, nothing more. What a slow reader has not taken stays in the
 *  journal, which is bounded; what has left it meanwhile is told as lost. One that takes nothing is cut off. */
import type { Clock } from '../contract/clock.js';
import type { ToldHappening } from '../contract/happening.js';
import { LIMITS } from '../contract/limits.js';
import type { ControlRequest, EventsReply } from './messages.js';

export interface HappeningSource {
  /** Those told after number `seq`, oldest first. */
  after(seq: number): ToldHappening[];
  /** @returns what ends it. */
  follow(follower: () => void): () => void;
}

export interface StreamEnds {
  /** @returns bytes that wait for the reader, or a negative errno. */
  send(events: EventsReply): number;
  /** It has taken nothing for too long. */
  cutOff(): void;
}

type EventsRequest = Extract<ControlRequest, { verb: 'events' }>;

export class EventStream {
  private lastSeq: number;
  private isFull = false;
  private isOver = false;
  private hasTold = false;
  private undoTimer = () => {};
  private unfollow = () => {};

  constructor(
    private readonly request: EventsRequest,
    private readonly source: HappeningSource,
    private readonly clock: Clock,
    private readonly ends: StreamEnds,
  ) {
    // What had left the journal before anybody asked is not lost to this reader.
    this.lastSeq = (source.after(0)[0]?.seq ?? 1) - 1;
  }

  start(): void {
    if (this.request.follow) this.unfollow = this.source.follow(() => this.pump());
    this.pump();
  }

  /** The reader has taken all that waited for it. */
  drained(): void {
    this.undoTimer();
    this.isFull = false;
    this.pump();
  }

  stop(): void {
    this.isOver = true;
    this.undoTimer();
    this.unfollow();
  }

  private pump(): void {
    while (!this.isFull && !this.isOver) {
      const batch = this.source.after(this.lastSeq).slice(0, LIMITS.happeningsPerReplyMax);
      const [first] = batch;
      const last = batch.at(-1);
      if (first === undefined || last === undefined) {
        // At least one reply: the operator is to know that it is heard.
        if (!this.request.follow || !this.hasTold) {
          this.tell({ happenings: [], lost: 0, more: this.request.follow });
        }
        return;
      }
      const lost = first.seq - this.lastSeq - 1;
      this.lastSeq = last.seq;
      const happenings = batch.filter((one) => this.isWanted(one));
      if (happenings.length > 0 || lost > 0) this.tell({ happenings, lost, more: true });
    }
  }

  private isWanted({ atMs, pool }: ToldHappening): boolean {
    return atMs >= this.request.sinceMs && (this.request.pool === undefined || this.request.pool === pool);
  }

  private tell(events: EventsReply): void {
    this.hasTold = true;
    const waitingBytes = this.ends.send(events);
    if (!events.more) this.stop();
    else if (waitingBytes > 0) {
      this.isFull = true;
      this.undoTimer = this.clock.after(LIMITS.operatorTakeTimeoutMs, () => {
        this.stop();
        this.ends.cutOff();
      });
    }
  }
}
