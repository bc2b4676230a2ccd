/** Questions to validators -> outcomes: gathered into batches, put in order, given to workers as they have room, and each with
 *  an end: an answer, a failure, or its deadline. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { AgentEvent, Priority, ValidatorOutcome } from '../contract/validating.js';
import { Batcher } from '../scheduler/batcher.js';
import type { ReadyTask } from '../scheduler/ready-queue.js';
import { TaskScheduler } from '../scheduler/task-scheduler.js';
import type { Crew } from './crew.js';
import { type Failure, failed, Round } from './round.js';
import { TASKS_AT_ONCE } from './worker.js';

export interface Asking {
  event: AgentEvent;
  /** @param isAlone false: for several events, of several folders and sessions. */
  context(isAlone: boolean): Readonly<Record<string, unknown>>;
  /** The same for those that may be kept together in a batch. */
  affinityKey: string;
  sessionId: string;
  priority: Priority;
  deadlineAtMs: number;
}

/** One question, while nothing is known of its answer. */
interface Item extends Asking {
  id: string;
  settle(outcome: ValidatorOutcome): void;
}

/** What is given to a worker at once. */
interface Task extends ReadyTask {
  items: readonly Item[];
  crew: Crew;
  attempts: number;
}

export interface AskerRooms {
  clock: Clock;
  /** Tasks at workers at a time, of all validators together. */
  tasksAtOnce: number;
}

export class Asker {
  private readonly scheduler: TaskScheduler<Task>;
  private readonly batchers = new Map<Crew, Batcher<Item>>();
  /** Tasks that wait for a worker. */
  private readonly waiting = new Map<Crew, Set<Task>>();
  private readonly running = new Map<number, Round<Task>>();
  private lastId = 0;
  private undoLook = () => {};
  private lookAtMs = Number.POSITIVE_INFINITY;
  private isPumping = false;

  constructor(private readonly rooms: AskerRooms) {
    this.scheduler = new TaskScheduler({
      tasksMax: LIMITS.tasksWaitingMax,
      risesEveryMs: LIMITS.taskRisesEveryMs,
      totalMax: rooms.tasksAtOnce,
      keptForCritical: 1,
      passedOverMax: LIMITS.overduePassedOverMax,
      passedOverByCriticalMax: LIMITS.overduePassedOverByCriticalMax,
    });
  }

  /** Tasks that wait or run. */
  get size(): number {
    return this.scheduler.size + this.running.size;
  }

