import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { createFileFacts } from '../../../supervisor/router/file-facts.js';
import { LearnedShims } from '../../../supervisor/router/learned-shims.js';
import { Lookups } from '../../../supervisor/router/lookups.js';
import type { Execution, Trace } from '../../../supervisor/router/trace.js';

const folder = mkdtempSync(join(tmpdir(), 'hook-supervisor-shims-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'version');
const absent = join(folder, 'absent');

const SHIM: Execution = { path: '/shims/python3', argv: ['python3', 'x.py'], env: ['A=1'] };
const end = (name: string): Execution => ({ path: `/${name}/python3`, argv: ['x.py'], env: [name] });
let lookups: Lookups;
let traces: number;
let answers: (Execution | string | undefined)[];
let paths: string[];
let changes: number;
let shims: LearnedShims;
let nowMs = 0;

beforeEach(() => {
  rmSync(absent, { force: true });
  writeFileSync(file, 'one');
  lookups = new Lookups(createFileFacts());
  [traces, changes, answers, paths] = [0, 0, [end('one')], [file, absent, `${absent}/below`, folder]];
  const trace = async (): Promise<Trace | undefined> => {
    const answer = answers[Math.min(traces++, answers.length - 1)];
    return answer === undefined ? undefined : { end: answer, paths: new Set(paths), listings: new Set() };
  };
  const onLearned = () => {
    changes++;
  };
  shims = new LearnedShims(lookups, trace, onLearned, { nowMs: () => nowMs, after: () => () => {} }, (find) => find());
});

async function asked(shim = SHIM): Promise<Execution | string> {
  lookups.begin();
  const answer = shims.ask(shim, folder);
  await shims.settled();
  return answer;
}

test('the third call alike is known, and what it depends on are the files that the shim has asked for', async () => {
  expect(await asked()).toBe('a shim that was not called like this before');
  expect(lookups.sinceBegin.isOver, 'the first plan is for once').toBe(true);
  expect(await asked()).toBe('it is not known yet what this shim does');
  expect([traces, changes]).toEqual([2, 1]);
  expect(await asked()).toEqual(end('one'));
  expect(lookups.sinceBegin.isOver).toBe(false);
  expect([...lookups.sinceBegin.stamps.keys()], 'no more than needed').toEqual([file, absent]);
  expect(traces).toBe(2);
});

test.each([
  ['other arguments', { ...SHIM, argv: ['python3', 'y.py'] }],
  ['another environment', { ...SHIM, env: ['A=2'] }],
  ['another shim', { ...SHIM, path: '/other/python3' }],
])('a call with %s is another one', async (_name, other) => {
  for (let calls = 0; calls < 3; calls++) await asked();
  expect(await asked(other)).toBe('a shim that was not called like this before');
});

test('calls of which none is like another cost no run of the shim', async () => {
  for (let call = 0; call < 600; call++) await asked({ ...SHIM, env: [`CALL=${call}`] });
  expect(traces).toBe(0);
});

test.each([
  ['changes', () => writeFileSync(file, 'other')],
  ['goes', () => rmSync(file)],
  ['comes', () => writeFileSync(absent, '')],
])('when a file %s, the very next call is not answered from before', async (_name, change) => {
  for (let calls = 0; calls < 3; calls++) await asked();
  change();
  answers = [end('two')];
  expect(await asked()).toBe('it is not known yet what this shim does');
  expect(await asked()).toEqual(end('two'));
});

test('a shim that cannot be followed is not followed again while its files are the same', async () => {
  answers = ['it says something itself'];
  for (let calls = 0; calls < 5; calls++) await asked();
  expect(await asked()).toBe('this shim: it says something itself');
  expect(traces).toBe(2);
});

test('a shim that ends differently each time, or cannot be seen, is given up', async () => {
  for (const given of [[1, 2, 3, 4, 5, 6].map((number) => end(String(number))), [undefined]]) {
    answers = given;
    traces = 0;
    const shim = { ...SHIM, env: [String(given.length)] };
    for (let calls = 0; calls < 5; calls++) await asked(shim);
    expect(await asked(shim)).toBe('it could not be seen what this shim does');
    expect(traces).toBe(given.length > 1 ? 6 : 3);
  }
});

test('a shim that looks at very many files is left alone', async () => {
  paths = Array.from({ length: 1000 }, (_, index) => `${folder}/${index}`);
  for (let calls = 0; calls < 3; calls++) await asked();
  expect(await asked()).toBe('this shim looks at too many files');
});

test('a shim that could not be seen is looked at again after a minute, and its plan is not kept until then', async () => {
  answers = [undefined, undefined, undefined, end('one')];
  for (let calls = 0; calls < 2; calls++) await asked();
  expect(await asked()).toBe('it could not be seen what this shim does');
  expect(lookups.sinceBegin.isOver).toBe(true);
  nowMs += 59_000;
  expect(await asked()).toBe('it could not be seen what this shim does');
  nowMs += 1_000;
  expect(await asked()).toBe('it is not known yet what this shim does');
  expect(await asked()).toEqual(end('one'));
});
