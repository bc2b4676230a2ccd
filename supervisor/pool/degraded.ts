/** What `status` says of pools that are not all they could be. */
import type { Degraded } from '../contract/status.js';
import type { Pool } from './pool.js';

type Judged = Pick<Pool, 'starts'> & { readonly spec: Pick<Pool['spec'], 'id' | 'describes'> };

export function poolsDegraded(pools: readonly Judged[]): Degraded[] {
  return pools.flatMap(({ spec, starts }) => {
    const layer = `warm ${spec.describes} (${spec.id})`;
    if (starts.unsuitable !== undefined) {
      const minutes = starts.retryAfterMs / 60_000;
      const remedy = `none needed: its hooks run through exec, and the first call after ${minutes} min tries again`;
      return [{ layer, reason: starts.unsuitable, remedy }];
    }
    if (!starts.isUnknown) return [];
    const reason = 'it keeps its internals under other names: its hooks end as slowly as by themselves';
    return [{ layer, reason, remedy: 'none needed: the answers are the same, some milliseconds later' }];
  });
}
