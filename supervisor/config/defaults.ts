/** What holds where nobody says otherwise. Limits are wide on purpose: they stop a runaway, not an ordinary hook. */
import type { Config } from '../contract/config.js';
import { MIB } from '../contract/limits.js';

const MEMORY_FLOOR_BYTES = 2048 * MIB;

export function defaultConfig(memoryTotalBytes: number): Omit<Config, 'runtimeFolder' | 'stateFolder'> {
  return {
    logLevel: 'info',
    parked: { exec: 8, python: 8, node: 4 },
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
  };
}
