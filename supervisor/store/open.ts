/** Opens the database for writing: checked, migrated, in WAL mode. */
import { closeSync, constants, openSync } from 'node:fs';
import { moveAside } from './aside.js';
import { checkSchema, MIGRATIONS, migrate } from './migrations.js';
import { type Database, type OpenDatabase, type Trouble, troubleOf } from './sqlite.js';

const PAGE_CACHE_KIB = 2048;

export type Opened =
  /** `movedAside`: where a damaged predecessor lies now. */
  | { kind: 'open'; db: Database; movedAside: string | undefined }
  /** Not before somebody has done something about it. */
  | { kind: 'unusable'; reason: string }
  | { kind: 'trouble'; trouble: Trouble; reason: string };

export function openForWriting(open: OpenDatabase, file: string, now: () => Date = () => new Date()): Opened {
  const first = tryOpen(open, file);
  if (first.kind !== 'trouble' || first.trouble !== 'damaged') return first;
  let movedAside: string;
  try {
    movedAside = moveAside(file, now());
  } catch (error) {
    return { ...first, reason: `${first.reason}, and cannot be moved aside: ${(error as Error).message}` };
  }
  const second = tryOpen(open, file);
  return second.kind === 'open' ? { ...second, movedAside } : second;
}

function tryOpen(open: OpenDatabase, file: string): Opened {
  let db: Database | undefined;
  try {
    makePrivate(file);
    db = open(file);
    const refused = prepare(db);
    if (refused === undefined) return { kind: 'open', db, movedAside: undefined };
    db.close();
    return refused;
  } catch (error) {
    db?.close();
    return { kind: 'trouble', trouble: troubleOf(error) ?? 'io', reason: (error as Error).message };
  }
}

/** Readable by us alone; SQLite gives its other files the mode of this one. */
function makePrivate(file: string): void {
  closeSync(openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600));
}

/** @returns why it cannot be used. */
function prepare(db: Database): Exclude<Opened, { kind: 'open' }> | undefined {
  const schema = checkSchema(db);
  if (schema.kind === 'newer') {
    const reason = `it was written by a newer version (schema ${schema.version}; this one knows ${MIGRATIONS.length})`;
    return { kind: 'unusable', reason };
  }
  if (schema.kind === 'foreign') return { kind: 'unusable', reason: 'it is a database of some other program' };
  db.pragma('journal_mode = WAL');
  db.pragma('journal_size_limit = 1048576');
  // Of 16 MiB by default a daemon's memory would grow for its first hundred thousand calls. Rows are written, hardly read.
  db.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
  const [found] = db.pragma('quick_check(1)') as { quick_check: string }[];
  if (found?.quick_check !== 'ok') {
    return { kind: 'trouble', trouble: 'damaged', reason: found?.quick_check ?? 'the check says nothing' };
  }
  migrate(db, schema.kind === 'empty' ? 0 : schema.version);
  return undefined;
}
