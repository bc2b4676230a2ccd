/** Tasks of validators that are asked after the answer, in the database. Unlike records they hold the event itself, and go as soon as
 *  they are done. */
import type { LaterTask, LeftTasks } from '../contract/later.js';
import { LIMITS } from '../contract/limits.js';
import type { Database } from './sqlite.js';

export interface TaskChanges {
  added: readonly LaterTask[];
  tried: readonly (readonly [id: string, tries: number])[];
  removed: readonly string[];
}

const BYTES = 'length(CAST(event AS BLOB))';
const TASKS = 'SELECT id, daemon, validator, event AS text, added_at_ms AS addedAtMs, tries FROM tasks';

/** What is added is on the disk when this returns. */
export function writeTasks(db: Database, { added, tried, removed }: TaskChanges): void {
  const insert = db.prepare(
    'INSERT INTO tasks (id, daemon, validator, event, added_at_ms, tries) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const update = db.prepare('UPDATE tasks SET tries = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM tasks WHERE id = ?');
  db.pragma(`synchronous = ${added.length > 0 ? 'FULL' : 'NORMAL'}`);
  withoutTraces(db, () => {
    for (const { id, daemon, validator, text, addedAtMs, tries } of added) {
      insert.run(id, daemon, validator, text, Math.round(addedAtMs), tries);
    }
    for (const [id, tries] of tried) update.run(tries, id);
    for (const id of removed) remove.run(id);
  });
}

/** Each daemon that finds one has tried it, whatever became of that: an event that ends daemons is given up like any other.
 *  @param daemon whose own ones are none of them. @param nowMs since 1970. */
export function takeLeftTasks(db: Database, daemon: string, nowMs: number): LeftTasks {
  let dropped = 0;
  let tasks: LaterTask[] = [];
  db.pragma('synchronous = FULL');
  withoutTraces(db, () => {
    db.prepare('UPDATE tasks SET tries = tries + 1 WHERE daemon <> ?').run(daemon);
    const tooOld = 'tries >= @triesMax OR added_at_ms <= @nowMs - @ageMaxMs OR added_at_ms > @nowMs';
    // Several daemons may have left some.
    const sums = `SELECT id, count(*) OVER earlier AS n, sum(${BYTES}) OVER earlier AS bytes FROM tasks WINDOW earlier AS (ORDER BY rowid)`;
    const beyond = `id IN (SELECT id FROM (${sums}) WHERE n > @tasksMax OR bytes > @bytesMax)`;
    const {
      laterTriesMax: triesMax,
      laterAgeMaxMs: ageMaxMs,
      laterTasksMax: tasksMax,
      laterBytesMax: bytesMax,
    } = LIMITS;
    const bounds = { nowMs, triesMax, ageMaxMs };
    dropped += db.prepare(`DELETE FROM tasks WHERE ${tooOld}`).run(bounds).changes;
    dropped += db.prepare(`DELETE FROM tasks WHERE ${beyond}`).run({ tasksMax, bytesMax }).changes;
    tasks = db.prepare(`${TASKS} WHERE daemon <> ? ORDER BY rowid`).all(daemon) as LaterTask[];
    db.prepare('UPDATE tasks SET daemon = ?').run(daemon);
  });
  return { tasks, dropped };
}

/** What they hold of the file, but for the rows' own few bytes. */
export function bytesOfTasks(db: Database): number {
  return (db.prepare(`SELECT coalesce(sum(${BYTES}), 0) AS bytes FROM tasks`).get() as { bytes: number }).bytes;
}

/** Of no use to anybody any more, and private: so also where nobody asks for what daemons have left. */
export function deleteOldTasks(db: Database, nowMs: number): number {
  const { laterAgeMaxMs } = LIMITS;
  if (db.prepare('SELECT 1 FROM tasks WHERE added_at_ms <= ? LIMIT 1').get(nowMs - laterAgeMaxMs) === undefined)
    return 0;
  let deleted = 0;
  withoutTraces(db, () => {
    deleted = db.prepare('DELETE FROM tasks WHERE added_at_ms <= ?').run(nowMs - laterAgeMaxMs).changes;
  });
  return deleted;
}

/** How many wait; without a daemon too. */
export function countTasks(db: Database): number {
  return (db.prepare('SELECT count(*) AS tasks FROM tasks').get() as { tasks: number }).tasks;
}

/** What is deleted is overwritten: it is what an agent was told and did. */
function withoutTraces(db: Database, change: () => void): void {
  db.pragma('secure_delete = ON');
  try {
    db.transaction(change).immediate();
  } finally {
    db.pragma('secure_delete = OFF');
  }
}
