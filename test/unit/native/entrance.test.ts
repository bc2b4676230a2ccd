/** Doors as they arrive: only what is one is taken, and who sends anything else is not listened to. */
import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Entrance } from '../../../supervisor/native.js';
import { findPython } from '../../lib/python.js';
import { waitFor } from '../../lib/wait.js';
import { native } from './support.js';

let theirs: number;
let entrance: Entrance;
let doors: [number, number][];
let closed: number;

beforeEach(() => {
  doors = [];
  closed = 0;
  const [ours, other] = native.entrancePair();
  theirs = other;
  entrance = native.openEntrance(
    ours,
    (door, life) => void doors.push([door, life]),
    () => void closed++,
  );
});
afterEach(() => entrance.close());

/** @param text what one message is sent by, with `s` the socket and `fds(n)` so many descriptors. */
function send(text: string): void {
  const program = `
import array, os, socket, sys
s = socket.socket(fileno=3)
def fds(count): return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [os.open('/dev/null', 0) for _ in range(count)]))]
${text}`;
  const stdio = ['ignore', 'inherit', 'inherit', theirs] as const;
  expect(spawnSync(findPython().executable, ['-I', '-c', program], { stdio: [...stdio] }).status).toBe(0);
}

test('each door comes with its two descriptors, and the end of all senders is told once', async () => {
  send("s.sendmsg([b'd'], fds(2)); s.sendmsg([b'd'], fds(2))");
  await waitFor('the doors', () => doors.length === 2 || undefined);
  expect(new Set(doors.flat()).size).toBe(4);
  for (const fd of doors.flat()) {
    expect(fstatSync(fd).rdev).toBe(fstatSync(openedNull()).rdev);
    closeSync(fd);
  }
  expect(closed).toBe(0);
  closeSync(theirs);
  await waitFor('the end', () => closed || undefined);
  await new Promise((done) => setTimeout(done, 20));
  expect(closed).toBe(1);
});

let nullFd: number | undefined;
function openedNull(): number {
  nullFd ??= openSync('/dev/null', 'r');
  return nullFd;
}

test.each([
  ['without descriptors', "s.send(b'd')"],
  ['with one', "s.sendmsg([b'd'], fds(1))"],
  ['with three', "s.sendmsg([b'd'], fds(3))"],
  ['of two bytes', "s.sendmsg([b'dd'], fds(2))"],
])('a message %s ends it, and nothing of it is kept open', async (_name, text) => {
  const before = openSync('/dev/null', 'r');
  closeSync(before);
  send(text);
  await waitFor('the end', () => closed || undefined);
  expect(doors).toEqual([]);
  const after = openSync('/dev/null', 'r');
  closeSync(after);
  expect(after).toBe(before);
  closeSync(theirs);
});

test('no event comes after close', async () => {
  entrance.close();
  closeSync(theirs);
  await new Promise((done) => setTimeout(done, 20));
  expect(closed).toBe(0);
});
