/** Socket activation, sd_listen_fds(3): a service manager that has bound `call.sock` itself hands it over. */

import { ExitCode } from '../contract/status.js';
import type { Native } from '../native.js';
import { StartFailure } from './start-failure.js';

const FIRST_FD = 3;

/** Takes the variables out of `env`. @returns the socket; undefined where none was handed to this process. */
export function activatedSocket(
  native: Pick<Native, 'listeningPath' | 'closeOnExec'>,
  env: NodeJS.ProcessEnv,
  pid: number,
  socketPath: string,
): number | undefined {
  const { LISTEN_FDS, LISTEN_PID } = env;
  for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']) delete env[name];
  // Variables of a process above us: its descriptors are not ours.
  if (LISTEN_FDS === undefined || Number(LISTEN_PID) !== pid) return undefined;
  const path = LISTEN_FDS === '1' ? native.listeningPath(FIRST_FD) : undefined;
  if (path !== socketPath) {
    const what = LISTEN_FDS === '1' ? (path ?? 'no unix stream socket that listens') : `${LISTEN_FDS} descriptors`;
    const remedy = `a socket unit for it has one line ListenStream=${socketPath}`;
    throw new StartFailure(ExitCode.BAD_CONFIG, `supervisor: socket activation: ${what}\n  remedy: ${remedy}`);
  }
  native.closeOnExec(FIRST_FD);
  return FIRST_FD;
}
