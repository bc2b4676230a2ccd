import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { LogFile } from '../../../supervisor/monitor/log-file.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-log-'));
  path = join(folder, 'daemon.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const flushed = (log: LogFile) => new Promise<void>((done) => log.flush(done));

test('lines of one moment: all there, in order, when flushed', async () => {
  const log = new LogFile(path);
  const lines = Array.from({ length: 100 }, (_, n) => `line ${n}\n`);
  for (const line of lines) log.write(line);
  await flushed(log);
  expect(readFileSync(path, 'latin1')).toBe(lines.join(''));
});

test('full: the file becomes its predecessor, and the next line stands at the start of a new one', async () => {
  const log = new LogFile(path);
  const line = `${'x'.repeat(LIMITS.logWaitingMaxBytes / 2)}\n`;
  for (let bytes = 0; bytes < LIMITS.logBytesMax; bytes += line.length) {
    log.write(line);
    await flushed(log);
  }
  log.write('the next\n');
  await flushed(log);
  expect(readFileSync(path, 'latin1')).toBe('the next\n');
  expect(statSync(`${path}.1`).size).toBeGreaterThanOrEqual(LIMITS.logBytesMax);
});

test('faster than the disk: what waits stays within its bound', async () => {
  const log = new LogFile(path);
  const line = `${'x'.repeat(LIMITS.logWaitingMaxBytes / 4)}\n`;
  for (let n = 0; n < 16; n++) log.write(line);
  await flushed(log);
  expect(statSync(path).size).toBeLessThanOrEqual(line.length + LIMITS.logWaitingMaxBytes);
});

test('a disk that is always full: flush comes back, and lines are lost', async () => {
  symlinkSync('/dev/full', path);
  const log = new LogFile(path);
  for (let n = 0; n < 10; n++) log.write('lost\n');
  await flushed(log);
  log.write('lost too\n');
  await flushed(log);
});

test('a process that ends at once writes its last lines, and ends also where the disk is full', () => {
  const program = `
    const { LogFile } = await import(process.argv[1]);
    const log = new LogFile(process.argv[2]);
    log.write('first\\n');
    log.write('last\\n');
    process.exit(7);`;
  const module = new URL('../../../dist/monitor/log-file.js', import.meta.url).href;
  const run = (file: string) =>
    spawnSync(process.execPath, ['--input-type=module', '-e', program, module, file], { timeout: 10_000 });
  expect(run(path).status).toBe(7);
  expect(readFileSync(path, 'latin1')).toContain('last\n');
  symlinkSync('/dev/full', join(folder, 'full.log'));
  expect(run(join(folder, 'full.log')).status).toBe(7);
});
