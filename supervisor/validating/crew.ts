/** The resident workers of one validator: started when they are wanted, given tasks, ended when they hang, replaced with backoff
 *  when they die, held back when they die too often. */
import type { Clock } from '../contract/clock.js';
import type { ValidatorSpec } from '../contract/validating.js';
import { afterInput, NOT_HELD, type Quarantine } from '../pool/quarantine.js';
import { afterDeath, afterReady, afterTask, FRESH, type RestartState } from '../pool/restart.js';
import { DeathTally } from '../pool/tally.js';
import { Member, type Task } from './member.js';
import type { StartWorker, WorkerEnd } from './worker.js';

export interface CrewRooms {
  clock: Clock;
  random(): number;
  startWorker: StartWorker;
}

export interface CrewEvents {
  /** A worker has room, or it is known that none will have for a while. */
  changed(crew: Crew): void;
  /** A worker died, or did not come up. */
  died(crew: Crew, end: WorkerEnd, restartInMs: number): void;
  held(crew: Crew, cause: string, holdMs: number): void;
}

export class Crew {
  private readonly members = new Set<Member>();
  private restart: RestartState = FRESH;
  private quarantine: Quarantine = NOT_HELD;
  private readonly tally = new DeathTally();
  private undoStart: (() => void) | undefined;
  private startDueAtMs: number | undefined;
  private lastEnd: WorkerEnd | undefined;
  private isRetired = false;
  private answeredCount = 0;

  constructor(
    readonly spec: ValidatorSpec,
    private readonly rooms: CrewRooms,
    private readonly events: CrewEvents,
  ) {}

  /** As the first worker has told; unknown before. */
  takesBatches = false;

  /** Workers that take tasks. */
  get readyCount(): number {
    return [...this.members].filter(({ isReady }) => isReady).length;
  }

  get hasRoom(): boolean {
    return this.roomiest() !== undefined;
  }

  /** Why no task can be taken, and for how long; undefined where it is only a matter of a moment. */
  get heldBecause(): { message: string; retryAfterMs: number } | undefined {
    if (this.quarantine.phase !== 'open') return undefined;
    const why = this.lastEnd?.message ?? 'it died too often';
    return {
      message: `held back: ${why}`,
      retryAfterMs: Math.max(0, this.quarantine.untilMs - this.rooms.clock.nowMs()),
    };
  }

  /** So many tasks wait: workers are started for them, one at a time. */
  want(waiting: number): void {
    if (this.isRetired || waiting === 0 || this.undoStart !== undefined) return;
    const living = [...this.members].filter(({ isLeaving }) => !isLeaving);
    if (living.length >= this.spec.workersMax || living.some(({ isStarting }) => isStarting)) return;
    if (living.length > 0 && this.hasRoom) return;
    this.startAfter(Math.max(0, (this.startDueAtMs ?? 0) - this.rooms.clock.nowMs()));
  }

  /** False: there is no room after all. */
  give(task: Task): boolean {
    return this.roomiest()?.give(task) === true;
  }

  /** Nobody waits for its answer any more. */
  forget(taskId: number): void {
    for (const member of this.members) if (member.forget(taskId)) return;
  }

  /** Its workers end when they have answered; those that come to be wanted later are new ones, of the code as it is then. */
  renew(): void {
    for (const member of this.members) member.retire();
  }

  /** Takes no more tasks. */
  retire(): void {
    this.isRetired = true;
    this.undoStart?.();
    this.undoStart = undefined;
    this.renew();
  }

  kill(): void {
    this.retire();
    for (const member of this.members) member.kill();
  }

  get isEmpty(): boolean {
    return this.members.size === 0;
  }

  status() {
    return {
      workers: [...this.members].map((member) => member.status()),
      answered: this.answeredCount,
      restarts: this.restart.restarts,
      deaths: this.tally.counts(),
      held: this.heldBecause,
    };
  }

  private roomiest(): Member | undefined {
    let best: Member | undefined;
    for (const member of this.members) if (member.room > (best?.room ?? 0)) best = member;
    return best;
  }

  private startAfter(delayMs: number): void {
    if (delayMs === 0) {
      this.start();
      return;
    }
    this.undoStart = this.rooms.clock.after(delayMs, () => {
      this.undoStart = undefined;
      this.start();
      this.events.changed(this);
    });
  }

  private start(): void {
    if (this.quarantine.phase === 'open')
      this.quarantine = afterInput(this.quarantine, 'due', this.rooms.clock.nowMs());
    const member: Member = new Member(this.spec, this.rooms, {
      ready: (takesBatches) => {
        this.takesBatches = takesBatches;
        const nowMs = this.rooms.clock.nowMs();
        this.restart = afterReady(this.restart, nowMs);
        this.quarantine = afterInput(this.quarantine, 'parked', nowMs);
        this.events.changed(this);
      },
      answered: () => {
        this.answeredCount++;
        this.restart = afterTask(this.restart);
        this.events.changed(this);
      },
      gone: (end, isWanted) => this.gone(member, end, isWanted),
    });
    this.members.add(member);
    member.start();
  }

  private gone(member: Member, end: WorkerEnd, isWanted: boolean): void {
    this.members.delete(member);
    if (isWanted || this.isRetired) {
      this.events.changed(this);
      return;
    }
    const { clock, random } = this.rooms;
    const nowMs = clock.nowMs();
    this.lastEnd = end;
    const after = afterDeath(this.restart, nowMs, random());
    this.restart = after.state;
    const isTooMany = this.tally.add(end.cause, nowMs);
    this.quarantine = afterInput(this.quarantine, isTooMany ? 'tooMany' : 'died', nowMs);
    const isHeld = this.quarantine.phase === 'open';
    const delayMs = isHeld ? this.quarantine.untilMs - nowMs : after.delayMs;
    this.startDueAtMs = nowMs + delayMs;
    if (isHeld) this.events.held(this, end.cause, delayMs);
    else this.events.died(this, end, delayMs);
    this.events.changed(this);
  }
}
