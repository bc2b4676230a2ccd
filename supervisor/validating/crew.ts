/** The resident workers of one validator: started when they are wanted, given tasks, ended when they hang, replaced with backoff
 *  when they die, held back when they die too often. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { ValidatorSpec } from '../contract/validating.js';
import { afterInput, NOT_HELD, type Quarantine } from '../pool/quarantine.js';
import { afterDeath, afterReady, afterTask, FRESH, isHealthy, type RestartState } from '../pool/restart.js';
import { DeathTally } from '../pool/tally.js';
import { type Given, Member, type Task } from './member.js';
import { type StartWorker, TASKS_AT_ONCE, type WorkerEnd } from './worker.js';

export interface CrewRooms {
  clock: Clock;
  random(): number;
  startWorker: StartWorker;
}

export interface CrewEvents {
  /** A worker has room, or none, or it is known that none will have for a while. */
  changed(crew: Crew): void;
  /** A worker died, or did not come up. */
  died(crew: Crew, end: WorkerEnd, restartInMs: number): void;
  /** After that end no worker of it is started for a while. */
  held(crew: Crew, end: WorkerEnd, holdMs: number): void;
}

let crews = 0;

export class Crew {
  /** Two of one validator, an old one and its successor, are two. */
  readonly key: string;
  private readonly members = new Set<Member>();
  private restart: RestartState = FRESH;
  private quarantine: Quarantine = NOT_HELD;
  private readonly tally = new DeathTally();
  private undoStart: (() => void) | undefined;
  private startDueAtMs = 0;
  private lastEnd: WorkerEnd | undefined;
  /** The last one was gone before it was ready: so may the next be. */
  private doesNotStart = false;
  private waiting = 0;
  private undoRest: (() => void) | undefined;
  private lastGivenAtMs = 0;
  private answeredCount = 0;
  isRetired = false;

  constructor(
    public spec: ValidatorSpec,
    private readonly rooms: CrewRooms,
    private readonly events: CrewEvents,
  ) {
    this.key = `${spec.name} ${++crews}`;
  }

  /** As the last worker has told; unknown before. */
  takesBatches = false;

  /** Tasks that its workers take at a time. */
  get tasksAtOnce(): number {
    const ready = [...this.members].filter(({ isReady }) => isReady);
    return ready.length * TASKS_AT_ONCE[this.spec.runtime];
  }

  /** Why no task can be taken, and for how long; undefined where it is only a matter of a moment. */
  get heldBecause(): { message: string; retryAfterMs: number } | undefined {
    const { phase, untilMs } = this.quarantine;
    const nowMs = this.rooms.clock.nowMs();
    const isHeld = phase === 'open' && nowMs < untilMs;
    const startsLater = this.doesNotStart && this.members.size === 0 && nowMs < this.startDueAtMs;
    if (!isHeld && !startsLater) return undefined;
    const why = this.lastEnd?.message ?? '';
    return {
      message: `${isHeld ? 'held back' : 'no worker of it starts'}: ${why}`,
      retryAfterMs: (isHeld ? untilMs : this.startDueAtMs) - nowMs,
    };
  }

  /** Of what its last worker has died; undefined while there are others. */
  get trouble(): string | undefined {
    return this.tasksAtOnce > 0 ? undefined : this.lastEnd?.message;
  }

  /** So many tasks wait: workers are started for them, one at a time. */
  want(waiting: number): void {
    this.waiting = waiting;
    if (waiting === 0) {
      if (this.isRetired) this.letGo();
      return;
    }
    if (this.undoStart !== undefined) return;
    const staying = [...this.members].filter(({ isLeaving }) => !isLeaving);
    if (staying.length >= this.spec.workersMax || staying.some(({ isStarting }) => isStarting)) return;
    if (this.roomiest() !== undefined) return;
    this.startAfter(Math.max(0, this.startDueAtMs - this.rooms.clock.nowMs()));
  }

  give(task: Task): Given {
    this.lastGivenAtMs = this.rooms.clock.nowMs();
    return this.roomiest()?.give(task) ?? 'noRoom';
  }

  /** Nobody waits for its answer any more. */
  forget(taskId: string, deadlineAtMs: number): void {
    for (const member of this.members) if (member.forget(taskId, deadlineAtMs)) return;
  }

