/** Several rewrites of one input -> one. Each gives the whole input anew; what it changes is told by the original. */
import type { Fields } from '../json/fields.js';

export interface Rewrite {
  name: string;
  updatedInput: Fields;
}

export interface Conflict {
  key: string;
  loser: string;
  winner: string;
}

/** No JSON that we take is deeper. */
const DEPTH_MAX = 200;
const GONE = Symbol('gone');

interface Change {
  name: string;
  /** `GONE` for a key that is taken away. */
  value: unknown;
}

export interface MergedRewrites {
  /** Undefined: nothing is changed. */
  input: Fields | undefined;
  conflicts: readonly Conflict[];
}

/** Key by key; of two that change one key to different values the later declared wins. */
export function mergedRewrites(original: Fields, rewrites: readonly Rewrite[]): MergedRewrites {
  // A key may be `__proto__`: kept in a map, and made a field like any other.
  const changes = new Map<string, Change>();
  const conflicts: Conflict[] = [];
  for (const { name, updatedInput } of rewrites) {
    for (const [key, value] of changesIn(original, updatedInput)) {
      const before = changes.get(key);
      if (before !== undefined && !isSame(before.value, value))
        conflicts.push({ key, loser: before.name, winner: name });
      changes.set(key, { name, value });
    }
  }
  if (changes.size === 0) return { input: undefined, conflicts };
  const merged = new Map<string, unknown>([
    ...Object.entries(original),
    ...[...changes].map(([key, { value }]): [string, unknown] => [key, value]),
  ]);
  return { input: Object.fromEntries([...merged].filter(([, value]) => value !== GONE)), conflicts };
}

function changesIn(original: Fields, updated: Fields): [string, unknown][] {
  const before = new Map(Object.entries(original));
  const after = Object.entries(updated);
  const gone = [...before.keys()].filter((key) => !Object.hasOwn(updated, key));
  return [
    ...after.filter(([key, value]) => !before.has(key) || !isSame(before.get(key), value)),
    ...gone.map((key): [string, unknown] => [key, GONE]),
  ];
}

/** Of values as JSON has them; the order of keys does not matter. */
export function isSame(a: unknown, b: unknown, depth = 0): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || depth > DEPTH_MAX) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [ours, theirs] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    ours.length === theirs.size &&
    ours.every(([key, value]) => theirs.has(key) && isSame(value, theirs.get(key), depth + 1))
  );
}
