/** What `status` says of pools that are not all they could be. */
import { STAGE_LEAF_LIMIT } from '../contract/stage.js';
import type { Degraded } from '../contract/status.js';
import type { Pool } from './pool.js';
import type { SetupFailure } from './report.js';

type Judged = Pick<Pool, 'heldBecause' | 'isUnknown'> & {
  readonly spec: Pick<Pool['spec'], 'id' | 'describes' | 'runtime'>;
  readonly life: Pick<Pool['life'], 'nextStartInMs'>;
};

export function poolsDegraded(pools: readonly Judged[]): Degraded[] {
  return pools.flatMap(({ spec, life, heldBecause, isUnknown }) => {
    const layer = `warm ${spec.describes || 'any command'} (${spec.id})`;
    if (heldBecause !== undefined)
      return [{ layer, reason: heldBecause, remedy: heldRemedy(spec, life.nextStartInMs()) }];
    if (!isUnknown) return [];
    const reason = 'it keeps its internals under other names: its hooks end as slowly as by themselves';
    return [{ layer, reason, remedy: 'none needed: the answers are the same, some milliseconds later' }];
  });
}

function heldRemedy({ runtime }: Judged['spec'], nextStartInMs: number | undefined): string {
  const when = nextStartInMs === undefined ? 'soon' : `in ${Math.ceil(nextStartInMs / 1000)} s`;
  const meanwhile = runtime === 'exec' ? 'run directly or are refused, as their policy is' : 'run through exec';
  return `none needed: its hooks ${meanwhile}, and it tries again ${when}`;
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
