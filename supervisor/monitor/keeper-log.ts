/** The stderr of keepers and warm interpreters: a plain file that they write themselves, so its bound is kept from
 *  outside. Module start-up code of a user (sitecustomize) can write there without end. */
import { constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';

/** Empties the file now, and whenever it is seen to be over its bound.
 *  @returns its descriptor; throws where it cannot be opened. */
export function openKeeperLog(path: string, clock: Clock): number {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants;
  // O_APPEND: who wrote before the file was emptied goes on at its new end, not behind a hole.
  const fd = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600);
  const check = () => {
    if (fstatSync(fd).size > LIMITS.logBytesMax) ftruncateSync(fd, 0);
    clock.after(LIMITS.keeperLogCheckEveryMs, check);
  };
  check();
  return fd;
}
