import { closeSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readLock, replaceLock, takeLock } from '../../../supervisor/control/lock.js';
import { loadNative } from '../../../supervisor/native.js';

const native = loadNative();
let folder: string;
let fds: number[];

const take = (pid: number) => {
  const taken = takeLock(folder, native.lock, pid);
  if (taken.ok) fds.push(taken.fd);
  return taken;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hook-supervisor-lock-'));
  fds = [];
});
afterEach(() => {
  for (const fd of fds) closeSync(fd);
  rmSync(folder, { recursive: true });
});

it('the lock of a successor: nobody else gets one, not even when the first has let go of its own', () => {
  const first = take(11);
  fds.push(replaceLock(folder, native.lock, 22, []));
  expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe('22\n');
  expect(readdirSync(folder)).toEqual(['lock']);
  expect(take(33)).toEqual({ ok: false, pid: 22 });
  if (first.ok) closeSync(first.fd);
  fds.shift();
  expect(take(33)).toEqual({ ok: false, pid: 22 });
});

it('the first takes the lock back from a successor that has died, and only from such a one', () => {
  take(11);
  const second = replaceLock(folder, native.lock, 22, []);
  expect(take(11)).toEqual({ ok: false, pid: 22 });
  closeSync(second);
  expect(take(11).ok).toBe(true);
  expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe('11\n');
});

it('the daemons before stand in it, whoever takes it; of what is not one nothing is believed', () => {
  const before = [
    { pid: 22, startTicks: '200' },
    { pid: 11, startTicks: '100' },
  ];
  take(11);
  const third = replaceLock(folder, native.lock, 33, before);
  expect(readLock(folder)).toEqual({ pid: 33, before });
  closeSync(third);
  const again = takeLock(folder, native.lock, 22, before.slice(1));
  if (again.ok) fds.push(again.fd);
  expect(readLock(folder)).toEqual({ pid: 22, before: before.slice(1) });
  writeFileSync(join(folder, 'lock'), '44\n1 100\n0 1\n-5 1\n55 soon\n66 600\n77 700\n');
  expect(readLock(folder)).toEqual({ pid: 44, before: [] });
  writeFileSync(join(folder, 'lock'), '44\n66 600\n1 100\n');
  expect(readLock(folder)).toEqual({ pid: 44, before: [{ pid: 66, startTicks: '600' }] });
});
