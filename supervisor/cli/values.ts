/** Words of the command line -> values, or what they should be. */
import { InvalidArgumentError } from 'commander';
import { LIMITS, MIB } from '../contract/limits.js';
import { intervalMsOf, momentOf } from './words.js';

/** @returns milliseconds. */
export function seconds(text: string): number {
  const intervalMs = intervalMsOf(text);
  if (intervalMs === undefined) throw new InvalidArgumentError('Seconds from 0.1 to 86400, such as 0.5 or 10.');
  return intervalMs;
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
type Unit = keyof typeof UNIT_MS;

/** @param such the examples in the message. The parser returns milliseconds. */
export function durationOf(units: readonly Unit[], maxMs: number, such: string): (text: string) => number {
  return (text) => {
    const [, number, unit] = /^(\d{1,6})(ms|s|m|h)$/.exec(text) ?? [];
    const durationMs = units.includes(unit as Unit) ? Number(number) * UNIT_MS[unit as Unit] : Number.NaN;
    if (durationMs <= maxMs) return durationMs;
    throw new InvalidArgumentError(`A duration such as ${such}.`);
  };
}

export const drainBudget = durationOf(
  ['ms', 's', 'm'],
  LIMITS.drainMaxMs,
  `500ms, 10s or 2m, at most ${LIMITS.drainMaxMs / 60_000}m`,
);

const UNIT_BYTES = { K: 1024, M: MIB, G: 1024 * MIB } as const;

const SIZE_MIN_BYTES = 64 * 1024;

/** The parser returns bytes. */
export function sizeOf(maxBytes: number): (text: string) => number {
  return (text) => {
    const [, number, unit] = /^(\d{1,7})([KMG])$/.exec(text) ?? [];
    const bytes = Number(number) * UNIT_BYTES[unit as keyof typeof UNIT_BYTES];
    if (bytes >= SIZE_MIN_BYTES && bytes <= maxBytes) return bytes;
    throw new InvalidArgumentError(`A size such as 500K or 64M, from 64K to ${maxBytes / MIB}M.`);
  };
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
