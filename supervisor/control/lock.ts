/** One daemon per runtime folder: a lock on the file `lock`. */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type DaemonLock, lockText, type ProcessId, parseLock } from '../contract/daemon-lock.js';

export type LockResult = { ok: true; fd: number } | { ok: false; pid: number | undefined };

const TRIES_MAX = 20;

/** @param lock takes the lock of a descriptor without waiting: 0 or -errno.
 *  @param before daemons that may still end their hooks.
 *  @throws Error with code where the file cannot be opened. */
export function takeLock(
  folder: string,
  lock: (fd: number) => number,
  pid: number,
  before: readonly ProcessId[] = [],
): LockResult {
  const path = join(folder, 'lock');
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    if (lock(fd) !== 0) {
      const { pid: holder } = readLock(folder);
      closeSync(fd);
      return { ok: false, pid: holder };
    }
    // A daemon that ends removes the file: what we locked may no longer be what others will find.
    if (statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino) {
      ftruncateSync(fd, 0);
      writeSync(fd, lockText(pid, before), 0);
      return { ok: true, fd };
    }
    closeSync(fd);
  }
  return { ok: false, pid: undefined };
}

/** For the successor of a daemon that goes on holding its own lock until it ends: a locked file of our own takes the place of
 *  the other. At no moment is there one that somebody else could lock.
 *  @throws Error with code where that cannot be done. */
export function replaceLock(
  folder: string,
  lock: (fd: number) => number,
  pid: number,
  before: readonly ProcessId[],
): number {
  const path = join(folder, `lock.${pid}`);
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  const failed = lock(fd);
  if (failed !== 0) throw new Error(`the lock of a successor cannot be taken (${failed})`);
  writeSync(fd, lockText(pid, before), 0);
  renameSync(path, join(folder, 'lock'));
  return fd;
}

/** What the file says; nothing about whether the lock is held. */
export function readLock(folder: string): DaemonLock {
  try {
    return parseLock(readFileSync(join(folder, 'lock'), 'latin1'));
  } catch {
    return { pid: undefined, before: [] };
  }
}
