/** The one that writes. It lives in a thread of its own, opens the database with the first batch, and again after whatever
 *  made it unusable. */
import { statSync } from 'node:fs';
import type { Shelved } from '../contract/caching.js';
import type { LeftTasks } from '../contract/later.js';
import { LIMITS } from '../contract/limits.js';
import { moveAside } from './aside.js';
import { type Batch, Inserts } from './insert.js';
import { openForWriting } from './open.js';
import { prune, type Retention, usedBytes } from './retention.js';
import { readShelf, type ShelfChanges, writeShelf } from './shelf-rows.js';
import { type Database, SQLITE_REMEDY, type Sqlite, type Trouble, troubleOf } from './sqlite.js';
import { type TaskChanges, takeLeftTasks, writeTasks } from './task-rows.js';

export interface WriterSettings extends Retention {
  file: string;
}

export type WriterReply =
  /** On disk as far as `Inserts.write` says. `movedAside`: where a damaged database lies now. */
  | { kind: 'written'; bad: number; movedAside: string | undefined }
  /** Nothing of it is written; it may be tried again. */
  | { kind: 'trouble'; trouble: Trouble; reason: string }
  /** Nothing will be written in this life of the daemon. */
  | { kind: 'unusable'; reason: string; remedy: string };

type Failure = Exclude<WriterReply, { kind: 'written' }>;

export type TasksReply = { kind: 'left'; left: LeftTasks } | Failure;

export type ShelfReply = { kind: 'shelved'; shelved: Shelved } | Failure;

interface Open {
  db: Database;
  inserts: Inserts;
  inode: number;
}

export class Writer {
  private opened: Open | undefined;
  private movedAside: string | undefined;
  private pruneAtMs = 0;

  constructor(
    private readonly settings: WriterSettings,
    private readonly sqlite: Sqlite,
  ) {}

  /** @param nowMs since 1970. */
  write(batch: Batch, nowMs: number): WriterReply {
    const open = this.open();
    if ('kind' in open) return open;
    let bad: number;
    try {
      bad = open.inserts.write(batch);
    } catch (error) {
      return this.failed(error);
    }
    this.pruneIfDue(open, nowMs);
    const { movedAside } = this;
    this.movedAside = undefined;
    return { kind: 'written', bad, movedAside };
  }

  /** All of it or nothing. @param nowMs since 1970. */
  shelve(changes: ShelfChanges, nowMs: number): WriterReply {
    const open = this.open();
    if ('kind' in open) return open;
    try {
      writeShelf(open.db, changes, this.settings.sizeMaxBytes * LIMITS.shelfShareMax, nowMs);
      // Where a damaged database lies is told with the next batch of records, where somebody hears of it.
      return { kind: 'written', bad: 0, movedAside: undefined };
    } catch (error) {
      return this.failed(error);
    }
  }

  shelved(nowMs: number): ShelfReply {
    const open = this.open();
    if ('kind' in open) return open;
    try {
      return { kind: 'shelved', shelved: readShelf(open.db, nowMs) };
    } catch (error) {
      return this.failed(error);
    }
  }

  /** All of it or nothing. */
  changeTasks(changes: TaskChanges): WriterReply {
    const open = this.open();
    if ('kind' in open) return open;
    try {
      writeTasks(open.db, changes);
      return { kind: 'written', bad: 0, movedAside: undefined };
    } catch (error) {
      return this.failed(error);
    }
  }

  leftTasks(daemon: string, nowMs: number): TasksReply {
    const open = this.open();
    if ('kind' in open) return open;
    try {
      return { kind: 'left', left: takeLeftTasks(open.db, daemon, nowMs) };
    } catch (error) {
      return this.failed(error);
    }
  }

  close(): void {
    this.opened?.db.close();
    this.opened = undefined;
  }

  private open(): Open | Failure {
    // Somebody may have removed the file: what is written to it then would be gone with it.
    if (this.opened !== undefined && inodeOf(this.settings.file) !== this.opened.inode) this.close();
    if (this.opened !== undefined) return this.opened;
    if (!this.sqlite.ok) return { kind: 'unusable', reason: this.sqlite.reason, remedy: SQLITE_REMEDY };
    const { file } = this.settings;
    const opened = openForWriting(this.sqlite.open, file);
    if (opened.kind === 'unusable')
      return { ...opened, remedy: `move ${file} out of the way, then restart the daemon` };
    if (opened.kind === 'trouble') return opened;
    const { db } = opened;
    this.movedAside ??= opened.movedAside;
    this.opened = { db, inserts: new Inserts(db), inode: inodeOf(file) ?? 0 };
    this.pruneAtMs = 0;
    return this.opened;
  }

  private failed(error: unknown): Failure {
    const trouble = troubleOf(error) ?? 'io';
    const reason = (error as Error).message;
    if (trouble === 'full' || trouble === 'busy') return { kind: 'trouble', trouble, reason };
    this.close();
    // Not left to the check at the next opening, which does not find all that a write does.
    if (trouble === 'damaged') this.movedAside = moveAside(this.settings.file, new Date());
    return { kind: 'trouble', trouble, reason };
  }

  /** The batch is written: what goes wrong here is met again by the next one. */
  private pruneIfDue({ db, inserts }: Open, nowMs: number): void {
    try {
      if (nowMs < this.pruneAtMs && usedBytes(db) <= this.settings.sizeMaxBytes) return;
      if (prune(db, this.settings, nowMs)) inserts.forgetHandlers();
      else this.pruneAtMs = nowMs + LIMITS.recordsPruneEveryMs;
    } catch {
      this.pruneAtMs = nowMs + LIMITS.recordsRetryMaxMs;
    }
  }
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}
