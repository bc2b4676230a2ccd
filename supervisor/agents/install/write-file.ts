/** Writes a file whole or not at all: a new one beside it, on the disk, then renamed over it. */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

export interface Ownership {
  mode: number;
  gid: number;
}

export const NEW_SUFFIX = '.hook-supervisor-new';
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** @param text latin1. Returns the error's code, or undefined when the file is there. */
export function writeWhole(path: string, text: string, { mode, gid }: Ownership): string | undefined {
  const fresh = `${path}${NEW_SUFFIX}`;
  let fd: number | undefined;
  try {
    // Of an install that was killed. Made anew, and only by us: one that lies ready could be a link.
    rmSync(fresh, { force: true });
    fd = openSync(fresh, NEW_FILE, 0o600);
    writeFileSync(fd, text, 'latin1');
    fchownSync(fd, -1, gid);
    fchmodSync(fd, mode & 0o777);
    fsyncSync(fd);
    renameSync(fresh, path);
    syncFolder(dirname(path));
    return undefined;
  } catch (error) {
    if (fd !== undefined) rmSync(fresh, { force: true });
    return (error as NodeJS.ErrnoException).code ?? 'unknown error';
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Without it a rename may be lost with the machine's power. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
