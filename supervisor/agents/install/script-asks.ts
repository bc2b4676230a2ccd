/** Whether a script that a hook runs asks for what it would not find as it is: its agent's terminal, or who started it. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { askedFor } from '../wrapping/asked-for.js';

/** A script says early what it imports; more than that is not read of what may be anything. */
const READ_MAX_BYTES = 64 * 1024;
const FILES_MAX = 16;
/** @param files absolute: what the words of the hook name. @param uid whose files are looked at. */
export function scriptAsks(files: readonly string[], uid: number): string | undefined {
  for (const file of files.slice(0, FILES_MAX)) {
    const asked = askedFor(beginningOf(file, uid));
    if (asked !== undefined) return `${asked} (${file})`;
  }
  return undefined;
}

/** '' for what is no text in a regular file of the user: every program of the system names `getppid`, and a repository may name a pipe, or a device that does something when it is read. */
function beginningOf(file: string, uid: number): string {
  let fd: number | undefined;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.uid !== uid) return '';
    const bytes = Buffer.alloc(READ_MAX_BYTES);
    const text = bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0));
    return text.includes('\0') ? '' : text;
  } catch {
    return '';
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
