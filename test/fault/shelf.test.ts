/** Answers that outlive the daemon, when it is killed and when it ends as it should. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isWhole } from '../../supervisor/cache/restored.js';
import type { KeptAnswer } from '../../supervisor/contract/caching.js';
import { openDatabase, withSqlite } from '../lib/sqlite.js';

const KILLS = 6;
const LIFE = join(import.meta.dirname, 'shelf-life.mjs');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-shelf-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** @returns what it found, and what it said at its end. */
function live(
  life: number,
  signal: NodeJS.Signals,
  lengthMs: number,
  pauseMs = 1,
): Promise<{ found: KeptAnswer[]; kept: number | undefined }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [LIFE, folder, String(life), String(pauseMs)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (bytes) => {
      if (said === '') setTimeout(() => child.kill(signal), lengthMs);
      said += bytes;
    });
    child.on('close', () => {
      const [found, kept] = said
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
      resolve({ found, kept });
    });
  });
}

const numbers = (answers: KeptAnswer[], life: number) =>
  answers
    .flatMap(({ key }) => (key.startsWith(`${life}:`) ? [Number(key.split(':')[1])] : []))
    .sort((one, other) => one - other);

test(`kill -9 at ${KILLS} random moments: what is found is whole, and the database sound`, {
  ...withSqlite,
  timeout: 120_000,
}, async () => {
  let total = 0;
  for (let life = 1; life <= KILLS; life++) {
    const { found } = await live(life, 'SIGKILL', 800 + Math.random() * 800);
    expect(found.filter((answer) => !isWhole(answer))).toEqual([]);
    total += found.length;
    const db = openDatabase(join(folder, 'records.db'));
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  }
  expect(total).toBeGreaterThan(KILLS);
});

test('an end as it should be: all that was kept is found, but for what was forgotten', withSqlite, async () => {
  const { kept = 0 } = await live(1, 'SIGTERM', 500, 5);
  const { found } = await live(2, 'SIGTERM', 10, 1_000);
  expect(kept).toBeGreaterThan(50);
  const expected = Array.from({ length: kept }, (_, n) => n + 1).filter((number) => number % 100 !== 0);
  expect(numbers(found, 1)).toEqual(expected);
});
