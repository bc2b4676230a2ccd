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
  /** The operator has ended it.
   *  @param end undefined: its keeper was ended with it, and has told nothing more. */
  kicked(end: TaskEnd | undefined): void;
}

export interface RunningTask {
  slot: number;
  generation: number;
  /** Its START. */
  sent: SentRecord;
  flow: TaskFlow;
  events: TaskEvents;
}

interface KnownTask extends RunningTask {
  begunAtMs: number;
  /** Who wanted its end first. */
  endedBy: 'client' | 'operator' | undefined;
}

export class TaskTable {
  private readonly tasks = new Map<number, KnownTask>();

  constructor(
    private readonly clock: Clock,
    private readonly demand: Pick<Demand, 'ran'>,
  ) {}

  get size(): number {
    return this.tasks.size;
  }

  add(callId: number, task: RunningTask): void {
    this.tasks.set(callId, { ...task, begunAtMs: this.clock.nowMs(), endedBy: undefined });
  }

  get(callId: number): RunningTask | undefined {
    return this.tasks.get(callId);
  }

  cancelled(callId: number): void {
    const task = this.tasks.get(callId);
    if (task !== undefined) task.endedBy ??= 'client';
  }

  /** The operator ends what runs, in one slot or in all. @returns the calls. */
  kicked(slot?: number): number[] {
    const meant = [...this.tasks].filter(([, task]) => slot === undefined || task.slot === slot);
    for (const [, task] of meant) task.endedBy ??= 'operator';
    return meant.map(([callId]) => callId);
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
    const { events, begunAtMs, endedBy } = task;
    this.tasks.delete(callId);
    if (kind === RecordKind.END) {
      const nowMs = this.clock.nowMs();
      this.demand.ran(nowMs - begunAtMs, nowMs);
      const end = decodeTaskEnd(payload);
      // One that has answered by itself, in the last moment, has answered.
      const isKicked = endedBy === 'operator' && (end?.kind === 'cancelled' || end?.kind === 'crashed');
      if (isKicked) return () => events.kicked(end);
      return () => (end === undefined ? events.lost() : events.ended(end));
    }
    return () => events.notStarted(payload.readUInt32LE(0) === NotStarted.DECLINED ? 'declined' : 'gone');
  }

  /** Of a dead keeper. @returns how to tell them, once nothing of it is in the way any more. */
  takeAll(link: Link): () => void {
    // Asked now that it is dead: before, it might still have taken an order out of the ring.
    const tasks = [...this.tasks.values()].map(({ events, sent, endedBy }) => {
      return { events, isKicked: endedBy === 'operator', isConsumed: link.isConsumed(sent) };
    });
    this.tasks.clear();
    return () => {
      for (const { events, isConsumed, isKicked } of tasks) {
        if (!isConsumed) events.notStarted('gone');
        else if (isKicked) events.kicked(undefined);
        else events.lost();
      }
    };
  }
}
