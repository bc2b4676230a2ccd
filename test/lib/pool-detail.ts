/** What a daemon could say of a pool that is well. */
import type { PoolDetail } from '../../supervisor/contract/pool-detail.js';
import { STATUS } from './running-status.js';

/** `about`: how this pool differs. */
export function poolDetail(
  about: Partial<Omit<PoolDetail, 'pool'>> & { pool?: Partial<PoolDetail['pool']> } = {},
): PoolDetail {
  const [exec] = STATUS.pools;
  if (exec === undefined) throw new Error('no pool to begin with');
  return {
    schema: 'supervisor.pool/v1',
    nowMs: 100_000,
    keeperPid: 4300,
    failure: null,
    happenings: [],
    tasks: [],
    ...about,
    pool: { ...exec, ...about.pool },
  };
}
