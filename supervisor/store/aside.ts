/** A database that is damaged is moved aside, never deleted: somebody may want to rescue it. */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LIMITS } from '../contract/limits.js';

const MARK = '.damaged-';

/** @returns its new path. Only the newest few are kept, or a disk that damages each would fill. */
export function moveAside(file: string, now: Date): string {
  const aside = `${file}${MARK}${now.toISOString().replace(/[:.]/g, '-')}`;
  renameSync(file, aside);
  // Its log belongs to it; its index of the log is made anew from that.
  if (existsSync(`${file}-wal`)) renameSync(`${file}-wal`, `${aside}-wal`);
  rmSync(`${file}-shm`, { force: true });
  forgetOldest(file);
  return aside;
}

function forgetOldest(file: string): void {
  const folder = dirname(file);
  const all = readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(file)}${MARK}`) && !name.endsWith('-wal'))
    .sort();
  for (const name of all.slice(0, -LIMITS.damagedRecordsKeptMax)) {
    for (const end of ['', '-wal']) rmSync(join(folder, name + end), { force: true });
  }
}
