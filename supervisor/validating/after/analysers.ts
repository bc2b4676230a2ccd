/** Validators that are asked after the answer. Each event is written down before its answer is told and asked about afterwards, in the order
 *  of its session; again where that failed or the daemon died, and given up after a few times. */
import type { Clock } from '../../contract/clock.js';
import type { Tell } from '../../contract/happening.js';
import type { LaterStatus, LaterTask, TaskShelf } from '../../contract/later.js';
import { LIMITS } from '../../contract/limits.js';
import type { EndedEvent } from '../../contract/records.js';
import type { AgentEvent, EventContext, ValidatorOutcome } from '../../contract/validating.js';
import { contextOf, NOTHING_KNOWN } from '../context.js';
import type { DecidingRooms } from '../deciding.js';
import { recordOfLater } from '../event-record.js';
import type { Validator } from '../validator.js';
import { Lanes } from './lanes.js';
import { leftEventIn } from './left-event.js';
import { LaterRoom } from './room.js';
import { Told } from './told.js';
import type { LaterWords } from './words.js';

export interface AnalysersRooms extends Pick<DecidingRooms, 'asker' | 'breakers' | 'answered'> {
  clock: Clock;
  /** Since 1970. */
  wallMs(): number;
  /** A name that no other daemon has. */
  daemon: string;
  shelf: TaskShelf;
  words: Pick<LaterWords, 'add'>;
  /** Undefined: none of this name is asked afterwards. */
  validator(name: string): Validator | undefined;
  record(record: EndedEvent): void;
  tell: Tell;
}

interface Later {
  task: LaterTask;
  bytes: number;
  event: AgentEvent;
  known: EventContext;
  isDurable: boolean;
}

/** An event that was written down, and is asked about once its answer is out. */
export interface Accepted {
  /** Settled once it is on the disk, or it is known that it will not be. */
  written: Promise<void>;
  begin(): void;
}

type Counts = Omit<LaterStatus, 'pending'>;

export class Analysers {
  private readonly lanes = new Lanes<Later>(LIMITS.laterAtOnceMax);
  private readonly waiting = new Map<string, Later>();
  private readonly counts = new Map<string, Counts>();
  private readonly told: Told;
  private readonly room = new LaterRoom({ tasks: LIMITS.laterTasksMax, bytes: LIMITS.laterBytesMax });
  private lastId = 0;
  private isStopped = false;

  constructor(private readonly rooms: AnalysersRooms) {
    this.told = new Told(rooms.tell, rooms.clock);
  }

  accept(event: AgentEvent, known: EventContext, validators: readonly Validator[]): Accepted {
    // Its name is not in what every agent sends.
    const text = JSON.stringify({ agent: event.agent, name: event.name, raw: event.raw });
    const taken = validators.flatMap(({ spec: { name } }) => this.take(name, text, event, known) ?? []);
    return {
      written: Promise.all(taken.map((later) => this.write(later))).then(() => {}),
      begin: () => {
        for (const later of taken) this.enqueue(later);
        if (taken.length > 0) this.rooms.clock.after(0, () => this.pump());
      },
    };
  }

  /** What earlier daemons have left. */
  async restore(): Promise<void> {
    const left = await this.rooms.shelf.load(this.rooms.daemon);
    if (left === undefined) {
      this.rooms.clock.after(LIMITS.recordsRetryMaxMs, () => {
        if (!this.isStopped) void this.restore();
      });
      return;
    }
    const { tasks, dropped } = left;
    if (dropped > 0) this.told.dropped('of an earlier daemon', 'they ended daemons, or were too old', dropped);
    for (const task of tasks) {
      const event = leftEventIn(task.text);
      if (event === undefined) {
        this.rooms.shelf.remove(task.id);
        this.drop(task.validator, 'it cannot be read any more');
        continue;
      }
      const later = { task, bytes: Buffer.byteLength(task.text), event, known: NOTHING_KNOWN, isDurable: true };
      this.hold(later);
      this.enqueue(later);
    }
    this.pump();
  }

  /** What waits is left for the next daemon. */
  stop(): void {
    this.isStopped = true;
  }

  status(name: string): LaterStatus {
    return { pending: this.room.tasksOf(name), ...this.of(name) };
  }

  private take(validator: string, text: string, event: AgentEvent, known: EventContext): Later | undefined {
    const bytes = Buffer.byteLength(text);
    if (!this.room.hasFor(validator, bytes)) {
      this.drop(validator, 'too many events wait');
      return undefined;
    }
    const { daemon } = this.rooms;
    const id = `${daemon}-${++this.lastId}`;
    const task = { id, daemon, validator, text, addedAtMs: this.rooms.wallMs(), tries: 0 };
    const later = { task, bytes, event, known, isDurable: false };
    this.hold(later);
    return later;
  }