  /** Of a task that a worker has: who else keeps that one from it. */
  heldUpBy(taskId: string): string | undefined {
    for (const member of this.members) {
      const name = member.heldUpBy(taskId);
      if (name !== undefined) return name;
    }
    return undefined;
  }

  /** Other bounds of the same validator. Workers beyond them end when they have answered. */
  adjust(spec: ValidatorSpec): void {
    this.spec = spec;
    const staying = [...this.members].filter(({ isLeaving }) => !isLeaving);
    for (const member of staying.slice(spec.workersMax)) member.retire();
  }

  /** Its workers end when they have answered; those that come to be wanted later are new ones. */
  renew(): void {
    for (const member of this.members) member.retire();
  }

  /** They are of other code: what was held against the old ones is not against those to come. */
  renewCode(): void {
    this.quarantine = NOT_HELD;
    this.restart = { ...FRESH, restarts: this.restart.restarts };
    this.tally.forgive();
    this.startDueAtMs = 0;
    this.lastEnd = undefined;
    this.doesNotStart = false;
    this.stopStarting();
    this.renew();
    this.events.changed(this);
  }

  /** Its validator is configured no longer, or otherwise. What waits, and what events that are on their way still ask, it serves. */
  retire(): void {
    this.isRetired = true;
    if (this.waiting === 0) this.letGo();
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

  /** An agent that is away does not need the memory of its workers kept. */
  private restLater(delayMs: number): void {
    this.undoRest ??= this.rooms.clock.after(delayMs, () => {
      this.undoRest = undefined;
      if (this.isEmpty) return;
      const leftMs = this.lastGivenAtMs + LIMITS.residentIdleMs - this.rooms.clock.nowMs();
      if (leftMs <= 0) this.renew();
      else this.restLater(leftMs);
    });
  }

  private letGo(): void {
    this.undoRest?.();
    this.undoRest = undefined;
    this.stopStarting();
    this.renew();
  }

  private stopStarting(): void {
    this.undoStart?.();
    this.undoStart = undefined;
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
    if (this.quarantine.phase === 'open') {
      this.quarantine = afterInput(this.quarantine, 'due', this.rooms.clock.nowMs());
      this.tally.forgive();
    }
    const member: Member = new Member(this.spec, this.rooms, {
      ready: (takesBatches) => this.ready(takesBatches),
      left: () => this.events.changed(this),
      answered: () => {
        this.answeredCount++;
        this.restart = afterTask(this.restart);
        this.events.changed(this);
      },
      gone: (end, isWanted, wasReady) => {
        this.members.delete(member);
        if (end.isAnothers === true) this.lastEnd = end;
        else if (!isWanted) this.died(end, wasReady);
        this.events.changed(this);
      },
    });
    this.members.add(member);
    member.start();
  }

  private ready(takesBatches: boolean): void {
    const nowMs = this.rooms.clock.nowMs();
    this.restLater(LIMITS.residentIdleMs);
    this.takesBatches = takesBatches;
    this.doesNotStart = false;
    this.restart = afterReady(this.restart, nowMs);
    this.quarantine = afterInput(this.quarantine, 'parked', nowMs);
    this.events.changed(this);
  }

  private died(end: WorkerEnd, wasReady: boolean): void {
    const nowMs = this.rooms.clock.nowMs();
    this.lastEnd = end;
    this.doesNotStart = !wasReady;
    if (isHealthy(this.restart, nowMs)) this.quarantine = afterInput(this.quarantine, 'healthy', nowMs);
    const after = afterDeath(this.restart, nowMs, this.rooms.random());
    this.restart = after.state;
    const isTooMany = this.tally.add(end.cause, nowMs) || end.isHopeless === true;
    this.quarantine = afterInput(this.quarantine, isTooMany ? 'tooMany' : 'died', nowMs);
    const isHeld = this.quarantine.phase === 'open';
    const delayMs = isHeld ? Math.max(0, this.quarantine.untilMs - nowMs) : after.delayMs;
    this.startDueAtMs = nowMs + delayMs;
    if (isHeld) this.events.held(this, end, delayMs);
    else this.events.died(this, end, delayMs);
  }
}
