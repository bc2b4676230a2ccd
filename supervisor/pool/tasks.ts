/** The tasks that one keeper has in its hands, and what its records say to them. */
import type { Clock } from '../contract/clock.js';
import { NotStarted, RecordKind } from '../contract/wire.js';
import type { Link, SentRecord } from '../ring/link.js';
import type { Demand } from './demand.js';
import { decodeTaskEnd, type TaskEnd } from './report.js';
import type { TaskFlow } from './task-flow.js';

export interface TaskEvents {
  /** `bytes` is valid during the call only. */
  stdout(bytes: Buffer): void;
  stderr(bytes: Buffer): void;
  stdinTaken(bytes: number): void;
  /** Once, unless notStarted or lost came. */
  ended(end: TaskEnd): void;
  /** No user code ran: the task may go to another worker. */
  notStarted(why: 'gone' | 'declined'): void;
  /** The keeper died with the task in its hands. */
  lost(): void;
}

export interface RunningTask {
  slot: number;
  generation: number;
  /** Its START. */
  sent: SentRecord;
  flow: TaskFlow;
  events: TaskEvents;
}

export class TaskTable {
  private readonly tasks = new Map<number, RunningTask & { begunAtMs: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly demand: Pick<Demand, 'ran'>,
  ) {}

  get size(): number {
    return this.tasks.size;
  }

  add(callId: number, task: RunningTask): void {
    this.tasks.set(callId, { ...task, begunAtMs: this.clock.nowMs() });
  }

  get(callId: number): RunningTask | undefined {
    return this.tasks.get(callId);
  }

  data(kind: number, callId: number, payload: Buffer): void {
    const events = this.tasks.get(callId)?.events;
    if (kind === RecordKind.STDOUT) events?.stdout(payload);
    else if (kind === RecordKind.STDERR) events?.stderr(payload);
    else if (kind === RecordKind.STDIN_CREDIT) events?.stdinTaken(payload.readUInt32LE(0));
  }

  /** Takes the task of an END or NOT_STARTED out of the table. @returns how to tell it; undefined where there is none. */
  takeLastWord(kind: number, callId: number, payload: Buffer): (() => void) | undefined {
    const task = this.tasks.get(callId);
    if (task === undefined) return undefined;
    const { events, begunAtMs } = task;
    this.tasks.delete(callId);
    if (kind === RecordKind.END) {
      const nowMs = this.clock.nowMs();
      this.demand.ran(nowMs - begunAtMs, nowMs);
      const end = decodeTaskEnd(payload);
      return () => (end === undefined ? events.lost() : events.ended(end));
    }
    return () => events.notStarted(payload.readUInt32LE(0) === NotStarted.DECLINED ? 'declined' : 'gone');
  }

  /** Of a dead keeper. @returns how to tell them, once nothing of it is in the way any more. */
  takeAll(link: Link): () => void {
    // Asked now that it is dead: before, it might still have taken an order out of the ring.
    const tasks = [...this.tasks.values()].map(({ events, sent }) => ({ events, isConsumed: link.isConsumed(sent) }));
    this.tasks.clear();
    return () => {
      for (const { events, isConsumed } of tasks) {
        if (isConsumed) events.lost();
        else events.notStarted('gone');
      }
    };
  }
}
