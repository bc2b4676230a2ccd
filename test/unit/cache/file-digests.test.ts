/** Identities of real files. The clock that people set is the test's where it matters. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FileDigests } from '../../../supervisor/cache/file-digests.js';
import { systemClock } from '../../../supervisor/contract/clock.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { FakeClock } from '../../lib/fake-clock.js';

const { reads } = vi.hoisted(() => ({ reads: { count: 0 } }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    open: (...args: Parameters<typeof real.open>) => {
      reads.count++;
      return real.open(...args);
    },
  };
});

let folder: string;
let wallMs: number;
let files: FileDigests;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-files-'));
  wallMs = Date.now() + 60_000;
  files = new FileDigests(systemClock, () => wallMs);
  reads.count = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const digest = async (path: string) => (await files.of(path))?.digest;

test('the content counts, not the name or the time', async () => {
  const [a, b] = [write('a', 'one'), write('b', 'one')];
  const before = await files.of(a);
  expect(await digest(b)).toBe(before?.digest);
  utimesSync(a, 1, 1);
  const touched = await files.of(a);
  expect(touched?.digest).toBe(before?.digest);
  expect(touched?.stamp).not.toBe(before?.stamp);
  write('a', 'two');
  expect(await digest(a)).not.toBe(before?.digest);
});

test('one that comes and goes is absent in between', async () => {
  const path = join(folder, 'a');
  expect(await digest(path)).toBe('absent');
  expect(await digest(join(write('file', ''), 'below'))).toBe('absent');
  write('a', 'absent');
  expect(await digest(path)).not.toBe('absent');
  rmSync(path);
  expect(await digest(path)).toBe('absent');
});

test('a link is what it leads to', async () => {
  const path = join(folder, 'link');
  symlinkSync(write('a', 'one'), path);
  const before = await digest(path);
  write('a', 'two');
  expect(await digest(path)).not.toBe(before);
});

test('one that has not changed for long is read once', async () => {
  const path = write('a', 'one');
  const first = await digest(path);
  expect(await digest(path)).toBe(first);
  expect(reads.count).toBe(1);
});

test('a stamp that is younger than the bound is not believed, nor one from the future', async () => {
  const path = write('a', 'one');
  const bornMs = statSync(path).ctimeMs;
  for (const ageMs of [LIMITS.fileSettledMs - 1, -5_000, LIMITS.fileSettledMs + 1, 5_000]) {
    wallMs = bornMs + ageMs;
    await digest(path);
  }
  expect(reads.count).toBe(3);
});

test('a change of the same length within one step of the clock is seen', async () => {
  wallMs = Number.NaN;
  files = new FileDigests(systemClock, Date.now);
  const seen = new Set<string | undefined>();
  for (let n = 100; n < 200; n++) seen.add(await digest(write('a', String(n))));
  expect(seen.size).toBe(100);
});

test('a change that hides by setting the time back is seen', async () => {
  const path = write('a', 'one');
  utimesSync(path, 1, 1);
  const before = await digest(path);
  write('a', 'two');
  utimesSync(path, 1, 1);
  expect(await digest(path)).not.toBe(before);
});

test('a stamp of whole seconds needs longer to be believed', async () => {
  const path = write('a', 'one');
  // Only its own clock gives a file such a change time, so the stamp is made the newer one of the two.
  const bornSeconds = Math.ceil(statSync(path).ctimeMs / 1000) + 1;
  utimesSync(path, bornSeconds, bornSeconds);
  for (const ageMs of [1_000, LIMITS.fileSettledCoarseMs - 1, LIMITS.fileSettledCoarseMs, 5_000]) {
    wallMs = bornSeconds * 1000 + ageMs;
    await digest(path);
  }
  expect(reads.count).toBe(3);
});

test('what is no regular file cannot be told, and is not opened', async () => {
  mkdirSync(join(folder, 'sub'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  for (const name of ['sub', 'pipe']) expect(await files.of(join(folder, name))).toBeUndefined();
  for (const path of ['/dev/zero', 'bad\0name']) expect(await files.of(path)).toBeUndefined();
  expect(reads.count).toBe(0);
});

test('files of the kernel, which hold more than they say, cannot be told', async () => {
  expect(await files.of('/proc/self/status')).toBeUndefined();
});

test('one beyond the bound cannot be told, and is not read', async () => {
  const path = write('a', '');
  truncateSync(path, LIMITS.declaredFileMaxBytes);
  expect(await files.of(path)).toBeDefined();
  truncateSync(path, LIMITS.declaredFileMaxBytes + 1);
  expect(await files.of(path)).toBeUndefined();
  expect(reads.count).toBe(1);
});

test('one that takes too long cannot be told, nor who waits behind it; later ones are not made to wait', async () => {
  const clock = new FakeClock();
  files = new FileDigests(clock, () => wallMs);
  const path = write('a', 'one');
  const { declaredFilesAtOnceMax, declaredFilesWaitingMax, declaredFileTimeoutMs } = LIMITS;
  const all = Array.from({ length: declaredFilesAtOnceMax + declaredFilesWaitingMax }, () => files.of(path));
  expect(await Promise.race([files.of(path), 'waits'])).toBeUndefined();
  clock.pass(declaredFileTimeoutMs);
  expect(await Promise.race([files.of(path), 'waits'])).toBeUndefined();
  expect(new Set(await Promise.all(all))).toEqual(new Set([undefined]));
  await expect.poll(() => digest(path)).toBeDefined();
  expect(clock.timers).toEqual([]);
});
