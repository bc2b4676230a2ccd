import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LogFollower, lastLines } from '../../../supervisor/cli/log-files.js';
import { isAboutPool, renderLogLine } from '../../../supervisor/cli/render/log-line.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-logs-'));
  path = join(folder, 'daemon.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const all = () => true;

describe('the newest lines', () => {
  test('come from the file before, where this one has too few', () => {
    writeFileSync(`${path}.1`, 'a\nb\n');
    writeFileSync(path, 'c\nd\n');
    expect([lastLines(path, 2, all), lastLines(path, 3, all)]).toEqual([
      ['c', 'd'],
      ['b', 'c', 'd'],
    ]);
  });

  test('are those that are wanted, however many others came later', () => {
    writeFileSync(path, 'a1\nb\nb\na2\nb\n');
    expect(lastLines(path, 2, (line) => line.startsWith('a'))).toEqual(['a1', 'a2']);
  });

  test('without a file: none', () => {
    expect(lastLines(path, 2, all)).toEqual([]);
  });
});

describe('following', () => {
  test('whole lines that come, each once', () => {
    writeFileSync(path, 'old\n');
    const follower = new LogFollower(path);
    appendFileSync(path, 'one\ntw');
    expect(follower.read()).toEqual(['one']);
    appendFileSync(path, 'o\n');
    expect(follower.read()).toEqual(['two']);
    expect(follower.read()).toEqual([]);
    follower.close();
  });

  test('a file that is renamed is read to its end, then the new one', () => {
    writeFileSync(path, '');
    const follower = new LogFollower(path);
    appendFileSync(path, 'last\n');
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'first\n');
    expect(follower.read()).toEqual(['last', 'first']);
    follower.close();
  });

  test('a file that comes later, and one that is emptied', () => {
    const follower = new LogFollower(path);
    expect(follower.read()).toEqual([]);
    writeFileSync(path, 'a long line to begin with\n');
    expect(follower.read()).toEqual(['a long line to begin with']);
    truncateSync(path);
    appendFileSync(path, 'new\n');
    expect(follower.read()).toEqual(['new']);
    follower.close();
  });
});

describe('a line for people', () => {
  const PAGE = { width: Number.POSITIVE_INFINITY, isColoured: false };
  const line = '{"level":40,"time":"2026-11-27T15:12:08.635Z","pool":"exec","delayMs":100,"why":"x y","msg":"ended"}';

  test('severity, pool, words, values', () => {
    expect(renderLogLine(line, PAGE)[0]?.slice('2026-11-27 15:12:08 '.length)).toBe(
      'warn exec: ended delayMs=100 why=x y',
    );
  });

  test('what is no line of ours stays as it is, and is about no pool', () => {
    for (const odd of ['{', 'plain words', '{"msg":"x"}', 'null']) {
      expect(renderLogLine(odd, PAGE)).toEqual([odd]);
      expect(isAboutPool(odd, '')).toBe(false);
    }
    expect([isAboutPool(line, 'ex'), isAboutPool(line, 'py')]).toEqual([true, false]);
  });
});
