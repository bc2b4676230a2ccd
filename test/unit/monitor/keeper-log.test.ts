import { closeSync, mkdtempSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { openKeeperLog } from '../../../supervisor/monitor/keeper-log.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-keeper-log-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('over its bound: emptied at the next look, and what is written then stands at its start', () => {
  const path = join(folder, 'keeper.log');
  const looks: (() => void)[] = [];
  const after = (_delayMs: number, callback: () => void) => {
    looks.push(callback);
    return () => {};
  };
  const fd = openKeeperLog(path, { nowMs: () => 0, after });
  writeSync(fd, Buffer.alloc(LIMITS.logBytesMax));
  looks.shift()?.();
  expect(statSync(path).size).toBe(LIMITS.logBytesMax);
  writeSync(fd, 'one more');
  looks.shift()?.();
  expect(statSync(path).size).toBe(0);
  writeSync(fd, 'after');
  expect(statSync(path).size).toBe(5);
  expect(looks).toHaveLength(1);
  closeSync(fd);
});
