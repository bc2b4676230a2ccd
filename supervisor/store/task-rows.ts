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
    const beyond = 'id NOT IN (SELECT id FROM tasks ORDER BY rowid LIMIT @tasksMax)';
    const { laterTriesMax: triesMax, laterAgeMaxMs: ageMaxMs, laterTasksMax: tasksMax } = LIMITS;
    const bounds = { nowMs, triesMax, ageMaxMs };
    dropped += db.prepare(`DELETE FROM tasks WHERE ${tooOld}`).run(bounds).changes;
    dropped += db.prepare(`DELETE FROM tasks WHERE ${beyond}`).run({ tasksMax }).changes;
    tasks = db.prepare(`${TASKS} WHERE daemon <> ? ORDER BY rowid`).all(daemon) as LaterTask[];
    db.prepare('UPDATE tasks SET daemon = ?').run(daemon);
  });
  return { tasks, dropped };
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
