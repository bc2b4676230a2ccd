/** Fake workers, for the tests of what starts and asks them. */
import type { AgentEvent, ValidatorSpec } from '../../../supervisor/contract/validating.js';
import type { Answered } from '../../../supervisor/ring/resident-answer.js';
import type { Question } from '../../../supervisor/ring/resident-talk.js';
import { Asker } from '../../../supervisor/validating/asker.js';
import { Crew, type CrewEvents } from '../../../supervisor/validating/crew.js';
import { heldText } from '../../../supervisor/validating/end-text.js';
import type { StartWorker, Worker, WorkerEnd, WorkerEvents } from '../../../supervisor/validating/worker.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { SPEC, toolEvent } from '../../lib/validators.js';

export const CRASH: WorkerEnd = { cause: 'crashed', message: 'its worker ended by signal 11' };
export const allowed: Answered = { kind: 'answered', verdict: { decision: 'allow' } };

export class FakeWorker implements Worker {
  pid: number | undefined = 7;
  /** By the number by which they are answered. */
  readonly asks = new Map<number, Question>();
  readonly forgotten: number[] = [];
  readonly deadlines: number[] = [];
  readonly ends: string[] = [];
  /** What it says to the next question instead of taking it. */
  takes: 'all' | 'tooLong' | undefined = 'all';

  constructor(
    readonly spec: ValidatorSpec,
    readonly events: WorkerEvents,
  ) {}

  ask(question: Question): number | 'tooLong' | undefined {
    if (this.takes !== 'all') return this.takes;
    const id = this.asks.size + 1;
    this.asks.set(id, question);
    return id;
  }

  forget(askId: number, deadlineAtMs: number): void {
    this.forgotten.push(askId);
    this.deadlines.push(deadlineAtMs);
  }

  end(how: 'drain' | 'kill'): void {
    this.ends.push(how);
  }

  ready(takesBatches = false): this {
    this.events.ready(takesBatches);
    return this;
  }

  /** Of the events of each of its questions. */
  commands(): unknown[][] {
    return [...this.asks.values()].map(({ events }) => events.map(({ toolInput }) => toolInput?.command));
  }

  /** Of its last question. */
  answer(outcome: Answered = allowed, askId = this.asks.size): void {
    this.events.answered(askId, this.asks.get(askId)?.events.map(() => outcome) ?? []);
  }

  die(end: WorkerEnd = CRASH): void {
    this.events.gone(end);
  }
}

/** Crews between fake rooms, with or without an asker. */
export class Stage {
  readonly clock = new FakeClock();
  readonly workers: FakeWorker[] = [];
  readonly told: string[] = [];
  readonly asker = new Asker({ clock: this.clock, tasksAtOnce: 64 });
  startWorker: StartWorker = (spec, events) => {
    const worker = new FakeWorker(spec, events);
    this.workers.push(worker);
    return worker;
  };

  crew(made: Partial<ValidatorSpec> = {}): Crew {
    return new Crew({ ...SPEC, runtime: 'python', idempotent: false, ...made }, this.crewRooms(), this.events());
  }

  crewRooms() {
    return {
      clock: this.clock,
      random: () => 0,
      startWorker: (...args: Parameters<StartWorker>) => this.startWorker(...args),
      codeChanged: (name: string) => void this.told.push(`code of ${name}`),
    };
  }

  events(): CrewEvents {
    return {
      changed: (crew) => this.asker.changed(crew),
      died: (_crew, { message }, restartInMs) => void this.told.push(`died: ${message}: ${restartInMs}`),
      held: (_crew, end, holdMs) => void this.told.push(`held: ${heldText(end)}: ${holdMs}`),
    };
  }

  /** The newest. */
  get worker(): FakeWorker {
    const worker = this.workers.at(-1);
    if (worker === undefined) throw new Error('no worker was started');
    return worker;
  }

  /** @returns what becomes of it, once it is known. */
  ask(
    crew: Crew,
    made: { event?: AgentEvent; priority?: typeof SPEC.priority; withinMs?: number; signal?: AbortSignal } = {},
  ) {
    const { event = toolEvent('Bash', { command: 'x' }), priority = 'normal', withinMs = 5_000, signal } = made;
    const deadlineAtMs = this.clock.now + withinMs;
    const asking = { event, context: () => ({}), affinityKey: '', sessionId: event.sessionId, priority, deadlineAtMs };
    return this.asker.ask(crew, asking, signal);
  }
}

/** Everything that follows of itself has followed. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** All is done that follows from what is known now, and what was left for the turn after that. */
export async function settled(): Promise<void> {
  await turn();
  await turn();
}

const PENDING = Symbol('pending');

export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  await settled();
  return (await Promise.race([promise, Promise.resolve(PENDING)])) === PENDING;
}
