import { beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../../../../supervisor/contract/limits.js';
import { ProjectFolders } from '../../../../supervisor/validating/path/project-folders.js';
import { FakeClock } from '../../../lib/fake-clock.js';
import { isPending, settled } from '../workers.js';

let clock: FakeClock;
let files: string[];
let looked: string[];
let hangs: boolean;
let folders: ProjectFolders;
beforeEach(() => {
  clock = new FakeClock();
  files = ['/home/u/.claude', '/home/u/p/.git', '/home/u/p/q/.cursor'];
  looked = [];
  hangs = false;
  folders = new ProjectFolders({
    clock,
    homes: ['/home/u'],
    exists: (path) => {
      looked.push(path);
      return hangs ? new Promise(() => {}) : Promise.resolve(files.includes(path));
    },
  });
});

test.each([
  ['/home/u/p', '/home/u/p'],
  ['/home/u/p/src/deep', '/home/u/p'],
  ['/home/u/p/q/r', '/home/u/p/q'],
  ['/home/u', ''],
  ['/home/u/other', ''],
  ['/srv/x', ''],
  ['/', ''],
  ['', ''],
  ['p', ''],
])('%s belongs to "%s": the nearest with a mark, never a home', async (cwd, project) => {
  expect(await folders.of(cwd)).toBe(project);
});

test('known for a moment; then told as it is while it is looked for anew; after a pause looked for first', async () => {
  await folders.of('/home/u/p');
  looked = [];
  clock.pass(LIMITS.projectFreshMs - 1);
  expect(folders.of('/home/u/p')).toBe('/home/u/p');
  expect(looked).toEqual([]);
  files = [];
  clock.pass(1);
  expect(folders.of('/home/u/p')).toBe('/home/u/p');
  await settled();
  expect(folders.of('/home/u/p')).toBe('');
  files = ['/home/u/p/.git'];
  clock.pass(LIMITS.projectStaleMs);
  expect(await folders.of('/home/u/p')).toBe('/home/u/p');
});

test('events of one folder share a look, and those of several look one after the other', async () => {
  hangs = true;
  void folders.of('/a/b');
  void folders.of('/a/b');
  void folders.of('/c');
  await settled();
  expect(looked).toEqual(['/a/b/.git']);
});

test('on a file system that hangs so many folders wait, and no more', async () => {
  hangs = true;
  for (let n = 0; n < LIMITS.projectLooksWaitingMax; n++) void folders.of(`/f${n}`);
  await expect(folders.of('/one-more')).rejects.toThrow('too many');
  const shared = folders.of('/f0');
  expect(await isPending(Promise.resolve(shared))).toBe(true);
});

test('of more folders than are remembered the one looked at longest ago is forgotten', async () => {
  const [first, ...others] = Array.from({ length: LIMITS.projectsKnownMax }, (_, n) => `/f${n}`);
  for (const folder of [first ?? '', ...others]) await folders.of(folder);
  clock.pass(LIMITS.projectFreshMs);
  folders.of('/f0');
  await settled();
  await folders.of('/one-more');
  expect(folders.of('/f0')).toBe('');
  expect(folders.of('/f2')).toBe('');
  expect(folders.of('/f1')).toBeInstanceOf(Promise);
});
