/** The daemon's end of the tasks in the database: what is added is handed on at once, with all that came while the writer was busy; the
 *  rest goes along, or follows soon. */
import type { Clock } from '../contract/clock.js';
import type { LaterTask, LeftTasks, TaskShelf } from '../contract/later.js';
import { LIMITS } from '../contract/limits.js';
import type { TaskChanges } from './task-rows.js';
import type { WriterThread } from './thread.js';
import type { WriterReply } from './writer.js';

const NOTHING: LeftTasks = { tasks: [], dropped: 0 };

/** Where no records are wanted. */
export const NO_TASKS: TaskShelf = { add: async () => false, tried() {}, remove() {}, load: async () => NOTHING };

interface Adding {
  task: LaterTask;
  resolve(isWritten: boolean): void;
}

export class WaitingTasks implements TaskShelf {
  private adding: Adding[] = [];
  private readonly tries = new Map<string, number>();
  private readonly removed = new Set<string>();
  private undoTimer: (() => void) | undefined;
  private writing: Promise<void> | undefined;
  private isOver = false;

  constructor(
    private readonly clock: Clock,
    private readonly wallMs: () => number,
    private readonly thread: Pick<WriterThread, 'changeTasks' | 'leftTasks'>,
  ) {}

  async load(daemon: string): Promise<LeftTasks | undefined> {
    const reply = this.isOver ? undefined : await this.thread.leftTasks(daemon, this.wallMs());
    if (reply?.kind === 'unusable') this.stop();
    if (reply?.kind === 'left') return reply.left;
    return reply?.kind === 'trouble' ? undefined : NOTHING;
  }

  /** Who adds bounds how many there are. */
  add(task: LaterTask): Promise<boolean> {
    if (this.isOver) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.adding.push({ task, resolve });
      void this.flush();
    });
  }

  tried(id: string, tries: number): void {
    if (this.isOver) return;
    this.tries.set(id, tries);
    this.flushLater();
  }

  remove(id: string): void {
    if (this.isOver) return;
    this.tries.delete(id);
    this.removed.add(id);
    this.flushLater();
  }

  /** Settled when what waits is written, or cannot be. */
  async drained(): Promise<void> {
    await this.writing;
    await this.flush();
    this.stop();
  }

  /** Nothing will be written any more. */
  stop(): void {
    this.isOver = true;
    this.undoTimer?.();
    this.undoTimer = undefined;
    for (const { resolve } of this.adding.splice(0)) resolve(false);
  }

  private flushLater(delayMs: number = LIMITS.laterRemovedWithinMs): void {
    if (this.writing === undefined) this.undoTimer ??= this.clock.after(delayMs, () => void this.flush());
  }

  private async flush(): Promise<void> {
    if (this.isOver || this.writing !== undefined) return;
    this.undoTimer?.();
    this.undoTimer = undefined;
    const { adding, tries, removed } = this;
    if (adding.length + tries.size + removed.size === 0) return;
    const changes = { added: adding.map(({ task }) => task), tried: [...tries], removed: [...removed] };
    this.adding = [];
    tries.clear();
    removed.clear();
    this.writing = this.thread.changeTasks(changes).then((reply) => {
      this.writing = undefined;
      this.settle(reply, adding, changes);
    });
    await this.writing;
  }

  private settle(reply: WriterReply, adding: readonly Adding[], { tried, removed }: TaskChanges): void {
    for (const { resolve } of adding) resolve(reply.kind === 'written');
    if (reply.kind === 'unusable') this.stop();
    if (reply.kind === 'trouble') {
      // What was added is told as not written; what is done must not come back.
      for (const id of removed) this.removed.add(id);
      for (const [id, tries] of tried) if (!this.tries.has(id) && !this.removed.has(id)) this.tries.set(id, tries);
    }
    if (this.adding.length > 0) void this.flush();
    else if (this.tries.size + this.removed.size > 0) {
      this.flushLater(reply.kind === 'trouble' ? LIMITS.recordsRetryMaxMs : LIMITS.laterRemovedWithinMs);
    }
  }
}
