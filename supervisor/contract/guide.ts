/** Numbers of the optimization guide's profiles, and what its workers come to here. */
import type { Runtime } from './call.js';
import { MIB } from './limits.js';
import type { ParkedRange } from './parked-range.js';

/** `async_orchestrator`. */
export interface GuideWorkers {
  min: number;
  max: number;
}

export const GUIDE_WORKERS = {
  latency: { min: 4, max: 16 },
  throughput: { min: 8, max: 32 },
  balanced: { min: 4, max: 16 },
  resource_constrained: { min: 1, max: 4 },
} as const satisfies Record<string, GuideWorkers>;

/** `subprocess_coordinator` of `resource_constrained`; the others have none. */
export const GUIDE_SCARCE = { poolSize: 2, memoryBytes: 50 * MIB } as const;

export interface FromGuide {
  parked: Record<Runtime, ParkedRange>;
  slotsPerPool: number;
  validatorTasksAtOnce: number;
}

/** A pool parks for bursts half as many again as the guide has workers, and has slots for twice as many: a process that runs is not
 *  one that waits. Of all validators together four tasks are out for each worker. */
export function fromGuide({ min, max }: GuideWorkers): FromGuide {
  const most = Math.ceil(max * 1.5);
  return {
    parked: {
      exec: { min: Math.min(min * 2, most), max: most },
      python: { min, max: most },
      node: { min: Math.ceil(min / 2), max: most },
    },
    slotsPerPool: max * 2,
    validatorTasksAtOnce: max * 4,
  };
}

/** Interpreters are what costs memory, so the size of the guide's pool bounds them, and not what runs any command. */
export function withinPool({ min }: Pick<ParkedRange, 'min'>, poolSize: number): ParkedRange {
  return { min: Math.min(min, poolSize), max: poolSize };
}
