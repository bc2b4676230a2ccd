/** The rows of `supervisor top`: shares of CPU between two looks, and the order. Pure. */
import type { MeasuredRow } from './processes.js';

export interface Sample {
  /** Of any steady clock. */
  atMs: number;
  rows: readonly MeasuredRow[];
}

export type TopRow = MeasuredRow & {
  /** Of one processor, between the two looks; null for a process that was not there before, or is gone. */
  cpuPercent: number | null;
};

export const SORT_KEYS = ['cpu', 'memory', 'age', 'name', 'pid', 'state'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** What is typed. */
const KEYS: Readonly<Record<string, SortKey>> = { c: 'cpu', m: 'memory', a: 'age', n: 'name', p: 'pid', s: 'state' };

export function sortOfKey(key: string): SortKey | undefined {
  return Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
}

export function withShares(before: Sample, now: Sample): TopRow[] {
  const earlier = new Map(before.rows.map((row) => [row.pid, row]));
  const passedMs = now.atMs - before.atMs;
  return now.rows.map((row) => ({ ...row, cpuPercent: shareOf(earlier.get(row.pid), row, passedMs) }));
}

function shareOf(before: MeasuredRow | undefined, now: MeasuredRow, passedMs: number): number | null {
  const usage = before?.usage;
  // Less than before: another process has got the number.
  if (!usage || now.usage === null || now.usage.cpuMs < usage.cpuMs || passedMs <= 0) return null;
  return (100 * (now.usage.cpuMs - usage.cpuMs)) / passedMs;
}

const ORDERS: Record<SortKey, (a: TopRow, b: TopRow) => number> = {
  cpu: (a, b) => (b.cpuPercent ?? -1) - (a.cpuPercent ?? -1),
  memory: (a, b) => (b.usage?.memoryBytes ?? -1) - (a.usage?.memoryBytes ?? -1),
  age: (a, b) => (b.usage?.ageMs ?? -1) - (a.usage?.ageMs ?? -1),
  name: (a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }),
  pid: (a, b) => a.pid - b.pid,
  state: (a, b) => a.state.localeCompare(b.state),
};

/** Largest first, names from A on; equal ones in the order that they came in. */
export function sorted(rows: readonly TopRow[], key: SortKey, isReversed: boolean): TopRow[] {
  const inOrder = [...rows].sort(ORDERS[key]);
  return isReversed ? inOrder.reverse() : inOrder;
}
