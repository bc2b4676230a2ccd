/** The daemon's log: NDJSON by pino. */
import { type Logger, pino } from 'pino';
import { LogFile } from './log-file.js';

export type { Logger };

/** Nothing of a call's environment, arguments or input is ever given to the log: there is nothing to mask. */
export function openLog(path: string, level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, new LogFile(path));
}
