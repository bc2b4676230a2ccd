/** What the writer's thread runs. One writer for the life of the thread. */
import { constants, setPriority } from 'node:os';
import type { Batch } from './insert.js';
import type { ShelfChanges } from './shelf-rows.js';
import { loadSqlite } from './sqlite.js';
import type { TaskChanges } from './task-rows.js';
import { type ShelfReply, type TasksReply, Writer, type WriterReply, type WriterSettings } from './writer.js';

export type WriterRequest =
  | { kind: 'write'; settings: WriterSettings; batch: Batch; nowMs: number }
  | { kind: 'shelve'; settings: WriterSettings; changes: ShelfChanges; nowMs: number }
  | { kind: 'shelved'; settings: WriterSettings; nowMs: number }
  | { kind: 'changeTasks'; settings: WriterSettings; changes: TaskChanges }
  | { kind: 'leftTasks'; settings: WriterSettings; daemon: string; nowMs: number }
  | { kind: 'close'; settings: WriterSettings };

yieldToCalls();
let writer: Writer | undefined;

export default async function answer(
  request: WriterRequest,
): Promise<WriterReply | ShelfReply | TasksReply | undefined> {
  if (request.kind === 'close') {
    writer?.close();
    return undefined;
  }
  writer ??= new Writer(request.settings, await loadSqlite());
  switch (request.kind) {
    case 'write':
      return writer.write(request.batch, request.nowMs);
    case 'shelve':
      return writer.shelve(request.changes, request.nowMs);
    case 'shelved':
      return writer.shelved(request.nowMs);
    case 'changeTasks':
      return writer.changeTasks(request.changes);
    case 'leftTasks':
      return writer.leftTasks(request.daemon, request.nowMs);
  }
}

/** A record can wait, a call cannot. It is a kindness: where it is refused, records are written all the same. */
function yieldToCalls(): void {
  const callingThread = 0; // on Linux, not the whole process
  try {
    setPriority(callingThread, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {}
}
