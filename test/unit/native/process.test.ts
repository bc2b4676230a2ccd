import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SpawnRequest } from '../../../supervisor/native.js';
import { native, openFdCount, until } from './support.js';

const SIGKILL = 9;
const ENOENT = 2;
const EBADF = 9;
const EACCES = 13;
const EINVAL = 22;
const EWOULDBLOCK = 11;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-process-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function request(script: string, changes: Partial<SpawnRequest> = {}): SpawnRequest {
  return { file: '/bin/sh', argv: ['sh', '-c', script], env: [], fds: [], logFd: -1, cwd: '/', ...changes };
}

async function exitOf(pid: number): Promise<{ exitCode: number; signal: number }> {
  let exit: { exitCode: number; signal: number } | undefined;
  await until(() => {
    exit = native.reap(pid);
    return exit !== undefined;
  });
  return exit as { exitCode: number; signal: number };
}

/** Runs a shell script by spawn() and returns what it wrote to stdout and stderr. */
async function output(script: string, changes: Partial<SpawnRequest> = {}): Promise<string> {
  const file = join(folder, 'out');
  const logFd = openSync(file, 'w');
  const { pid } = native.spawn(request(script, { ...changes, logFd }));
  closeSync(logFd);
  expect(await exitOf(pid)).toEqual({ exitCode: 0, signal: 0 });
  return readFileSync(file, 'latin1');
}

test('exit status and signal are told apart', async () => {
  expect(await exitOf(native.spawn(request('exit 7')).pid)).toEqual({ exitCode: 7, signal: 0 });
  expect(await exitOf(native.spawn(request('kill -9 $$')).pid)).toEqual({ exitCode: 0, signal: SIGKILL });
});

test('a child leaves no descriptor here, while it runs and after', async () => {
  const before = openFdCount();
  const { pid } = native.spawn(request('exec sleep 60'));
  expect(openFdCount()).toBe(before);
  native.kill(pid, SIGKILL);
  await exitOf(pid);
  expect(openFdCount()).toBe(before);
});

test('a running child is not reaped, a reaped one is unknown', async () => {
  const { pid } = native.spawn(request('exec sleep 60'));
  expect(native.reap(pid)).toBeUndefined();
  expect(native.children()).toContain(pid);
  expect(native.kill(pid, SIGKILL)).toBe(0);
  expect(await exitOf(pid)).toEqual({ exitCode: 0, signal: SIGKILL });
  expect(native.reap(pid)).toEqual({ exitCode: -1, signal: 0 });
  expect(native.children()).not.toContain(pid);
});

test('the child has a session of its own and no ignored, blocked or caught signal', async () => {
  process.on('SIGUSR2', () => {}); // caught here; SIGPIPE is ignored by Node
  const cat = { file: '/bin/cat', argv: ['cat', '/proc/self/status', '/proc/self/stat'] }; // a shell would empty the mask
  const status = await output('', cat);
  for (const field of ['SigBlk', 'SigIgn', 'SigCgt']) expect(status).toMatch(new RegExp(`^${field}:\\s+0{16}$`, 'm'));
  const [pid, , , , pgrp, session, tty] = (status.trim().split('\n').pop() as string).split(' ');
  expect([pgrp, session]).not.toContain(String(process.pid));
  expect([pgrp, tty]).toEqual([session, '0']);
  expect(Number(pid)).toBeGreaterThanOrEqual(Number(session));
});

test('descriptors: stdin is /dev/null, the given ones follow from 3 in order, no other exists', async () => {
  const files = ['a', 'b', 'c'].map((name) => join(folder, name));
  const fds = files.map((file) => openSync(file, 'w')).reverse();
  const leaky = openSync('/', 'r');
  // The shell's own descriptor for looking through the folder is gone when readlink runs.
  const listing = await output('readlink /proc/$$/fd/*; true', { fds });
  for (const fd of [...fds, leaky]) closeSync(fd);
  const out = join(folder, 'out');
  expect(listing.trim().split('\n')).toEqual(['/dev/null', out, out, ...files.reverse()]);
});

