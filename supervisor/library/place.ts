/** Where the daemon listens for programs, and whether what lies there can be ours. Whoever owns the folder can pose as the daemon
 *  and would be sent events: the same checks as the client's. */
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { chooseRuntimeFolder } from '../config/folders.js';
import { checkRuntimeFolder } from '../config/runtime-folder.js';
import { LIBRARY_SOCKET } from '../contract/library.js';

export type Place = { ok: true; path: string } | { ok: false; message: string; remedy: string };

/** @param socketPath where the caller knows it. */
export function libraryPlace(socketPath?: string): Place {
  const uid = process.geteuid?.() ?? 0;
  const { env } = process;
  const sources = { env, uid, homeFolder: homedir(), runUserFolder: '/run/user', temporaryFolder: '/tmp' };
  const chosen =
    socketPath === undefined ? chooseRuntimeFolder(sources) : ({ ok: true, path: dirname(socketPath) } as const);
  if (!chosen.ok) return failed(chosen.problem);
  const state = checkRuntimeFolder(chosen.path, uid);
  if (state.kind === 'refused') return failed(state.problem);
  if (state.kind === 'absent') return failed({ where: chosen.path, what: 'is not there', remedy: START });
  return { ok: true, path: socketPath ?? join(chosen.path, LIBRARY_SOCKET) };
}

export const START = 'start the daemon: supervisor up -d';

function failed({ where, what, remedy }: { where: string; what: string; remedy: string }): Place {
  return { ok: false, message: `${where} ${what}`, remedy };
}
