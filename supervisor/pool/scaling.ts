/** One decision of how many processes a pool keeps parked, as it is told: in words, and with all that it was made of. */
import type { Happening } from '../contract/happening.js';
import type { HostRoom } from '../contract/host-room.js';
import type { DemandFigures } from './demand.js';
import type { HeadRoom } from './head-room.js';

export interface Scaling {
  before: number;
  after: number;
  wanted: number;
  /** undefined: the pool is new. */
  wantedBefore: number | undefined;
  head: HeadRoom;
  /** As it was looked at last; undefined: not yet. */
  room: HostRoom | undefined;
}

interface Scaled {
  readonly spec: { readonly id: string };
  readonly demand: { readonly counts: { min: number; max: number }; figures(nowMs: number): DemandFigures };
  readonly cost: { readonly steadyBytes: number };
}

export function scaledHappening({ spec, demand, cost }: Scaled, scaling: Scaling, nowMs: number): Happening {
  const { before, after, wanted, head, room } = scaling;
  const { ratePerSecond, concurrency, fanOut } = demand.figures(nowMs);
  const kept = after === before ? `still parks ${after}` : `parks ${after} instead of ${before}`;
  return {
    kind: 'scaled',
    pool: spec.id,
    about: `${scaling.wantedBefore === undefined ? `parks ${after}` : kept}: ${reason(scaling, fanOut)}`,
    inputs: {
      ...{
        parkedBefore: before,
        parkedAfter: after,
        wanted,
        parkedMin: demand.counts.min,
        parkedMax: demand.counts.max,
      },
      ...{ fanOut, ratePerSecond, concurrency },
      ...{ costBytes: Math.round(cost.steadyBytes), memoryMaxBytes: Math.round(head.maxBytes) },
      spareMemoryBytes: room?.spareMemoryBytes ?? null,
      memoryPressurePercent: room?.memoryPressurePercent ?? null,
      cpuPressurePercent: room?.cpuPressurePercent ?? null,
    },
  };
}

function reason({ before, after, wanted, wantedBefore, head }: Scaling, fanOut: number): string {
  if (after < wanted) {
    if (head.isOneByOne && after > before) return 'processors are busy, one more at a time';
    return `${wanted} are wanted, ${head.why ?? 'the memory set aside is not enough for all pools'}`;
  }
  if (wantedBefore === undefined) return 'a new pool';
  if (wanted > wantedBefore) return `bursts of ${fanOut} calls`;
  if (wanted < wantedBefore) return 'no such bursts lately';
  return 'there is room for them again';
}
