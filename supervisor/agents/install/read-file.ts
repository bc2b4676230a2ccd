/** Reads a settings file for its rewriting. A repository may hold anything under its name: a pipe, a link to a file of
 *  somebody else, a file without end. None of these is read, let alone written. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';

export const FILE_MAX_BYTES = 8 * 1024 * 1024;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

export type SettingsFile =
  | { kind: 'absent' }
  | { kind: 'refused'; what: string; remedy: string }
  /** Latin1: a character for each byte. */
  | { kind: 'read'; text: string; stats: Stats };

export function readSettingsFile(path: string): SettingsFile {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const stats = fstatSync(fd);
    if (!stats.isFile()) return refused('is not a regular file');
    if (stats.size > FILE_MAX_BYTES) return refused(`is larger than ${FILE_MAX_BYTES} bytes`);
    const bytes = Buffer.alloc(stats.size + 1);
    const lengthBytes = readAll(fd, bytes);
    if (lengthBytes > stats.size) return refused('grows while it is read', 'try again');
    return { kind: 'read', text: bytes.toString('latin1', 0, lengthBytes), stats };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    if (code === 'ELOOP') {
      return refused(
        'is a symbolic link',
        'link targets are not rewritten: put the file itself there, or edit by hand',
      );
    }
    return refused(`cannot be read (${code})`);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Why it may not be written; undefined where nothing speaks against it. Who can swap the folder under us decides what
 *  we write to: so it must be a real folder of the same user. */
export function reasonNotToWrite(
  path: string,
  stats: Stats,
  uid: number,
): { what: string; remedy: string } | undefined {
  if (stats.uid !== uid) return { what: `belongs to uid ${stats.uid}, not to you (uid ${uid})`, remedy: '' };
  if (stats.nlink > 1) return { what: 'has more than one name (hard links)', remedy: 'give it one name' };
  const folder = dirname(path);
  const about = lstatSync(folder, { throwIfNoEntry: false });
  if (about === undefined || !about.isDirectory()) {
    return {
      what: `lies in ${folder}, which is a symbolic link`,
      remedy: 'put the folder itself there, or edit by hand',
    };
  }
  if (about.uid !== uid) return { what: `lies in ${folder}, which belongs to uid ${about.uid}`, remedy: '' };
  if ((about.mode & WRITABLE_BY_ALL) !== 0 && (about.mode & STICKY) === 0) {
    return { what: `lies in ${folder}, which everybody can write`, remedy: `chmod o-w ${folder}` };
  }
  return undefined;
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex');
}

function readAll(fd: number, bytes: Buffer): number {
  let lengthBytes = 0;
  for (;;) {
    const count = readSync(fd, bytes, lengthBytes, bytes.length - lengthBytes, null);
    lengthBytes += count;
    if (count === 0 || lengthBytes === bytes.length) return lengthBytes;
  }
}

function refused(what: string, remedy = ''): SettingsFile {
  return { kind: 'refused', what, remedy };
}
