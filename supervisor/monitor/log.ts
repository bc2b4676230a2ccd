/** The daemon's log: NDJSON by pino, in a file that is never larger than its bound and has one predecessor. */
import { renameSync, statSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import { LIMITS } from '../contract/limits.js';

export type { Logger };

/** Nothing of a call's environment, arguments or input is ever given to the log: there is nothing to mask. */
export function openLog(path: string, level: string): Logger {
  const destination = pino.destination({ dest: path, sync: false, mkdir: false, mode: 0o600 });
  let writtenBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  // An unwritable log (full disk) must not stop the daemon: hooks are answered without it.
  destination.on('error', () => {});
  destination.on('write', (bytes: number) => {
    writtenBytes += bytes;
    if (writtenBytes < LIMITS.logBytesMax) return;
    writtenBytes = 0;
    try {
      renameSync(path, `${path}.1`);
      destination.reopen();
    } catch {
      // The next write of this size tries again.
    }
  });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
