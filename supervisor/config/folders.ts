/** Where the daemon and its client meet, and where state is kept. The client makes the same choice of runtime folder on
 *  its own; change one and the other must follow (docs/protocol.md). */
import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ConfigProblem } from '../contract/config.js';

const NAME = 'hook-supervisor';
/** sun_path takes 108 bytes with its NUL. */
const SOCKET_PATH_MAX_BYTES = 107;
const LONGEST_SOCKET_NAME = 'control.sock';

export interface FolderSources {
  env: NodeJS.ProcessEnv;
  uid: number;
  homeFolder: string;
  /** `/run/user` and `/tmp`, apart from tests. */
  runUserFolder: string;
  temporaryFolder: string;
}

export type Chosen = { ok: true; path: string } | { ok: false; problem: ConfigProblem };

/** $SUPERVISOR_RUNTIME_DIR, $XDG_RUNTIME_DIR/hook-supervisor, /run/user/UID/hook-supervisor, /tmp/hook-supervisor-UID. */
export function chooseRuntimeFolder(sources: FolderSources): Chosen {
  const { env, uid } = sources;
  const own = env.SUPERVISOR_RUNTIME_DIR;
  if (own !== undefined && own !== '') return checked(own, 'variable SUPERVISOR_RUNTIME_DIR');
  const xdg = env.XDG_RUNTIME_DIR;
  if (xdg?.startsWith('/') && isFolderOf(xdg, uid)) return checked(join(xdg, NAME), 'variable XDG_RUNTIME_DIR');
  const runUser = join(sources.runUserFolder, String(uid));
  if (isFolderOf(runUser, uid)) return checked(join(runUser, NAME), runUser);
  return checked(join(sources.temporaryFolder, `${NAME}-${uid}`), sources.temporaryFolder);
}

function checked(path: string, where: string): Chosen {
  const refused = (what: string, remedy: string): Chosen => ({ ok: false, problem: { where, what, remedy } });
  if (!path.startsWith('/')) return refused(`"${path}" is not an absolute path`, 'give an absolute path');
  const lengthBytes = Buffer.byteLength(join(path, LONGEST_SOCKET_NAME));
  if (lengthBytes > SOCKET_PATH_MAX_BYTES) {
    return refused(
      `a socket in "${path}" would have a path of ${lengthBytes} bytes; Linux takes ${SOCKET_PATH_MAX_BYTES}`,
      'set SUPERVISOR_RUNTIME_DIR to a shorter path',
    );
  }
  return { ok: true, path };
}

function isFolderOf(path: string, uid: number): boolean {
  const facts = lookAt(path);
  return typeof facts !== 'string' && facts.isDirectory() && facts.uid === uid;
}

/** An XDG base folder: relative paths are to be ignored, says the specification. */
function xdgFolder(value: string | undefined, fallback: string): string {
  return value?.startsWith('/') ? value : fallback;
}

export function userFilePath({ env, homeFolder }: FolderSources): string {
  return join(xdgFolder(env.XDG_CONFIG_HOME, join(homeFolder, '.config')), NAME, 'config.json');
}

/** The state folder, or the runtime folder with a note where the home cannot be written. */
export function chooseStateFolder(sources: FolderSources, runtimeFolder: string): { path: string; note?: string } {
  const base = xdgFolder(sources.env.XDG_STATE_HOME, join(sources.homeFolder, '.local', 'state'));
  const path = join(base, NAME);
  if (canBeMade(path)) return { path };
  return {
    path: runtimeFolder,
    note: `${path} cannot be written: the log is kept in ${runtimeFolder} and lost at reboot`,
  };
}

/** Whether the nearest folder that exists lets us write. */
function canBeMade(path: string): boolean {
  const facts = lookAt(path);
  if (facts === 'ENOENT') return path !== dirname(path) && canBeMade(dirname(path));
  if (typeof facts === 'string' || !facts.isDirectory()) return false;
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function lookAt(path: string): Stats | string {
  try {
    return statSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown error';
  }
}
