/** A line of the daemon's log for people. */
import type { Page } from '../screen.js';
import { printable } from './printable.js';
import { painter } from './styles.js';
import { wrap } from './table.js';
import { clockText, dateText } from './units.js';

interface LogLine {
  level: number;
  time: string;
  msg?: string;
  pool?: string;
}

/** As pino numbers them. */
const LEVEL_WORDS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const WARN = 40;
const INDENT = '    ';

export function isAboutPool(line: string, nameBeginning: string): boolean {
  return parsed(line)?.pool?.startsWith(nameBeginning) === true;
}

/** A line that is none of ours is shown as it is. */
export function renderLogLine(line: string, { width, isColoured }: Page): string[] {
  const known = parsed(line);
  if (known === undefined) return [printable(line)];
  const { level, time, msg = '', pool, ...rest } = known;
  const atMs = Date.parse(time);
  const word = LEVEL_WORDS[level] ?? String(level);
  const values = Object.entries(rest).map(([name, value]) => `${name}=${valueText(value)}`);
  const text = [dateText(atMs), clockText(atMs), word, pool === undefined ? '' : `${pool}:`, msg, ...values];
  const [first = '', ...more] = wrap(text.filter(Boolean).join(' '), width, INDENT);
  if (level < WARN) return [first, ...more];
  return [first.replace(` ${word} `, ` ${painter(isColoured)('yellow', word)} `), ...more];
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parsed(line: string): LogLine | undefined {
  try {
    const value = JSON.parse(line) as LogLine;
    return typeof value?.level === 'number' && typeof value.time === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
