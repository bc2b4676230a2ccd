/** What holds where nobody says otherwise. Limits are wide on purpose: they stop a runaway, not an ordinary hook. */
import type { Config } from '../contract/config.js';
import { MIB } from '../contract/limits.js';
import { FIRST_PROFILE, PROFILE_SETTINGS, type Profile, type ProfileSettings } from '../contract/profiles.js';

const MEMORY_FLOOR_BYTES = 2048 * MIB;

/** All but the places, which are chosen once the rest is known. */
export type Settings = Omit<Config, 'homeFolder' | 'runtimeFolder' | 'stateFolder'>;

export function defaultConfig(memoryTotalBytes: number, profile: Profile = FIRST_PROFILE): Settings {
  const { parked, parkedMemoryBytes, slotsPerPool, interpreterPoolsMax, cache, validatorTasksAtOnce } =
    PROFILE_SETTINGS[profile];
  return {
    logLevel: 'info',
    profile,
    // The layers above are laid over these in place.
    parked: structuredClone(parked),
    parkedMemoryMaxBytes: parkedMemoryMaxBytes(memoryTotalBytes, parkedMemoryBytes),
    slotsPerPool,
    interpreterPoolsMax,
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
    hooks: [],
    validatorTasksAtOnce,
    cache: { ...cache },
    pluginLevel: 'restricted',
  };
}

function parkedMemoryMaxBytes(
  memoryTotalBytes: number,
  { min, max, share }: ProfileSettings['parkedMemoryBytes'],
): number {
  return Math.floor(Math.min(max, Math.max(min, memoryTotalBytes * share)));
}