test.each([['by close_range'], ['one by one where close_range is refused', 'refused']])(
  'descriptors without close-on-exec do not reach the child: closed %s',
  (_how, ...refused) => {
    const shim = join(import.meta.dirname, '../../../native-shim');
    const program = join(folder, 'spawn_leak');
    const sources = [join(import.meta.dirname, 'spawn_leak.c'), join(shim, 'lib/spawn.c')];
    execFileSync('gcc', ['-std=gnu11', '-D_GNU_SOURCE', `-I${shim}/lib`, '-o', program, ...sources]);
    const listing = execFileSync(program, refused, { encoding: 'utf8' });
    expect(listing).toMatch(/^\/dev\/null\n(pipe|socket):.*\n(pipe|socket):.*\n\/etc\n$/);
  },
);

test("descriptors that lie on each other's places are moved right", async () => {
  // Low numbers, so that source and target ranges overlap whatever this process has open.
  const names = Array.from({ length: 8 }, (_, i) => join(folder, `overlap-${i}`));
  const opened = names.map((name) => openSync(name, 'w'));
  const low = [5, 4, 3].map((fd) => ({ fd, target: readlinkSync(`/proc/self/fd/${fd}`) }));
  const fds = [...low.map(({ fd }) => fd), ...opened];
  const listing = await output('for fd in 3 4 5 6; do readlink /proc/$$/fd/$fd; done', { fds });
  for (const fd of opened) closeSync(fd);
  expect(listing.trim().split('\n')).toEqual([...low.map(({ target }) => target), names[0]]);
});

test('argv and environment bytes and working folder arrive as given', async () => {
  const script = 'printf "%s|" "$0" "$@" "$PWD"; tr "\\0" ";" < /proc/self/environ';
  const text = await output(script, {
    argv: ['sh', '-c', script, 'zero', '', '\xc3\xa4 \xff'],
    env: ['N=\xff\x01', 'E='],
    cwd: folder,
  });
  expect(text.startsWith(`zero||\xc3\xa4 \xff|${folder}|`)).toBe(true);
  expect(text).toContain('N=\xff\x01;E=;');
});

test.each([
  ['no such file', { file: '/nonexistent' }, -ENOENT],
  ['not executable', { file: '/etc/passwd' }, -EACCES],
  ['no such folder', { cwd: '/nonexistent' }, -ENOENT],
  ['closed descriptor', { fds: [9999] }, -EBADF],
  ['closed log', { logFd: 9999 }, -EBADF],
])('spawn fails: %s -> negative errno, no child, no descriptor', (_name, changes, pid) => {
  const before = openFdCount();
  expect(native.spawn(request('true', changes))).toEqual({ pid });
  expect(openFdCount()).toBe(before);
  expect(native.children()).toEqual([]);
});

test('kill never takes 0, 1 or -1, which mean others than one task', () => {
  for (const pid of [0, 1, -1]) expect(native.kill(pid, 0)).toBe(-EINVAL);
  expect(native.kill(process.pid, 0)).toBe(0);
  expect(native.kill(2 ** 22 + 1, 0)).toBe(-3);
});

test('lock: the second open file is refused until the first is closed', () => {
  const file = join(folder, 'lock');
  const first = openSync(file, 'w');
  const second = openSync(file, 'w');
  expect(native.lock(first)).toBe(0);
  expect(native.lock(second)).toBe(-EWOULDBLOCK);
  closeSync(first);
  expect(native.lock(second)).toBe(0);
  closeSync(second);
});

test('setSubreaper: orphans of a child become ours', async () => {
  expect(native.setSubreaper()).toBe(0);
  const { pid } = native.spawn(request('sleep 60 & exit 0'));
  await exitOf(pid);
  const [orphan] = native.children();
  expect(readFileSync(`/proc/${orphan}/status`, 'utf8')).toMatch(new RegExp(`^PPid:\\s+${process.pid}$`, 'm'));
  native.kill(orphan as number, SIGKILL);
  await exitOf(orphan as number);
});
