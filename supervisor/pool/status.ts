/** A pool as `status` shows it. */
import { networkEnforced } from '../contract/confinement.js';
import type { PoolPlace } from '../contract/pool-place.js';
import type { ParkingStatus, PoolState, PoolStatus } from '../contract/status.js';
import type { Pool } from './pool.js';
import { failureText } from './report.js';

/** @param enforced beside the layers of the sandbox.
 *  @param groupsAreOn whether the limits are enforced by a cgroup; without one all but memory and CPU
 *  time are only wished for, and not shown. */
export function poolStatus(
  pool: Pool,
  place: PoolPlace,
  enforced: readonly string[],
  groupsAreOn: boolean,
): PoolStatus {
  const { id, runtime, describes, limits } = pool.spec;
  return {
    id,
    ...place,
    keeperPid: pool.keeperPid ?? null,
    runtime,
    level: pool.spec.confinement?.level ?? 'contained',
    state: shownState(pool),
    parked: pool.slots.parkedCount,
    parkedMemoryBytes: pool.parkedMemoryBytes,
    parking: parkingStatus(pool),
    busy: pool.slots.busyCount,
    isDrained: pool.target.isDrained,
    parkedFloor: pool.target.floor,
    restarts: pool.life.restarts,
    why: whyText(pool),
    nextStartInMs: pool.life.nextStartInMs() ?? null,
    deaths: pool.life.deaths(),
    slow: { ...pool.slow.counts },
    limits: {
      memoryMaxBytes: limits.memoryMaxBytes,
      pidsMax: groupsAreOn ? limits.pidsMax : null,
      cpuMax: groupsAreOn ? limits.cpuMax : null,
      cpuTimeMaxMs: limits.cpuTimeMaxMs || null,
    },
    enforced: [...enforced, ...pool.slots.layers, ...networkEnforced(pool.spec.confinement)],
    egress: pool.egress === undefined ? null : { pid: pool.egress.pid, ...pool.egress.counts },
    workers: pool.workers(),
    describes,
    learned: pool.zygote.learned,
  };
}

function shownState({ state, target }: Pool): PoolState {
  return target.isLeaving && state !== 'stopping' ? 'draining' : state;
}

function whyText({ heldBecause, state, life, failure }: Pool): string {
  if (heldBecause !== undefined) return heldBecause;
  if (state === 'backoff') return `its keeper ended: ${life.deathCause}`;
  return failure === undefined ? '' : failureText(failure);
}

function parkingStatus({ demand, target, clock }: Pool): ParkingStatus {
  const nowMs = clock.nowMs();
  const { min, max } = demand.counts;
  return { share: target.share, wanted: demand.wantedAt(nowMs), min, max, ...demand.figures(nowMs) };
}
