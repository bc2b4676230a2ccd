/** Answers and notes in the database. They may be lost at any time, so nothing waits for the disk; how many there are is bounded with
 *  each write. */
import type { KeptAnswer, NoteName, Shelved } from '../contract/caching.js';
import { LIMITS } from '../contract/limits.js';
import type { Database } from './sqlite.js';

/** In the order in which they are made true. */
export interface ShelfChanges {
  isAllForgotten: boolean;
  /** Validators whose answers go. */
  forgotten: readonly string[];
  answers: readonly KeptAnswer[];
  notes: readonly (readonly [name: NoteName, text: string])[];
}

/** The newest stay. */
const BEYOND = `SELECT key FROM (
  SELECT key, row_number() OVER newest AS number, sum(octet_length(verdict) + @rowBytes) OVER newest AS bytes
  FROM answers WINDOW newest AS (ORDER BY kept_at_ms DESC, key ROWS UNBOUNDED PRECEDING)
) WHERE number > @rowsMax OR bytes > @bytesMax`;

/** @param bytesMax of all answers. @param nowMs since 1970. */
export function writeShelf(db: Database, changes: ShelfChanges, bytesMax: number, nowMs: number): void {
  const { isAllForgotten, forgotten, answers, notes } = changes;
  const forget = db.prepare('DELETE FROM answers WHERE validator = ?');
  const save = db.prepare(
    'INSERT OR REPLACE INTO answers (key, validator, verdict, kept_at_ms, ttl_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const note = db.prepare('INSERT OR REPLACE INTO notes (name, text) VALUES (?, ?)');
  db.pragma('synchronous = NORMAL');
  db.transaction(() => {
    if (isAllForgotten) db.exec('DELETE FROM answers');
    for (const validator of forgotten) forget.run(validator);
    for (const { key, validator, text, keptAtMs, ttlMs } of answers) {
      save.run(key, validator, text, Math.round(keptAtMs), Math.round(ttlMs));
    }
    for (const [name, text] of notes) note.run(name, text);
    deleteExpired(db, nowMs);
    const bounds = { rowsMax: LIMITS.answersShelvedMax, rowBytes: LIMITS.answerRowBytes, bytesMax };
    db.prepare(`DELETE FROM answers WHERE key IN (${BEYOND})`).run(bounds);
  }).immediate();
}

/** @param nowMs since 1970. */
export function readShelf(db: Database, nowMs: number): Shelved {
  deleteExpired(db, nowMs);
  const answers = db
    .prepare(
      'SELECT key, validator, verdict AS text, kept_at_ms AS keptAtMs, ttl_ms AS ttlMs FROM answers ORDER BY kept_at_ms',
    )
    .all() as KeptAnswer[];
  const notes = db.prepare('SELECT name, text FROM notes').all() as { name: NoteName; text: string }[];
  return { answers, notes: Object.fromEntries(notes.map(({ name, text }) => [name, text])) };
}

/** Also those from the future: the clock has been set back since, and nobody knows how old they are. */
function deleteExpired(db: Database, nowMs: number): void {
  db.prepare('DELETE FROM answers WHERE kept_at_ms + ttl_ms <= @nowMs OR kept_at_ms > @nowMs').run({ nowMs });
}
