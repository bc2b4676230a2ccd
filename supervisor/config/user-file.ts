/** Reads the user's file. It decides limits and, in time, rights: a file that others can write is refused, not read. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { ConfigProblem } from '../contract/config.js';

const FILE_MAX_BYTES = 1024 * 1024;
const WRITABLE_BY_OTHERS = 0o022;

export type UserFile =
  | { kind: 'values'; values: unknown }
  | { kind: 'absent' }
  | { kind: 'problem'; problem: ConfigProblem };

export function readUserFile(path: string, uid: number): UserFile {
  let fd: number;
  try {
    // O_NONBLOCK: a FIFO in place of the file must not hold the daemon up.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    return refused(path, `cannot be opened (${code})`, 'make it readable for yourself, or remove it');
  }
  try {
    return readOpened(path, fd, uid);
  } finally {
    closeSync(fd);
  }
}

/** Checks the opened file, not the path: the path may point elsewhere a moment later. */
function readOpened(path: string, fd: number, uid: number): UserFile {
  const facts = fstatSync(fd);
  if (!facts.isFile()) return refused(path, 'is not a regular file', 'put the configuration there, or remove it');
  // Root could change any file of ours anyway; some systems deploy dotfiles as root-owned links.
  if (facts.uid !== uid && facts.uid !== 0) {
    return refused(path, `belongs to uid ${facts.uid}, not to you (uid ${uid})`, `run: chown ${uid} '${path}'`);
  }
  if ((facts.mode & WRITABLE_BY_OTHERS) !== 0) {
    return refused(path, 'can be written by other users', `run: chmod go-w '${path}'`);
  }
  if (facts.size > FILE_MAX_BYTES)
    return refused(path, 'is larger than 1 MiB', 'a configuration is a few lines of JSON');
  const text = readFileSync(fd, 'utf8').replace(/^\uFEFF/, '');
  try {
    return { kind: 'values', values: JSON.parse(text) };
  } catch (error) {
    return refused(`${path}${placeInText(text, error as Error)}`, 'is not valid JSON', (error as Error).message);
  }
}

function placeInText(text: string, error: Error): string {
  const offset = /position (\d+)/.exec(error.message)?.[1];
  if (offset === undefined) return '';
  const before = text.slice(0, Number(offset)).split('\n');
  return `:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

function refused(where: string, what: string, remedy: string): UserFile {
  return { kind: 'problem', problem: { where, what, remedy } };
}
