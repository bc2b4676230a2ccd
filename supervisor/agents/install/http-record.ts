/** The record of hooks that are asked for by HTTP, in the state folder. The daemon runs what stands there: so it is read only
 *  where nobody else can have written it. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { LIMITS } from '../../contract/limits.js';
import { type HttpRecord, recordIn, recordText } from '../http/record.js';
import { writeWhole } from './write-file.js';

const WRITABLE_BY_OTHERS = 0o022;

/** Empty where there is none, or none that is believed. */
export function readHttpRecord(path: string, uid: number): HttpRecord {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(fd);
    const isOurs = stats.isFile() && stats.uid === uid && (stats.mode & WRITABLE_BY_OTHERS) === 0;
    return isOurs && stats.size <= LIMITS.httpInstalledMaxBytes ? recordIn(readFileSync(fd, 'utf8')) : new Map();
  } catch {
    return new Map();
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Returns the error's code, or undefined when it is on the disk. */
export function writeHttpRecord(path: string, record: HttpRecord): string | undefined {
  const text = Buffer.from(recordText(record), 'utf8');
  if (text.length > LIMITS.httpInstalledMaxBytes) return 'EFBIG';
  return writeWhole(path, text.toString('latin1'), { mode: 0o600, gid: process.getegid?.() ?? -1 });
}
