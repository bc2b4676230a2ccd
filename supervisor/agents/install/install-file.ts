/** One planned file -> the file. In this order, so that a kill at any moment leaves what uninstall can take back: backup,
 *  journal, file. */
import { existsSync, rmSync } from 'node:fs';
import type { Journal } from './journal.js';
import { digestOf, readSettingsFile, reasonNotToWrite } from './read-file.js';
import { NEW_SUFFIX, writeWhole } from './write-file.js';

export const BACKUP_SUFFIX = '.before-hook-supervisor';

export interface FileChange {
  path: string;
  agent: string;
  /** Latin1, all three: as it was read, as it is without us, as it is to be. */
  before: string;
  without: string;
  after: string;
}

export type Changed = { kind: 'done' } | { kind: 'failed'; what: string; remedy: string };

export function installFile(change: FileChange, journal: Journal, uid: number): Changed {
  const { path, agent, without, after } = change;
  const checked = checkedAgain(change, uid);
  if (checked.kind === 'failed') return checked;
  const backup = `${path}${BACKUP_SUFFIX}`;
  const backedUp = writeWhole(backup, without, checked.stats);
  if (backedUp !== undefined) return failed(`its backup cannot be written (${backedUp})`);
  const digests = { withoutDigest: digestOf(without), installedDigest: digestOf(after) };
  const noted = journal.put({ path, agent, ...digests, backup });
  if (noted !== undefined) return failed(`the journal in the state folder cannot be written (${noted})`);
  const written = writeWhole(path, after, checked.stats);
  return written === undefined ? { kind: 'done' } : failed(`cannot be written (${written})`);
}

/** Nothing of ours is to be left: the file, then its backup, then the journal's line.
 *  @param keepsBackup something could not be decided. */
export function restoreFile(change: FileChange, journal: Journal, uid: number, keepsBackup: boolean): Changed {
  const { path, before, after } = change;
  const checked = checkedAgain(change, uid);
  if (checked.kind === 'failed') return checked;
  if (before !== after) {
    const written = writeWhole(path, after, checked.stats);
    if (written !== undefined) return failed(`cannot be written (${written})`);
  }
  if (keepsBackup) return { kind: 'done' };
  return forget(path, journal);
}

/** Backup, half-written file and journal's line of a file that is without us. By the names that we give: a journal that
 *  somebody has changed must not name other files for removal. */
export function forget(path: string, journal: Journal): Changed {
  for (const file of besides(path)) rmSync(file, { force: true });
  const noted = journal.remove(path);
  return noted === undefined
    ? { kind: 'done' }
    : failed(`the journal in the state folder cannot be written (${noted})`);
}

/** Something of ours is there, perhaps of an install that was killed. */
export function isRemembered(path: string, journal: Journal): boolean {
  return journal.of(path) !== undefined || besides(path).some((file) => existsSync(file));
}

function besides(path: string): string[] {
  const backup = `${path}${BACKUP_SUFFIX}`;
  return [backup, `${backup}${NEW_SUFFIX}`, `${path}${NEW_SUFFIX}`];
}

/** Another tool may have written since the plan was made and shown. */
function checkedAgain(
  { path, before }: FileChange,
  uid: number,
): { kind: 'checked'; stats: { mode: number; gid: number } } | Extract<Changed, { kind: 'failed' }> {
  const now = readSettingsFile(path);
  if (now.kind === 'refused') return failed(now.what, now.remedy);
  if (now.kind === 'absent' || now.text !== before) return failed('was changed meanwhile', 'run this again');
  const reason = reasonNotToWrite(path, now.stats, uid);
  return reason === undefined ? { kind: 'checked', stats: now.stats } : failed(reason.what, reason.remedy);
}

function failed(what: string, remedy = ''): Extract<Changed, { kind: 'failed' }> {
  return { kind: 'failed', what, remedy };
}
