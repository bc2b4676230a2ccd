/** Words of the command line -> values, or what they should be. */
import { InvalidArgumentError } from 'commander';
import { LIMITS } from '../contract/limits.js';
import { intervalMsOf, momentOf } from './words.js';

/** @returns milliseconds. */
export function seconds(text: string): number {
  const intervalMs = intervalMsOf(text);
  if (intervalMs === undefined) throw new InvalidArgumentError('Seconds from 0.1 to 86400, such as 0.5 or 10.');
  return intervalMs;
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000 } as const;

/** @returns milliseconds. */
export function drainBudget(text: string): number {
  const [, number, unit] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
  const budgetMs = Number(number) * UNIT_MS[unit as keyof typeof UNIT_MS];
  if (budgetMs <= LIMITS.drainMaxMs) return budgetMs;
  throw new InvalidArgumentError(`A duration such as 500ms, 10s or 2m, at most ${LIMITS.drainMaxMs / 60_000}m.`);
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
