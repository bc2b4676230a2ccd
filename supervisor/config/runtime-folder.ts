/** The folder of the sockets. Whoever owns it can pose as the daemon towards the client, so a folder that is not exactly
 *  ours is refused and never repaired: repairing would bless what somebody else has put there. */
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { ConfigProblem } from '../contract/config.js';
import { ExitCode } from '../contract/status.js';

export type FolderState = { kind: 'ours' } | { kind: 'absent' } | { kind: 'refused'; problem: ConfigProblem };

/** Looks and changes nothing. */
export function checkRuntimeFolder(path: string, uid: number): FolderState {
  const refused = (what: string, remedy: string): FolderState => ({
    kind: 'refused',
    problem: { where: path, what, remedy },
  });
  let fd: number;
  try {
    // O_NOFOLLOW: a link would let its owner move the folder under us.
    fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { kind: 'absent' };
    if (code === 'ENOTDIR' || code === 'ELOOP') {
      return refused('is a link or not a folder', 'remove it, or set SUPERVISOR_RUNTIME_DIR to a folder of your own');
    }
    return refused(`cannot be opened (${code})`, 'set SUPERVISOR_RUNTIME_DIR to a folder of your own');
  }
  try {
    const facts = fstatSync(fd);
    if (facts.uid !== uid) {
      return refused(
        `belongs to uid ${facts.uid}, not to you (uid ${uid})`,
        'have its owner or root remove it, or set SUPERVISOR_RUNTIME_DIR to a folder of your own',
      );
    }
    const mode = facts.mode & 0o7777;
    if (mode !== 0o700) {
      return refused(
        `has mode 0${mode.toString(8)}, must be 0700`,
        `if nobody else has put anything into it, run: chmod 0700 '${path}'`,
      );
    }
    return { kind: 'ours' };
  } finally {
    closeSync(fd);
  }
}

const FULL = ['ENOSPC', 'EDQUOT'];

/** Makes the folder if there is none. `undefined`: it is there and ours. */
export function prepareRuntimeFolder(path: string, uid: number): (ConfigProblem & { exitCode: number }) | undefined {
  const made = makePrivateFolder(path);
  if (made.kind === 'failed') {
    const what = `cannot be made (${made.code})`;
    if (FULL.includes(made.code)) {
      const remedy = 'its disk has no room for another file: make some, or set SUPERVISOR_RUNTIME_DIR';
      return { where: path, what, remedy, exitCode: ExitCode.UNAVAILABLE };
    }
    const remedy = 'make the folder above it writable for you, or set SUPERVISOR_RUNTIME_DIR';
    return { where: path, what, remedy, exitCode: ExitCode.NO_PERMISSION };
  }
  const state = checkRuntimeFolder(path, uid);
  if (state.kind === 'refused') return { ...state.problem, exitCode: ExitCode.NO_PERMISSION };
  if (state.kind === 'ours') return undefined;
  return {
    ...{ where: path, what: 'was removed while it was made', remedy: 'start again' },
    exitCode: ExitCode.UNAVAILABLE,
  };
}

/** Of a client that starts a daemon (`supervisor-hook --autostart`): its lock, and the last words of what it started. */
export const STARTING_FILE = 'starting';

/** For the last one who uses it. Where a client has started a daemon, it may have made the folder, too.
 *  @param isMade it was not there before. */
export function leaveRuntimeFolder(path: string, isMade: boolean): void {
  const startingFile = join(path, STARTING_FILE);
  const hasStarted = existsSync(startingFile);
  try {
    rmSync(startingFile, { force: true });
    if (isMade || hasStarted) rmdirSync(path);
  } catch {
    // Something else lies in it (the log, where the home is read-only) or has the name of our file: it stays.
  }
}

/** Makes a folder that only we can enter, and what is missing above it. Tells one we made from one that lay there. */
export function makePrivateFolder(path: string): { kind: 'made' | 'existed' } | { kind: 'failed'; code: string } {
  try {
    makeMissing(dirname(path));
    mkdirSync(path, { mode: 0o700 });
    chmodSync(path, 0o700); // the umask may have taken our own rights
    return { kind: 'made' };
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return code === 'EEXIST' ? { kind: 'existed' } : { kind: 'failed', code };
  }
}

/** Not mkdir's own `recursive`: below /proc, where mkdir answers ENOENT under a parent that exists, Node 20 never returns
 *  from it. */
function makeMissing(path: string): void {
  if (existsSync(path)) return;
  makeMissing(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}
