/** The record of hooks that are asked for by HTTP, in the state folder. The daemon runs what stands there: so it is read only
 *  where nobody else can have written it. */
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { LIMITS } from '../../contract/limits.js';
import { type HttpRecord, onlyUses, recordIn, recordText, withUses } from '../http/record.js';
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

/** As install and uninstall change it. Each answers with the error's code, or undefined when it is on the disk. */
export class HttpRecordFile {
  #record: HttpRecord;

  constructor(
    private readonly path: string,
    uid: number,
  ) {
    this.#record = readHttpRecord(path, uid);
  }

  get record(): HttpRecord {
    return this.#record;
  }

  /** Before the settings name them. */
  add(added: HttpRecord): string | undefined {
    return added.size === 0 ? undefined : this.#write(withUses(this.#record, added));
  }

  /** Once the settings at `settingsPath` name these and no others. */
  keepOnly(settingsPath: string, kept: HttpRecord): string | undefined {
    const next = onlyUses(this.#record, settingsPath, kept);
    return recordText(next) === recordText(this.#record) ? undefined : this.#write(next);
  }

  #write(next: HttpRecord): string | undefined {
    const text = Buffer.from(recordText(next), 'utf8');
    if (text.length > LIMITS.httpInstalledMaxBytes) return 'EFBIG';
    const failed = next.size === 0 ? removed(this.path) : written(this.path, text);
    if (failed === undefined) this.#record = next;
    return failed;
  }
}

function written(path: string, text: Buffer): string | undefined {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown error';
  }
  return writeWhole(path, text.toString('latin1'), { mode: 0o600, gid: process.getegid?.() ?? -1 });
}

function removed(path: string): undefined {
  rmSync(path, { force: true });
}
