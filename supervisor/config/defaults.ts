/** What holds where nobody says otherwise. Limits are wide on purpose: they stop a runaway, not an ordinary hook. */
import type { Config } from '../contract/config.js';
import { MIB } from '../contract/limits.js';

const MEMORY_FLOOR_BYTES = 2048 * MIB;
/** One Python and one Node with all that they park at first (80 MiB) on any machine; above, what nobody misses (3 %), and no
 *  more than a Node for the largest bursts and five other interpreters need. */
const PARKED_MEMORY_BYTES = { min: 96 * MIB, max: 512 * MIB, share: 1 / 32 };

/** All but the places, which are chosen once the rest is known. */
export type Settings = Omit<Config, 'homeFolder' | 'runtimeFolder' | 'stateFolder'>;

export function defaultConfig(memoryTotalBytes: number): Settings {
  return {
    logLevel: 'info',
    parked: { exec: { min: 8, max: 24 }, python: { min: 4, max: 24 }, node: { min: 2, max: 24 } },
    parkedMemoryMaxBytes: parkedMemoryMaxBytes(memoryTotalBytes),
    slotsPerPool: 32,
    interpreterPoolsMax: 6,
    limits: {
      memoryMaxBytes: Math.max(MEMORY_FLOOR_BYTES, Math.floor(memoryTotalBytes / 4)),
      swapMaxBytes: 0,
      pidsMax: 512,
      cpuMax: null,
      cpuBurstUs: 0,
      cpuWeight: 0,
      cpuTimeMaxMs: 0,
      memoryHighBytes: 0,
      ioMax: null,
      cpuset: null,
      totalMemoryMaxBytes: 0,
      totalPidsMax: 0,
    },
    outputMaxBytes: 64 * MIB,
    timeoutMs: 0,
    cancelGraceMs: 1000,
    outputGraceMs: 500,
    cgroup: 'auto',
    cgroupPath: null,
    pythonWarm: true,
    records: { on: true, batchRows: 50, batchDelayMs: 1000, ageMaxDays: 30, sizeMaxBytes: 32 * MIB },
    http: { on: false, port: 0, hooks: {} },
    handlers: [],
    validators: [],
    pluginLevel: 'restricted',
  };
}

function parkedMemoryMaxBytes(memoryTotalBytes: number): number {
  const { min, max, share } = PARKED_MEMORY_BYTES;
  return Math.floor(Math.min(max, Math.max(min, memoryTotalBytes * share)));
}
