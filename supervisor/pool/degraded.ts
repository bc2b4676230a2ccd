/** What `status` says of pools that are not all they could be. */
import { STAGE_LEAF_LIMIT } from '../contract/stage.js';
import type { Degraded } from '../contract/status.js';
import type { Pool } from './pool.js';
import type { SetupFailure } from './report.js';

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

/** A limit that could not be written: its tasks run without it. Undefined for any other failure. */
export function lostLimit({ stage, errnum, subject }: SetupFailure): Degraded | undefined {
  if (stage !== STAGE_LEAF_LIMIT) return undefined;
  return {
    layer: `limit ${subject}`,
    reason: `the kernel refuses it (errno ${errnum}): tasks run without it`,
    remedy: 'correct its value in the configuration; a file that is not there (errno 2) needs a newer kernel',
  };
}

export function ringDegraded(pools: readonly Pool[]): Degraded[] {
  if (!pools.some((pool) => pool.ringMemory === 'file')) return [];
  const reason = 'memfd_create is refused here: the rings lie in unlinked files and cannot be sealed';
  return [{ layer: 'ring:seal', reason, remedy: 'allow memfd_create in the seccomp profile' }];
}
