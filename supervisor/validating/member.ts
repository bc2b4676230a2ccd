/** One worker of a crew, with the tasks that it has in its hands. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { ValidatorSpec } from '../contract/validating.js';
import type { Answered } from '../ring/resident-answer.js';
import type { Question } from '../ring/resident-talk.js';
import { heldUpText } from './end-text.js';
import { type StartWorker, TASKS_AT_ONCE, type Worker, type WorkerEnd } from './worker.js';
import { WORKER, type WorkerInput, type WorkerState } from './worker-state.js';

/** What it is given; told once what became of it, unless it is forgotten before. */
export interface Task {
  id: string;
  question: Question;
  /** One answer for each event. */
  answered(answers: readonly Answered[]): void;
  failed(end: WorkerEnd): void;
}

/** `noRoom`: its worker took nothing after all; it may be given to another. */
export type Given = 'given' | 'noRoom' | 'tooLong';

export interface MemberEvents {
  ready(takesBatches: boolean): void;
  /** It takes no more tasks, but may still have some. */
  left(): void;
  answered(): void;
  /** @param isWanted it was to end. @param wasReady at some time. */
  gone(end: WorkerEnd, isWanted: boolean, wasReady: boolean): void;
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
  private wasReady = false;
  /** Why it was killed: how it ended says less. */
  private killedFor: WorkerEnd | undefined;
  private readonly startedAtMs: number;

  constructor(
    private readonly spec: ValidatorSpec,
    private readonly rooms: { clock: Clock; startWorker: StartWorker },
    private readonly events: MemberEvents,
  ) {
    this.startedAtMs = rooms.clock.nowMs();
  }

  start(): void {
    this.undoTimer = this.rooms.clock.after(LIMITS.residentReadyTimeoutMs, () => this.notReady());
    this.worker = this.rooms.startWorker(this.spec, {
      ready: (takesBatches) => {
        this.undoTimer?.();
        if (this.input('ready') !== 'ready') return;
        this.wasReady = true;
        this.events.ready(takesBatches);
      },
      answered: (askId, answers) => {
        const task = this.tasks.get(askId);
        this.tasks.delete(askId);
        this.answeredCount++;
        task?.answered(answers);
        this.endIfDrained();
        this.events.answered();
      },
      silent: () => this.late('it gave no sign of life'),
      gone: (end) => this.gone(end),
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
    return this.state === 'draining' || this.state === 'gone';
  }

  give(task: Task): Given {
    const asked = this.worker?.ask(task.question);
    if (asked === 'tooLong') return asked;
    if (asked === undefined) {
      this.late('it took no questions', 'crashed');
      return 'noRoom';
    }
    this.tasks.set(asked, task);
    return 'given';
  }

  /** @returns whether it was its task. Whoever does one thing at a time is busy with it, and is ended: the next task waits for
   *  its successor, not for an answer that nobody wants. Another has a moment after the deadline to give a sign of life. */
  forget(taskId: string, deadlineAtMs: number): boolean {
    const found = [...this.tasks].find(([, { id }]) => id === taskId);
    if (found === undefined) return false;
    const [askId] = found;
    this.tasks.delete(askId);
    this.worker?.forget(askId, deadlineAtMs);
    if (TASKS_AT_ONCE[this.spec.runtime] === 1) this.late('it did not answer in time');
    else this.endIfDrained(); // no answer of it is told
    return true;
  }

  /** Of its task: who else keeps its worker from it. */
  heldUpBy(taskId: string): string | undefined {
    for (const { id } of this.tasks.values()) if (id === taskId) return this.worker?.heldUpBy?.();
    return undefined;
  }

  retire(): void {
    this.isUnwanted = true;
    this.input('retire');
    this.endIfDrained();
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

  private endIfDrained(): void {
    if (this.state === 'draining' && this.tasks.size === 0) this.worker?.end('drain');
  }

  private notReady(): void {
    const message = `it was not ready within ${LIMITS.residentReadyTimeoutMs} ms`;
    const by = this.worker?.heldUpBy?.();
    if (by !== undefined) this.killedFor = { cause: 'refused', message: heldUpText(message, by), isAnothers: true };
    this.late(message);
  }

  private late(message: string, cause: WorkerEnd['cause'] = 'timedOut'): void {
    this.killedFor ??= { cause, message };
    this.input('late');
  }

  private gone(its: WorkerEnd): void {
    const { killedFor } = this;
    // What it has been up to beside being late says more.
    const saysLess = its.cause === 'crashed' || (its.cause === 'refused' && its.isAnothers !== true);
    const isKilled = killedFor !== undefined && saysLess;
    const end = isKilled ? { ...killedFor, message: `${killedFor.message}; ${its.message}` } : its;
    this.undoTimer?.();
    this.state = WORKER[this.state].gone;
    const tasks = [...this.tasks.values()];
    this.tasks.clear();
    this.events.gone(end, this.isUnwanted, this.wasReady);
    for (const task of tasks) task.failed(end);
  }

  private input(input: WorkerInput): WorkerState {
    const before = this.state;
    this.state = WORKER[before][input];
    if (this.state === 'killed' && before !== 'killed') this.worker?.end('kill');
    if (before === 'ready' && this.state !== 'ready') this.events.left();
    return this.state;
  }
}
