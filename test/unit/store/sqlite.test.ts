import { expect, test, vi } from 'vitest';
import { loadSqlite, troubleOf } from '../../../supervisor/store/sqlite.js';

/** As the package fails whose native part was not built: when the first database is made. */
vi.mock('better-sqlite3', () => ({
  default: class {
    constructor() {
      throw new Error('Could not locate the bindings file. Tried:\n -> /p/build/better_sqlite3.node');
    }
  },
}));

test('better-sqlite3 without its native part: a value with the cause in one line', async () => {
  expect(await loadSqlite()).toEqual({
    ok: false,
    reason: 'better-sqlite3 cannot be loaded: Could not locate the bindings file',
  });
});

test.each([
  ['SQLITE_CORRUPT_INDEX', 'damaged'],
  ['SQLITE_NOTADB', 'damaged'],
  ['SQLITE_FULL', 'full'],
  ['SQLITE_BUSY_SNAPSHOT', 'busy'],
  ['SQLITE_IOERR_WRITE', 'io'],
  ['SQLITE_CANTOPEN', 'io'],
  ['SQLITE_CONSTRAINT_NOTNULL', undefined],
  [undefined, undefined],
])('error %s is %s', (code, trouble) => {
  expect(troubleOf(Object.assign(new Error(), { code }))).toBe(trouble);
});
