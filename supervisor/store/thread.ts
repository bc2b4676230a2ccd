/** The daemon's end of the writer's thread. */
import type { Tinypool } from 'tinypool';
import { LIMITS, MIB } from '../contract/limits.js';
import type { Batch } from './insert.js';
import type { ShelfChanges } from './shelf-rows.js';
import type { TaskChanges } from './task-rows.js';
import type { ShelfReply, TasksReply, WriterReply, WriterSettings } from './writer.js';
import type { WriterRequest } from './writer-thread.js';

type Died = Extract<WriterReply, { kind: 'trouble' }>;

/** Requests never reject. */
export interface WriterThread {
  write(batch: Batch, nowMs: number): Promise<WriterReply>;
  shelve(changes: ShelfChanges, nowMs: number): Promise<WriterReply>;
  shelved(nowMs: number): Promise<ShelfReply>;
  changeTasks(changes: TaskChanges): Promise<WriterReply>;
  leftTasks(daemon: string, nowMs: number): Promise<TasksReply>;
  /** After what it was given before. Ends the thread. */
  close(): Promise<void>;
}

/** The thread starts with the first request, and anew should it have died. */
export function writerThread(settings: WriterSettings): WriterThread {
  let pool: Promise<Tinypool> | undefined;
  const run = async (request: WriterRequest) => {
    pool ??= startPool();
    return (await pool).run(request);
  };
  const ask = async <Reply extends { kind: string }>(request: WriterRequest): Promise<Reply | Died> => {
    const answered = (await run(request).catch((error: Error) => error)) as Reply | Error | undefined;
    if (answered !== undefined && 'kind' in answered) return answered;
    return { kind: 'trouble', trouble: 'io', reason: `the writer has died: ${answered?.message ?? 'no answer'}` };
  };
  return {
    write: (batch, nowMs) => ask<WriterReply>({ kind: 'write', settings, batch, nowMs }),
    shelve: (changes, nowMs) => ask<WriterReply>({ kind: 'shelve', settings, changes, nowMs }),
    shelved: (nowMs) => ask<ShelfReply>({ kind: 'shelved', settings, nowMs }),
    changeTasks: (changes) => ask<WriterReply>({ kind: 'changeTasks', settings, changes }),
    leftTasks: (daemon, nowMs) => ask<TasksReply>({ kind: 'leftTasks', settings, daemon, nowMs }),
    async close() {
      const last = pool;
      if (last === undefined) return;
      await run({ kind: 'close', settings }).catch(() => undefined);
      pool = undefined;
      await (await last).destroy();
    },
  };
}

/** Imported late: a daemon that starts has more urgent things to do. */
async function startPool(): Promise<Tinypool> {
  const { Tinypool } = await import('tinypool');
  return new Tinypool({
    filename: new URL('writer-thread.js', import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    // Nothing of the daemon's environment is needed there.
    env: {},
    resourceLimits: {
      maxOldGenerationSizeMb: LIMITS.writerHeapMaxBytes / MIB,
      // Rows live for a moment only: more room for them would only be filled later.
      maxYoungGenerationSizeMb: LIMITS.writerYoungMaxBytes / MIB,
    },
  });
}
