/** Whether a SIGHUP may be that of a terminal that has gone. */
import { closeSync, openSync } from 'node:fs';

export function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false; // ENXIO: none controls this process
  }
}