  /** Settles once, at its deadline at the latest; never rejects. */
  ask(crew: Crew, asking: Asking, signal?: AbortSignal): Promise<ValidatorOutcome> {
    return new Promise((resolve) => {
      const id = String(++this.lastId);
      const onAbort = () => {
        this.giveUp(crew, id);
        resolve({ kind: 'skipped', because: 'nobody waits for it any more' });
      };
      const settle = (outcome: ValidatorOutcome) => {
        signal?.removeEventListener('abort', onAbort);
        resolve(outcome);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const item: Item = { ...asking, id, settle };
      const batcher = this.batcherOf(crew);
      if (batcher === undefined) this.submit(crew, [item]);
      else if (!batcher.add(item, this.rooms.clock.nowMs())) settle(refused('too many events wait for a batch'));
      this.pump();
    });
  }

  /** A worker has room, or is gone. */
  changed(crew: Crew): void {
    this.scheduler.allow(crew.spec.name, crew.readyCount * TASKS_AT_ONCE[crew.spec.runtime]);
    const held = crew.heldBecause;
    if (held !== undefined) this.refuseWaiting(crew, refused(held.message, held.retryAfterMs));
    this.pump();
  }

  private batcherOf(crew: Crew): Batcher<Item> | undefined {
    const { batch, workersMax, runtime } = crew.spec;
    if (batch === null || !crew.takesBatches) return undefined;
    let batcher = this.batchers.get(crew);
    if (batcher === undefined) {
      batcher = new Batcher({ ...batch, workers: workersMax * TASKS_AT_ONCE[runtime], targetMs: LIMITS.batchTargetMs });
      this.batchers.set(crew, batcher);
    }
    return batcher;
  }

  private submit(crew: Crew, items: readonly Item[], attempts = 0): void {
    const [first] = items;
    const held = crew.heldBecause;
    if (first === undefined) return;
    if (held !== undefined) {
      settleAll(items, refused(held.message, held.retryAfterMs));
      return;
    }
    const task: Task = {
      ...{ id: String(++this.lastId), validator: crew.spec.name, sessionId: first.sessionId, items, crew, attempts },
      enqueuedAtMs: this.rooms.clock.nowMs(),
      priority: mostUrgent(items),
      deadlineAtMs: Math.min(...items.map(({ deadlineAtMs }) => deadlineAtMs)),
    };
    const pushed = this.scheduler.submit(task, this.rooms.clock.nowMs());
    if (pushed.kind === 'expired') this.expired(task);
    else if (pushed.kind === 'full') settleAll(items, refused('too many tasks wait', pushed.retryAfterMs));
    else {
      this.waits(task);
      if (pushed.kind === 'tookPlaceOf') {
        this.waitsNoMore(pushed.task);
        if (pushed.wasExpired) this.expired(pushed.task);
        else settleAll(pushed.task.items, refused('it had to make room for more urgent tasks', pushed.retryAfterMs));
      }
    }
  }

  /** Whatever can go on does. */
  private pump(): void {
    if (this.isPumping) return; // whoever is settled may ask the next question
    this.isPumping = true;
    const nowMs = this.rooms.clock.nowMs();
    for (const [crew, batcher] of this.batchers) for (const items of batcher.due(nowMs)) this.submit(crew, items);
    for (const task of this.scheduler.expire(nowMs)) {
      this.waitsNoMore(task);
      this.expired(task);
    }
    for (;;) {
      const { task, expired } = this.scheduler.next(nowMs);
      for (const one of expired) {
        this.waitsNoMore(one);
        this.expired(one);
      }
      if (task === undefined) break;
      this.waitsNoMore(task);
      this.begin(task);
    }
    for (const [crew, tasks] of this.waiting) crew.want(tasks.size);
    this.isPumping = false;
    this.lookLater();
  }

  private begin(task: Task): void {
    const id = ++this.lastId;
    const { clock } = this.rooms;
    const [first] = task.items;
    const over = (outcomes: readonly ValidatorOutcome[]) => {
      this.running.delete(id);
      this.scheduler.ended(task);
      this.batchers.get(task.crew)?.ended(task.items.length, clock.nowMs() - round.begunAtMs, clock.nowMs());
      for (const [index, item] of task.items.entries()) item.settle(outcomes[index] ?? refused('no answer'));
      this.pump();
    };
    const round = new Round(task, clock, {
      answered: over,
      failed: (failure: Failure) => {
        if (failure.isLost && task.crew.spec.idempotent && task.attempts === 0) {
          this.running.delete(id);
          this.scheduler.ended(task);
          this.submit(task.crew, task.items, 1);
          this.pump();
        } else over(task.items.map(() => failed(failure)));
      },
      late: () => task.crew.forget(id),
    });
    this.running.set(id, round);
    const question = {
      events: task.items.map(({ event }) => event),
      context: first?.context(task.items.length === 1) ?? {},
    };
    const isGiven = task.crew.give({
      id,
      question,
      answered: (answers) => round.answered(answers),
      failed: (cause, message) => round.failed({ cause, message, isLost: cause === 'crashed' || cause === 'limitHit' }),
    });
    if (!isGiven) round.failed({ cause: 'crashed', message: 'its worker takes nothing any more', isLost: true });
  }

  /** Nobody waits for this item. Of a batch that runs the others go on; so does a worker that does one thing at a time, to its
   *  answer or the deadline. */
  private giveUp(crew: Crew, itemId: string): void {
    this.batchers.get(crew)?.remove(itemId);
    if (TASKS_AT_ONCE[crew.spec.runtime] === 1) return;
    for (const [id, round] of this.running) {
      const { items } = round.task;
      if (items.length !== 1 || items[0]?.id !== itemId) continue;
      crew.forget(id);
      round.failed({ cause: 'refused', message: 'nobody waits for it any more', isLost: false });
      return;
    }
  }

  private refuseWaiting(crew: Crew, outcome: ValidatorOutcome): void {
    for (const task of [...(this.waiting.get(crew) ?? [])]) {
      this.scheduler.remove(task.id);
      this.waitsNoMore(task);
      settleAll(task.items, outcome);
    }
  }

  private expired(task: Task): void {
    const message = 'its time was over before a worker came free';
    settleAll(task.items, { kind: 'failed', cause: 'refused', message });
  }

  private waits(task: Task): void {
    const tasks = this.waiting.get(task.crew) ?? new Set();
    this.waiting.set(task.crew, tasks.add(task));
  }

  private waitsNoMore(task: Task): void {
    const tasks = this.waiting.get(task.crew);
    if (tasks?.delete(task) && tasks.size === 0) this.waiting.delete(task.crew);
  }

  /** The next moment at which something is due without anything happening before. */
  private lookLater(): void {
    const looks = [...this.batchers.values()].map((batcher) => batcher.nextLookAtMs);
    const atMs = Math.min(this.scheduler.nextDeadlineAtMs, ...looks);
    if (atMs === this.lookAtMs) return;
    this.undoLook();
    this.undoLook = () => {};
    this.lookAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.undoLook = this.rooms.clock.after(Math.max(0, atMs - this.rooms.clock.nowMs()), () => {
      this.lookAtMs = Number.POSITIVE_INFINITY;
      this.pump();
    });
  }
}

function mostUrgent(items: readonly Item[]): Priority {
  return items.some(({ priority }) => priority === 'critical') ? 'critical' : (items[0]?.priority ?? 'normal');
}

function settleAll(items: readonly Item[], outcome: ValidatorOutcome): void {
  for (const item of items) item.settle(outcome);
}

function refused(message: string, retryAfterMs?: number): ValidatorOutcome {
  return { kind: 'failed', cause: 'refused', message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
