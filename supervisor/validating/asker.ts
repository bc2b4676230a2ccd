/** Questions to validators -> outcomes: gathered into batches, put in order, given to workers as they have room, and each with
 *  an end: an answer, a failure, or its deadline. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { StopSignal } from '../contract/stop.js';
import { BUILTIN_PREFIX, type ValidatorOutcome } from '../contract/validating.js';
import { Batcher, type BatcherRules } from '../scheduler/batcher.js';
import { READY_QUEUE_RULES } from '../scheduler/ready-queue.js';
import { TaskScheduler } from '../scheduler/task-scheduler.js';
import { type Asking, type Item, NOT_WAITED_FOR, refused, settleLate, type Task, taskOf } from './asked.js';
import type { Crew } from './crew.js';
import { heldUpText } from './end-text.js';
import { type Failure, failed, Round } from './round.js';
import { Waiting } from './waiting.js';
import { TASKS_AT_ONCE } from './worker.js';

export interface AskerRooms {
  clock: Clock;
  /** Tasks at workers at a time, of all validators together. */
  tasksAtOnce: number;
}

/** Of a task for which there was no room where there should have been. */
const MISSES_MAX = 3;
/** Whoever takes others along is held back after a few deaths: a task that meets more has no luck. */
const DISPLACEMENTS_MAX = 3;

export class Asker {
  private readonly scheduler: TaskScheduler<Task>;
  private readonly batchers = new Map<Crew, Batcher<Item>>();
  private readonly waiting = new Waiting();
  private readonly running = new Set<Task>();
  /** Retired, and not yet empty. */
  private readonly leaving = new Set<Crew>();
  private lastId = 0;
  private undoLook = () => {};
  private lookAtMs = Number.POSITIVE_INFINITY;
  private isPumping = false;

  constructor(private readonly rooms: AskerRooms) {
    this.scheduler = new TaskScheduler({
      ...READY_QUEUE_RULES,
      totalMax: rooms.tasksAtOnce,
      keptForCritical: 1,
    });
  }

  /** Settles once, at its deadline at the latest; never rejects. */
  ask(crew: Crew, asking: Asking, signal?: StopSignal): Promise<ValidatorOutcome> {
    if (signal?.aborted === true) return Promise.resolve(NOT_WAITED_FOR);
    return new Promise((resolve) => {
      const onAbort = () => {
        resolve(NOT_WAITED_FOR);
        this.giveUp(crew, item);
      };
      const settle = (outcome: ValidatorOutcome) => {
        signal?.removeEventListener('abort', onAbort);
        resolve(outcome);
      };
      const item: Item = { ...asking, id: this.nextId(), isGivenUp: false, task: undefined, settle };
      signal?.addEventListener('abort', onAbort, { once: true });
      const batcher = this.batcherOf(crew);
      if (batcher === undefined) this.submit(crew, [item], false);
      else if (!batcher.add(item, this.rooms.clock.nowMs())) settle(refused('too many events wait for a batch'));
      this.pump();
    });
  }

  /** As the configuration has it now: so many tasks at workers of all validators together, and how each gathers its batches. */
  adjust(tasksAtOnce: number): void {
    this.scheduler.allowInAll(tasksAtOnce);
    for (const [crew, batcher] of this.batchers) {
      const rules = batcherRules(crew);
      if (rules !== undefined) batcher.adjust(rules);
    }
    this.pump();
  }

  /** What waits for a worker, and since when the first of it does. */
  get load(): { tasks: number; longestWaitMs: number } {
    return { tasks: this.scheduler.size, longestWaitMs: this.waiting.longestMs(this.rooms.clock.nowMs()) };
  }

  /** A worker has room, or none any more. */
  changed(crew: Crew): void {
    this.scheduler.allow(crew.key, crew.tasksAtOnce);
    const held = crew.heldBecause;
    if (held !== undefined) {
      for (const task of this.waiting.of(crew)) {
        if (task.round !== undefined) continue; // it is being given to a worker
        this.scheduler.remove(task.id);
        this.waiting.remove(task);
        this.settleAll(task, refused(held.message, held.retryAfterMs));
      }
    }
    if (crew.isRetired) this.leaving.add(crew);
    this.pump();
  }

  private nextId(): string {
    return String(++this.lastId);
  }

