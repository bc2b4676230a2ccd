/** Reads files that somebody else has written. */
import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';

const FILE_MAX_BYTES = 1024 * 1024;

export type UnreadText = { kind: 'absent' } | { kind: 'unreadable'; reason: string };

/** @param path a byte string. */
export function boundedText(path: string): string | undefined {
  const read = readBounded(Buffer.from(path, 'latin1'));
  return read.kind === 'text' ? read.text : undefined;
}

/** A repository may hold a link to /dev/zero or to a pipe under this name: neither may fill or stop us. */
export function readBounded(path: string | Buffer): UnreadText | { kind: 'text'; text: string } {
  let fd: number | undefined;
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return { kind: 'unreadable', reason: 'is not a regular file' };
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const bytes = Buffer.alloc(Math.min(stat.size, FILE_MAX_BYTES) + 1);
    const lengthBytes = readSync(fd, bytes);
    if (lengthBytes > FILE_MAX_BYTES) return { kind: 'unreadable', reason: 'is larger than 1 MiB' };
    return { kind: 'text', text: bytes.toString('utf8', 0, lengthBytes) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    return { kind: 'unreadable', reason: `cannot be read (${code})` };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
