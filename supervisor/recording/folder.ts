/** Where recordings lie: a folder of their own in the state folder, for its owner alone. */
import { closeSync, constants, lstatSync, mkdirSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from '../contract/limits.js';

const NAME = 'recordings';
const OF_OURS = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z\.jsonl$/;
const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

export type OpenedFile = { ok: true; file: string; fd: number } | { ok: false; why: string };

/** @param wallMs since 1970. */
export function openRecording(stateFolder: string, wallMs: number): OpenedFile {
  const folder = join(stateFolder, NAME);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // What is written there is not for others: neither in a folder that was opened to them nor through a link, whose own mode
    // is always 0777.
    const { mode, uid } = lstatSync(folder);
    if (uid !== process.geteuid?.() || (mode & 0o077) !== 0) {
      return { ok: false, why: `${folder} is not a folder of yours with mode 0700` };
    }
    removeOldest(folder);
    const file = join(folder, `${new Date(wallMs).toISOString().replaceAll(':', '-')}.jsonl`);
    return { ok: true, file, fd: openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600) };
  } catch (error) {
    return { ok: false, why: (error as Error).message };
  }
}

export function closeRecording(fd: number): void {
  closeSync(fd);
}

/** Their names are in the order of their times. */
function removeOldest(folder: string): void {
  const names = readdirSync(folder).filter((name) => OF_OURS.test(name));
  for (const name of names.sort().slice(0, 1 - LIMITS.recordingsKeptMax)) unlinkSync(join(folder, name));
}