  private batcherOf(crew: Crew): Batcher<Item> | undefined {
    const rules = batcherRules(crew);
    if (rules === undefined || !crew.takesBatches) return undefined;
    let batcher = this.batchers.get(crew);
    if (batcher === undefined) {
      batcher = new Batcher(rules);
      this.batchers.set(crew, batcher);
    }
    return batcher;
  }

  private submit(crew: Crew, items: readonly Item[], isBatch: boolean): void {
    const [first, ...others] = items;
    if (first === undefined) return;
    const task = taskOf(this.nextId(), crew, [first, ...others], isBatch, this.rooms.clock.nowMs());
    const held = crew.heldBecause;
    if (held !== undefined) this.settleAll(task, refused(held.message, held.retryAfterMs));
    else this.enqueue(task);
  }

  private enqueue(task: Task): void {
    const pushed = this.scheduler.submit(task, this.rooms.clock.nowMs());
    if (pushed.kind === 'expired') this.expire([task]);
    else if (pushed.kind === 'full') {
      this.waiting.remove(task);
      this.settleAll(task, refused('too many tasks wait', pushed.retryAfterMs));
    } else {
      this.waiting.add(task);
      if (pushed.kind !== 'tookPlaceOf') return;
      if (pushed.wasExpired) this.expire([pushed.task]);
      else {
        this.waiting.remove(pushed.task);
        this.settleAll(pushed.task, refused('it had to make room for more urgent tasks', pushed.retryAfterMs));
      }
    }
  }

  /** Whatever can go on does. */
  private pump(): void {
    if (this.isPumping) return; // a worker that takes nothing is heard of in the midst of it
    this.isPumping = true;
    try {
      const nowMs = this.rooms.clock.nowMs();
      for (const [crew, batcher] of this.batchers)
        for (const items of batcher.due(nowMs)) this.submit(crew, items, true);
      this.expire(this.scheduler.expire(nowMs));
      for (;;) {
        const { task, expired } = this.scheduler.next(nowMs);
        this.expire(expired);
        if (task === undefined) break;
        this.begin(task);
      }
      this.waiting.tell();
      for (const crew of this.leaving) this.forgetEmpty(crew);
    } finally {
      this.isPumping = false;
      this.lookLater();
    }
  }

  private expire(tasks: readonly Task[]): void {
    for (const task of tasks) {
      const { trouble } = task.crew;
      const why = trouble === undefined ? '' : `: ${trouble}`;
      const outcome = refused(`its time was over before a worker came free${why}`);
      if (settleLate(task, this.rooms.clock.nowMs(), () => outcome) !== undefined) {
        task.items = task.items.filter(({ isGivenUp }) => !isGivenUp);
        this.enqueue(task);
      } else {
        this.waiting.remove(task);
        this.batchOver(task, false);
      }
    }
  }

  private begin(task: Task): void {
    const { crew, items } = task;
    const isAlone = items.length === 1;
    if (!isAlone && !crew.takesBatches) {
      this.split(task); // its workers are others than when they were put together
      return;
    }
    this.running.add(task);
    const round: Round = new Round(task.deadlineAtMs, this.rooms.clock, {
      answered: (outcomes) => this.over(task, outcomes),
      failed: (failure) => this.failed(task, failure),
      due: () => {
        const by = crew.heldUpBy(task.id);
        const outcome = (item: Item) => lateOutcome(item.deadlineAtMs - round.begunAtMs, by);
        return settleLate(task, this.rooms.clock.nowMs(), outcome);
      },
      late: () => crew.forget(task.id, 0),
    });
    task.round = round;
    try {
      const events = items.map(({ event }) => event);
      const given = crew.give({
        id: task.id,
        question: { events, context: items[0]?.context(isAlone) ?? {} },
        answered: (answers) => round.answered(answers),
        failed: (end) => round.failed({ ...end, isLost: end.cause !== 'protocol' }),
      });
      if (given === 'given') this.waiting.remove(task);
      else if (given === 'noRoom') this.missed(task);
      else if (isAlone) round.failed({ cause: 'refused', message: 'such an event is too long for it', isLost: false });
      else this.split(task);
    } catch (error) {
      round.failed({ cause: 'crashed', message: `it could not be asked: ${(error as Error).message}`, isLost: false });
    }
  }

