/** A second descriptor of a folder, also of one that no path leads to any more. */
import { constants, openSync } from 'node:fs';

/** Not among the constants of Node. Opened so, a folder need not be readable. */
const O_PATH = 0o10000000;

/** Undefined: there is no descriptor to be had. */
export function sameFolder(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, O_PATH | constants.O_DIRECTORY);
  } catch {
    return undefined;
  }
}
