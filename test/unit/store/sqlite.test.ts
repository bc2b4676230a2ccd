import { expect, test, vi } from 'vitest';
import { loadSqlite, troubleOf } from '../../../supervisor/store/sqlite.js';

const { failure } = vi.hoisted(() => ({ failure: { message: '' } }));

/** It fails when the first database is made. */
vi.mock('better-sqlite3', () => ({
  default: class {
    constructor() {
      throw new Error(failure.message);
    }
  },
}));

test.each([
  [
    'was not built',
    'Could not locate the bindings file. Tried:\n -> /p/build/better_sqlite3.node',
    'Could not locate the bindings file',
  ],
  [
    'is of another Node',
    "The module '/p/x.node'\nwas compiled against a different Node.js version using\nNODE_MODULE_VERSION 115. This",
    "The module '/p/x.node' was compiled against a different Node.js version",
  ],
])('better-sqlite3 whose native part %s: a value with the cause in one line', async (_what, message, cause) => {
  failure.message = message;
  expect(await loadSqlite()).toEqual({ ok: false, reason: `better-sqlite3 cannot be loaded: ${cause}` });
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
