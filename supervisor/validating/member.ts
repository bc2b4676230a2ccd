/** One worker of a crew, with the tasks that it has in its hands. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { FailureCause, ValidatorSpec } from '../contract/validating.js';
import type { Answered } from '../ring/resident-answer.js';
import type { Question } from '../ring/resident-talk.js';
import { type StartWorker, TASKS_AT_ONCE, type Worker, type WorkerEnd } from './worker.js';
import { WORKER, type WorkerInput, type WorkerState } from './worker-state.js';

/** What it is given; told once what became of it, unless it is forgotten before. */
export interface Task {
  id: number;
  question: Question;
  /** One answer for each event. */
  answered(answers: readonly Answered[]): void;
  failed(cause: FailureCause, message: string): void;
}

export interface MemberEvents {
  ready(takesBatches: boolean): void;
  answered(): void;
  /** @param isWanted it was to end. */
  gone(end: WorkerEnd, isWanted: boolean): void;
}

export class Member {
  private state: WorkerState = 'starting';
  private worker: Worker | undefined;
  /** By the number by which the worker answers. */
  private readonly tasks = new Map<number, Task>();
  private undoTimer: (() => void) | undefined;
  private answeredCount = 0;
  /** Nobody wants it any more: its end is no failure. */
  private isUnwanted = false;
  private readonly startedAtMs: number;

  constructor(
    private readonly spec: ValidatorSpec,
    private readonly rooms: { clock: Clock; startWorker: StartWorker },
    private readonly events: MemberEvents,
  ) {
    this.startedAtMs = rooms.clock.nowMs();
  }

  start(): void {
    this.undoTimer = this.rooms.clock.after(LIMITS.residentReadyTimeoutMs, () => this.input('late'));
    this.worker = this.rooms.startWorker(this.spec, {
      ready: (takesBatches) => {
        this.undoTimer?.();
        if (this.input('ready') === 'ready') this.events.ready(takesBatches);
      },
      answered: (askId, answers) => {
        const task = this.tasks.get(askId);
        this.tasks.delete(askId);
        this.answeredCount++;
        task?.answered(answers);
        if (this.state === 'draining' && this.tasks.size === 0) this.worker?.end('drain');
        this.events.answered();
      },
      silent: () => this.input('late'),
      gone: (end) => {
        const isLate = this.state === 'killed';
        this.undoTimer?.();
        this.state = WORKER[this.state].gone;
        const tasks = [...this.tasks.values()];
        this.tasks.clear();
        this.events.gone(end, this.isUnwanted);
        for (const task of tasks) task.failed(isLate ? 'crashed' : end.cause, end.message);
      },
    });
  }

  /** Tasks that it takes now. */
  get room(): number {
    if (this.state !== 'ready') return 0;
    return TASKS_AT_ONCE[this.spec.runtime] - this.tasks.size;
  }

  get isReady(): boolean {
    return this.state === 'ready';
  }

  get isStarting(): boolean {
    return this.state === 'starting';
  }

  get isLeaving(): boolean {
    return this.state === 'draining' || this.state === 'killed' || this.state === 'gone';
  }

  give(task: Task): boolean {
    const askId = this.worker?.ask(task.question);
    if (askId === undefined) return false;
    this.tasks.set(askId, task);
    return true;
  }

  /** @returns whether it was its task. Whoever does one thing at a time is busy with it, and is ended: the next task waits for
   *  its successor, not for an answer that nobody wants. Another is asked for a sign of life once it has nothing else to do. */
  forget(taskId: number): boolean {
    const found = [...this.tasks].find(([, { id }]) => id === taskId);
    if (found === undefined) return false;
    const [askId] = found;
    this.tasks.delete(askId);
    this.worker?.forget(askId);
    if (TASKS_AT_ONCE[this.spec.runtime] === 1) this.input('late');
    return true;
  }

  retire(): void {
    this.isUnwanted = true;
    if (this.input('retire') === 'draining' && this.tasks.size === 0) this.worker?.end('drain');
  }

  kill(): void {
    this.isUnwanted = true;
    this.input('late');
  }

  status() {
    return {
      pid: this.worker?.pid ?? null,
      state: this.state,
      tasks: this.tasks.size,
      answered: this.answeredCount,
      ageMs: Math.round(this.rooms.clock.nowMs() - this.startedAtMs),
    };
  }

  private input(input: WorkerInput): WorkerState {
    const before = this.state;
    this.state = WORKER[before][input];
    if (this.state === 'killed' && before !== 'killed') this.worker?.end('kill');
    return this.state;
  }
}