  private hold(later: Later): void {
    this.waiting.set(later.task.id, later);
    this.room.add(later.task.validator, later.bytes);
  }

  private async write(later: Later): Promise<void> {
    const { id, validator } = later.task;
    later.isDurable = await this.rooms.shelf.add(later.task);
    if (later.isDurable) {
      if (!this.waiting.has(id)) this.rooms.shelf.remove(id); // a slow disk: it is over already
      return;
    }
    this.of(validator).undurable++;
    this.told.undurable(validator);
  }

  /** One session's events in their order: what a validator makes of them may depend on it. */
  private enqueue(later: Later): void {
    const { agent, sessionId } = later.event;
    this.lanes.add(`${later.task.validator} ${agent} ${sessionId}`, later);
  }

  private pump(): void {
    while (!this.isStopped) {
      const next = this.lanes.next();
      if (next === undefined) return;
      void this.ask(next.lane, next.task);
    }
  }

  private async ask(lane: string, later: Later): Promise<void> {
    const { task, event } = later;
    const validator = this.rooms.validator(task.validator);
    if (validator === undefined) {
      this.end(lane, later, undefined, 'it is not configured any more');
      return;
    }
    const outcome = await this.outcomeOf(validator, later);
    if (this.isStopped) return; // its workers were ended with it; the next daemon asks
    if (outcome.kind === 'answered') {
      this.rooms.words.add(event, outcome.verdict.context ?? '');
      this.end(lane, later, outcome);
      return;
    }
    if (outcome.kind === 'failed' && outcome.cause === 'refused') {
      this.askLater(lane, later, outcome);
      return;
    }
    task.tries++;
    if (task.tries >= LIMITS.laterTriesMax) {
      this.end(lane, later, outcome, `it failed ${task.tries} times`);
      return;
    }
    this.rooms.shelf.tried(task.id, task.tries);
    this.again(lane, LIMITS.laterRetryMs * task.tries);
  }

  /** Nobody has looked at it, so that is no try; its age bounds how often. */
  private askLater(lane: string, later: Later, refused: { message: string; retryAfterMs?: number }): void {
    const ageMs = this.rooms.wallMs() - later.task.addedAtMs;
    if (ageMs >= LIMITS.laterAgeMaxMs) this.end(lane, later, undefined, `it is too old: ${refused.message}`);
    else this.again(lane, Math.max(refused.retryAfterMs ?? 0, LIMITS.laterRetryMs));
  }

  /** Meanwhile others are asked: a validator that fails must not hold up the rest. */
  private again(lane: string, delayMs: number): void {
    this.lanes.rest(lane);
    this.rooms.clock.after(delayMs, () => {
      this.lanes.wake(lane);
      this.pump();
    });
    this.pump();
  }

  private async outcomeOf(validator: Validator, { event, known }: Later): Promise<ValidatorOutcome> {
    const { clock, asker, breakers, answered } = this.rooms;
    const { spec, crew } = validator;
    const allowed = breakers.allow(spec.name, clock.nowMs());
    if (allowed !== 'yes') {
      const retryAfterMs = Math.max(0, allowed.refusedUntilMs - clock.nowMs());
      return { kind: 'failed', cause: 'refused', message: 'its breaker is open', retryAfterMs };
    }
    validator.codeIdentity(); // one that was changed is asked as it is now
    const deadlineAtMs = clock.nowMs() + spec.timeoutMs;
    const context = () => contextOf(spec, event, known, deadlineAtMs - clock.nowMs());
    const { cwd: affinityKey, sessionId } = event;
    const outcome = await asker.ask(crew, {
      event,
      context,
      affinityKey,
      sessionId,
      priority: spec.priority,
      deadlineAtMs,
    });
    breakers.told(spec.name, outcome, clock.nowMs());
    answered(validator, outcome, 'worker');
    return outcome;
  }

  /** @param dropped why it is given up. */
  private end(lane: string, later: Later, outcome: ValidatorOutcome | undefined, dropped?: string): void {
    const { task, event, isDurable } = later;
    this.waiting.delete(task.id);
    this.room.remove(task.validator, later.bytes);
    if (isDurable) this.rooms.shelf.remove(task.id);
    if (dropped === undefined) this.of(task.validator).answered++;
    else this.drop(task.validator, dropped);
    const totalMs = Math.max(0, this.rooms.wallMs() - task.addedAtMs);
    this.rooms.record(recordOfLater(event, task.validator, outcome, { totalMs, detail: dropped ?? '' }));
    this.lanes.ended(lane);
    this.pump();
  }

  private drop(validator: string, why: string): void {
    this.of(validator).dropped++;
    this.told.dropped(validator, why, 1);
  }

  /** Of those that are configured, or were. */
  private of(name: string): Counts {
    const counts = this.counts.get(name) ?? { answered: 0, dropped: 0, undurable: 0 };
    this.counts.set(name, counts);
    return counts;
  }
}
