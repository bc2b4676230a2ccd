/** Records need better-sqlite3, which some machines can neither fetch nor compile. */
import type { TestOptions } from 'vitest';
import { loadSqlite, type OpenDatabase } from '../../supervisor/store/sqlite.js';

export const sqlite = await loadSqlite();

export const withSqlite: TestOptions = {
  skip: !sqlite.ok,
  meta: { skipReason: sqlite.ok ? '' : sqlite.reason },
};

export const openDatabase: OpenDatabase = (file, options) => {
  if (!sqlite.ok) throw new Error(sqlite.reason);
  return sqlite.open(file, options);
};
