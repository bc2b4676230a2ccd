/** The schema, as the steps that lead to it. A step that has been released is never changed: a new one is put behind it. */
import type { Database } from './sqlite.js';

/** 'hsup', in the head of the file: what we find there is ours. */
export const APPLICATION_ID = 0x68737570;

export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE handlers (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL UNIQUE
   ) STRICT;
   CREATE TABLE calls (
     id INTEGER PRIMARY KEY,
     ended_at_ms INTEGER NOT NULL,
     handler_id INTEGER NOT NULL,
     path TEXT,
     runtime TEXT,
     level TEXT,
     outcome TEXT NOT NULL,
     exit_code INTEGER,
     signal INTEGER,
     total_us INTEGER NOT NULL,
     run_us INTEGER,
     cpu_us INTEGER,
     memory_peak_bytes INTEGER,
     pid INTEGER,
     is_switched INTEGER NOT NULL,
     detail TEXT NOT NULL
   ) STRICT;
   CREATE TABLE audit (
     id INTEGER PRIMARY KEY,
     at_ms INTEGER NOT NULL,
     what TEXT NOT NULL,
     about TEXT NOT NULL
   ) STRICT;`,
  'ALTER TABLE calls ADD COLUMN denials_told INTEGER NOT NULL DEFAULT 0;',
  `CREATE TABLE answers (
     key TEXT PRIMARY KEY,
     validator TEXT NOT NULL,
     verdict TEXT NOT NULL,
     kept_at_ms INTEGER NOT NULL,
     ttl_ms INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE notes (
     name TEXT PRIMARY KEY,
     text TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  `ALTER TABLE calls ADD COLUMN decision TEXT;
   ALTER TABLE calls ADD COLUMN validators TEXT;
   ALTER TABLE calls ADD COLUMN times INTEGER NOT NULL DEFAULT 1;`,
];

export type SchemaCheck =
  | { kind: 'ours'; version: number }
  /** Nothing is in it yet. */
  | { kind: 'empty' }
  | { kind: 'newer'; version: number }
  | { kind: 'foreign' };

/** Changes nothing. */
export function checkSchema(db: Database, known = MIGRATIONS.length): SchemaCheck {
  const number = (pragma: string) => db.pragma(pragma, { simple: true }) as number;
  const version = number('user_version');
  if (number('application_id') !== APPLICATION_ID) {
    const tables = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number };
    return tables.count === 0 && version === 0 ? { kind: 'empty' } : { kind: 'foreign' };
  }
  return version > known ? { kind: 'newer', version } : { kind: 'ours', version };
}

/** Takes the steps that are missing, each whole or not at all. */
export function migrate(db: Database, from: number, steps: readonly string[] = MIGRATIONS): void {
  for (const [index, step] of steps.entries()) {
    if (index < from) continue;
    db.transaction(() => {
      db.exec(step);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
}
