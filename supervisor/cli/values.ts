/** Words of the command line -> values, or what they should be. */
import { InvalidArgumentError } from 'commander';
import { momentOf } from './history.js';
import { intervalMsOf } from './watch.js';

/** @returns milliseconds. */
export function seconds(text: string): number {
  const intervalMs = intervalMsOf(text);
  if (intervalMs === undefined) throw new InvalidArgumentError('Seconds from 0.1 to 86400, such as 0.5 or 10.');
  return intervalMs;
}

/** @returns milliseconds since 1970. */
export function moment(text: string): number {
  const atMs = momentOf(text, Date.now());
  if (atMs === undefined) throw new InvalidArgumentError('A time such as 90s, 30m, 2h, 7d or 2026-11-27T14:00.');
  return atMs;
}

export function countOf(max: number): (text: string) => number {
  return (text) => {
    const count = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
    if (count <= max) return count;
    throw new InvalidArgumentError(`A whole number from 1 to ${max}.`);
  };
}
