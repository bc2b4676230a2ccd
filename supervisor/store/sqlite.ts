/** The one place that loads better-sqlite3. It is compiled or fetched when the package is installed, and where that failed
 *  everything works without records. */
import type BetterSqlite3 from 'better-sqlite3';

export type Database = BetterSqlite3.Database;
export type Statement = BetterSqlite3.Statement<unknown[]>;
export type OpenDatabase = (file: string, options?: BetterSqlite3.Options) => Database;

export type Sqlite = { ok: true; open: OpenDatabase } | { ok: false; reason: string };

export const SQLITE_REMEDY =
  'run `npm rebuild better-sqlite3` in the hook-supervisor folder (needs g++, make and python3)';

export async function loadSqlite(): Promise<Sqlite> {
  try {
    const { default: Constructor } = await import('better-sqlite3');
    // The native part is loaded by the first database, not by the import.
    new Constructor(':memory:').close();
    return { ok: true, open: (file, options) => new Constructor(file, options) };
  } catch (error) {
    // Behind the cause stand the places that were looked at, or what numbers another Node has.
    const [cause = ''] = (error as Error).message.replaceAll('\n', ' ').split(/\.? Tried:| using NODE_MODULE_VERSION/);
    return { ok: false, reason: `better-sqlite3 cannot be loaded: ${cause}` };
  }
}

/** What became of a database call that threw. */
export type Trouble = 'damaged' | 'full' | 'busy' | 'io';

/** undefined: the row is at fault, or our code. */
export function troubleOf(error: unknown): Trouble | undefined {
  const { code = '' } = error as { code?: string };
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return 'damaged';
  if (code.startsWith('SQLITE_FULL')) return 'full';
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return 'busy';
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY|NOMEM|PERM|AUTH|NOLFS)/.test(code)) return 'io';
  return undefined;
}