  private failed(task: Task, failure: Failure): void {
    if (task.crew.heldBecause === undefined && mayAgain(task, failure)) {
      this.withdraw(task);
      this.enqueue(task);
      this.pump();
    } else {
      const outcome = failed(failure);
      this.over(
        task,
        task.items.map(() => outcome),
      );
    }
  }

  private over(task: Task, outcomes: readonly ValidatorOutcome[]): void {
    this.batchOver(task, true);
    this.withdraw(task);
    this.waiting.remove(task);
    for (const [index, item] of task.items.entries()) item.settle(outcomes[index] ?? refused('no answer'));
    this.pump();
  }

  /** It waits again: there was no room after all. */
  private missed(task: Task): void {
    this.scheduler.allow(task.crew.key, task.crew.tasksAtOnce);
    if (++task.misses >= MISSES_MAX) {
      task.round?.failed({ cause: 'crashed', message: 'its workers take nothing', isLost: false });
      return;
    }
    this.withdraw(task);
    this.enqueue(task);
  }

  /** Each event by itself. */
  private split(task: Task): void {
    this.batchOver(task, false);
    this.withdraw(task);
    this.waiting.remove(task);
    for (const item of task.items) if (!item.isGivenUp) this.submit(task.crew, [item], false);
  }

  /** Out of the hands of workers, with its credit. */
  private withdraw(task: Task): void {
    task.round?.undo();
    task.round = undefined;
    this.running.delete(task);
    this.scheduler.ended(task);
  }

  /** Of a batch the others go on. One that runs goes on, too, where its worker does one thing at a time: to the answer, or to the
   *  deadline. */
  private giveUp(crew: Crew, item: Item): void {
    item.isGivenUp = true;
    this.batchers.get(crew)?.remove(item.id);
    const { task } = item;
    if (task === undefined || task.items.some(({ isGivenUp }) => !isGivenUp)) return;
    if (task.round === undefined) {
      this.scheduler.remove(task.id);
      this.waiting.remove(task);
      this.batchOver(task, false);
    } else if (TASKS_AT_ONCE[crew.spec.runtime] > 1) {
      crew.forget(task.id, Math.max(...task.items.map(({ deadlineAtMs }) => deadlineAtMs)));
      task.round.failed({ cause: 'refused', message: 'nobody waits for it any more', isLost: false });
    }
  }

  /** Of a task that no worker has. */
  private settleAll(task: Task, outcome: ValidatorOutcome): void {
    this.batchOver(task, false);
    for (const item of task.items) item.settle(outcome);
  }

  /** @param isTold what it took says how long batches take: one that no worker had has only waited. */
  private batchOver(task: Task, isTold: boolean): void {
    const batcher = task.isBatch ? this.batchers.get(task.crew) : undefined;
    const nowMs = this.rooms.clock.nowMs();
    task.isBatch = false;
    if (isTold && task.round !== undefined) batcher?.ended(task.items.length, nowMs - task.round.begunAtMs, nowMs);
    else batcher?.dropped(nowMs);
  }

  private forgetEmpty(crew: Crew): void {
    if (!crew.isEmpty || this.waiting.has(crew) || [...this.running].some((task) => task.crew === crew)) return;
    if ((this.batchers.get(crew)?.size ?? 0) > 0) return;
    this.leaving.delete(crew);
    this.batchers.delete(crew);
    this.scheduler.forget(crew.key);
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

/** @param by who else has kept its worker from it. */
function lateOutcome(afterMs: number, by: string | undefined): ValidatorOutcome {
  const message = `no answer within ${Math.round(afterMs)} ms`;
  if (by === undefined) return failed({ cause: 'timedOut', message, isLost: false });
  return refused(heldUpText(message, by));
}

/** Whether it is asked once more, which is counted. */
function mayAgain(task: Task, { isLost, isAnothers }: Failure): boolean {
  const { entry, idempotent } = task.crew.spec;
  // Those that are built in do no harm when they are asked twice.
  if (isAnothers === true) {
    return (idempotent || entry.startsWith(BUILTIN_PREFIX)) && task.displacements++ < DISPLACEMENTS_MAX;
  }
  return isLost && idempotent && task.losses++ === 0;
}

/** A worker that has one batch is busy, however many it would take: what comes meanwhile is better off together. */
function batcherRules({ spec: { batch, workersMax } }: Crew): BatcherRules | undefined {
  if (batch === null) return undefined;
  return { ...batch, workers: workersMax, targetMs: LIMITS.batchTargetMs };
}
