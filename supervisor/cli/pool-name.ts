/** Which pool is meant: its name, or any beginning that only one has. */
import { suggest } from '../config/suggest.js';
import type { ConfigProblem } from '../contract/config.js';

export type Meant = { ok: true; id: string } | { ok: false; problem: ConfigProblem };

export interface PoolWords {
  pool: string;
  /** Behind a slash: the number of a slot, a pid, `zygote`. */
  worker: string | undefined;
}

export function splitTarget(word: string): PoolWords {
  const at = word.indexOf('/');
  return at < 0 ? { pool: word, worker: undefined } : { pool: word.slice(0, at), worker: word.slice(at + 1) };
}

/** @param told those that do not serve have an `@` in their names, and are meant only where nothing else can be. */
export function poolMeant(word: string, told: readonly string[]): Meant {
  const ids = [...new Set(told)];
  if (ids.includes(word)) return { ok: true, id: word };
  const begins = word === '' ? [] : ids.filter((id) => id.startsWith(word));
  const serving = begins.filter((id) => !id.includes('@'));
  const [first, ...others] = serving.length > 0 ? serving : begins;
  if (first === undefined) return refused(word, 'no pool has this name', nearestText(word, ids));
  if (others.length === 0) return { ok: true, id: first };
  return refused(word, `${others.length + 1} pools begin so`, `one of: ${[first, ...others].join(', ')}`);
}

function refused(where: string, what: string, remedy: string): Meant {
  return { ok: false, problem: { where, what, remedy } };
}

function nearestText(word: string, ids: readonly string[]): string {
  if (ids.length === 0) return 'there are none yet: a pool is made by the first call that needs it';
  // A name is typed by its beginning: what stands behind is no mistake.
  const nearest =
    word === '' ? undefined : ids.find((id) => suggest(word, [id, id.slice(0, word.length)]) !== undefined);
  return `${nearest === undefined ? '' : `Did you mean ${nearest}? `}There are: ${ids.join(', ')}`;
}
