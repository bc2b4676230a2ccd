/** The clock that people set may jump by hours at any moment: nothing may wait, time out or age by it. */
import { expect, test } from 'vitest';
import { projectFiles } from './files.js';

const READS = /\bDate\.now\b|\bnew Date\(\)|\bCLOCK_REALTIME|\bgettimeofday\b|\btime\(NULL\)|\btime\.time(?:_ns)?\(/;

/** Who reads it, and why it may. */
const MAY_READ: Record<string, string> = {
  'supervisor/main.ts': 'moments that are told: of the start, of happenings, of records',
  'supervisor/store/open.ts': 'the name of a database that is moved aside',
  'supervisor/store/writer.ts': 'the name of a database that is moved aside',
  'supervisor/cli/values.ts': 'moments that people name',
  'native-shim/client/autostart.c': 'the age of a file; one from the future has none',
  'workers/python/modules.py': 'what a module of the hook would have read itself',
};

const sources = ['supervisor', 'native-shim', 'workers'].flatMap((folder) => projectFiles(folder));

test('it is read only for moments that are told, each reader known', () => {
  const readers = sources.filter(({ text }) => READS.test(text)).map(({ path }) => path);
  expect(readers.sort()).toEqual(Object.keys(MAY_READ).sort());
});
