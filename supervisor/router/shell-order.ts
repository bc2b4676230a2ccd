/** The order in which dash and bash give out their variables: that of their hash tables. */

/** NAME=value by name, in the order in which the shell came to know them. */
type Entries = ReadonlyMap<string, string>;

const DASH_BUCKETS = 39;
/** dash's own, so they come first in their bucket wherever the environment has them. No two share a bucket. */
const DASH_BUILT_IN = ['MAIL', 'MAILPATH', 'PATH', 'PS1', 'PS2'];

export function dashOrder(variables: Entries, assigned: Entries): string[] {
  const all = new Map<string, string>();
  for (const name of DASH_BUILT_IN) {
    const entry = variables.get(name);
    if (entry !== undefined) all.set(name, entry);
  }
  for (const [name, entry] of variables) all.set(name, entry);
  for (const [name, entry] of assigned) all.set(name, entry);
  return byBucket(all, dashHash, DASH_BUCKETS);
}

function dashHash(name: string): number {
  let hash = name.charCodeAt(0) << 4;
  for (let i = 0; i < name.length; i++) hash += name.charCodeAt(i);
  return hash;
}

const BASH_BUCKETS = 1024;
const BASH_ASSIGNMENT_BUCKETS = 4;

export function bashOrder(variables: Entries, assigned: Entries, commandPath: string): string[] {
  const inherited = new Map(variables);
  for (const name of assigned.keys()) inherited.delete(name);
  // In its place if it was inherited, else at the end.
  const last = inherited.has('_') ? [] : [`_=${commandPath}`];
  if (last.length === 0) inherited.set('_', `_=${commandPath}`);
  // A new name goes to the head of its bucket.
  const table = (names: Entries, buckets: number) => byBucket(names, bashHash, buckets, 'newestFirst');
  return [...table(assigned, BASH_ASSIGNMENT_BUCKETS), ...table(inherited, BASH_BUCKETS), ...last];
}

/** FNV-1. */
function bashHash(name: string): number {
  let hash = 2166136261;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash, 16777619) ^ name.charCodeAt(i);
  return hash >>> 0;
}

/** A counting sort: this runs on every call. */
function byBucket(
  variables: Entries,
  hash: (name: string) => number,
  buckets: number,
  within: 'oldestFirst' | 'newestFirst' = 'oldestFirst',
): string[] {
  const bucketOf = new Uint16Array(variables.size);
  const nextAt = new Uint16Array(buckets + 1);
  const entries: string[] = [];
  for (const [name, entry] of variables) {
    const bucket = hash(name) % buckets;
    bucketOf[entries.length] = bucket;
    nextAt[bucket + 1] = (nextAt[bucket + 1] as number) + 1;
    entries.push(entry);
  }
  for (let bucket = 1; bucket <= buckets; bucket++) {
    nextAt[bucket] = (nextAt[bucket] as number) + (nextAt[bucket - 1] as number);
  }
  const ordered = new Array<string>(entries.length);
  for (let i = 0; i < entries.length; i++) {
    const from = within === 'oldestFirst' ? i : entries.length - 1 - i;
    const bucket = bucketOf[from] as number;
    const to = nextAt[bucket] as number;
    nextAt[bucket] = to + 1;
    ordered[to] = entries[from] as string;
  }
  return ordered;
}
