/** Is there a daemon, and does it answer? The lock says who holds the runtime folder, the socket whether it works. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkRuntimeFolder } from '../config/runtime-folder.js';
import type { ConfigProblem } from '../contract/config.js';
import { type ProcessId, parseLock } from '../contract/daemon-lock.js';
import type { RunningStatus } from '../contract/status.js';
import { ask } from '../control/client.js';

export const ANSWER_TIMEOUT_MS = 2_000;

export type DaemonState =
  | { kind: 'running'; status: RunningStatus }
  | { kind: 'stopped' }
  /** It holds the lock, or the socket, and does not answer. */
  | { kind: 'stuck'; pid: number | undefined; reason: string }
  | { kind: 'refused'; problem: ConfigProblem };

export async function daemonState(runtimeFolder: string, uid: number): Promise<DaemonState> {
  const folder = checkRuntimeFolder(runtimeFolder, uid);
  if (folder.kind === 'absent') return { kind: 'stopped' };
  if (folder.kind === 'refused') return folder;

  const socketPath = join(runtimeFolder, 'control.sock');
  const answer = await ask(socketPath, 'status', ANSWER_TIMEOUT_MS);
  const pid = lockHolder(join(runtimeFolder, 'lock'));
  switch (answer.kind) {
    case 'reply':
      if (answer.reply.ok && answer.reply.status !== undefined) return { kind: 'running', status: answer.reply.status };
      if (answer.reply.ok) return { kind: 'stuck', pid, reason: 'its answer holds no status' };
      if (answer.reply.error.code !== 'notAllowed') return { kind: 'stuck', pid, reason: answer.reply.error.message };
      return refused(socketPath, answer.reply.error.message, answer.reply.error.remedy);
    case 'absent':
      return pid === undefined ? { kind: 'stopped' } : { kind: 'stuck', pid, reason: 'it has no control socket' };
    case 'noPermission':
      return refused(socketPath, 'may not be opened', 'run the command as the user of the daemon');
    case 'unreachable':
      return { kind: 'stuck', pid, reason: answer.reason };
  }
}

function refused(where: string, what: string, remedy: string): DaemonState {
  return { kind: 'refused', problem: { where, what, remedy } };
}

/** The process that holds the lock file now. Its pid stands in the file, but a file outlives a crash and a pid is given
 *  to others: only the kernel's list of locks proves that it still holds. */
export function lockHolder(lockPath: string): number | undefined {
  try {
    const { ino } = statSync(lockPath);
    const { pid } = parseLock(readFileSync(lockPath, 'latin1'));
    const isHeld = readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .some((line) => line.includes(`:${ino} `));
    return isHeld && pid !== 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** The daemons that the last one has taken over from, as far as they still ran then. */
export function daemonsBefore(lockPath: string): ProcessId[] {
  try {
    return parseLock(readFileSync(lockPath, 'latin1')).before;
  } catch {
    return [];
  }
}
