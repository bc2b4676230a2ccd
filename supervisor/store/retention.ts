/** Deletes what is too old or too much, a bounded piece at a time: the writer's next batch waits meanwhile. */
import { LIMITS } from '../contract/limits.js';
import type { Database } from './sqlite.js';
import { bytesOfTasks, deleteOldTasks } from './task-rows.js';

export interface Retention {
  ageMaxMs: number;
  /** Of the pages in use; the file may hold as many empty ones as it once needed. */
  sizeMaxBytes: number;
}

/** @returns whether anything was deleted. */
export function prune(db: Database, { ageMaxMs, sizeMaxBytes }: Retention, nowMs: number): boolean {
  deleteOldTasks(db, nowMs);
  return db
    .transaction(() => {
      let deleted = deleteOlder(db, 'calls', 'ended_at_ms', nowMs - ageMaxMs);
      deleted += deleteOlder(db, 'audit', 'at_ms', nowMs - ageMaxMs);
      deleted += deleteBeyond(db, 'audit', LIMITS.auditRowsMax);
      if (isTooLarge(db, sizeMaxBytes)) deleted += deleteTenth(db);
      const { handlers } = db.prepare('SELECT count(*) AS handlers FROM handlers').get() as { handlers: number };
      // Looks at every call, so not each time.
      if (deleted > 0 && handlers > LIMITS.handlersRememberedMax) deleteUnusedHandlers(db);
      return deleted > 0;
    })
    .immediate();
}

export function usedBytes(db: Database): number {
  const number = (pragma: string) => db.pragma(pragma, { simple: true }) as number;
  return (number('page_count') - number('freelist_count')) * number('page_size');
}

/** What waits to be asked about is no record, and must not push records out; it is added up only where that matters. */
function isTooLarge(db: Database, sizeMaxBytes: number): boolean {
  const beyondBytes = usedBytes(db) - sizeMaxBytes;
  return beyondBytes > 0 && beyondBytes > bytesOfTasks(db);
}

function deleteUnusedHandlers(db: Database): void {
  db.exec('DELETE FROM handlers WHERE id NOT IN (SELECT handler_id FROM calls)');
}

/** Rows lie in the order in which they were written, so the old ones are the first; a row among them that a wrong clock has
 *  dated later stays until its turn comes. */
function deleteOlder(db: Database, table: string, column: string, beforeMs: number): number {
  const oldest = `SELECT id FROM (SELECT id, ${column} AS at FROM ${table} ORDER BY id LIMIT ${LIMITS.recordsDeletedAtOnceMax})`;
  return db.prepare(`DELETE FROM ${table} WHERE id IN (${oldest} WHERE at < ?)`).run(beforeMs).changes;
}

function deleteBeyond(db: Database, table: string, rowsMax: number): number {
  const newest = `SELECT id FROM ${table} ORDER BY id DESC LIMIT 1 OFFSET ${rowsMax}`;
  return db.prepare(`DELETE FROM ${table} WHERE id <= (${newest})`).run().changes;
}

function deleteTenth(db: Database): number {
  const tenth = `(SELECT coalesce((max(id) - min(id)) / 10, 0) + 1 FROM calls)`;
  const oldest = `SELECT id FROM calls ORDER BY id LIMIT min(${LIMITS.recordsDeletedAtOnceMax}, ${tenth})`;
  return db.prepare(`DELETE FROM calls WHERE id IN (${oldest})`).run().changes;
}
