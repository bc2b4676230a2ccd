/** The one frozen configuration that main.ts hands to the rooms. Built by config/ from defaults, user file, the daemon's
 *  environment and flags, in that order. */
import type { Network } from './allow-list.js';
import type { CacheSettings } from './caching.js';
import type { Level, Runtime } from './call.js';
import type { EventHookSpec } from './event-hooks.js';
import type { HttpHook } from './http.js';
import type { Need } from './isolation.js';
import type { ParkedRange } from './parked-range.js';
import type { ProfileChoice } from './profiles.js';
import type { ValidatorSpec } from './validating.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

export interface PoolLimits {
  memoryMaxBytes: number;
  swapMaxBytes: number;
  pidsMax: number;
  /** "QUOTA PERIOD" in microseconds as cpu.max takes it, or null for none. */
  cpuMax: string | null;
  /** What an idle task may save up of its quota; 0: nothing. */
  cpuBurstUs: number;
  /** Share of the CPU where it is wanted by more than there is of it, 100 being usual; 0: as the kernel has it. */
  cpuWeight: number;
  /** CPU time of a whole task; 0: no bound. */
  cpuTimeMaxMs: number;
  /** From here on a task is slowed down, long before it is ended; 0: nowhere. */
  memoryHighBytes: number;
  /** "MAJOR:MINOR KEY=VALUE..." as io.max takes it, or null for none. */
  ioMax: string | null;
  /** Processors a task may run on, "0-3,5", or null for all. */
  cpuset: string | null;
  /** All processes of the daemon's pools together; 0: no bound. */
  totalMemoryMaxBytes: number;
  totalPidsMax: number;
}

/** What holds for the hooks whose file a pattern matches. Paths are absolute, `~` is written out. */
export interface HandlerRule {
  /** A glob over the absolute path of the file that the call runs. */
  match: string;
  level: Level;
  /** undefined: what the level has by default. */
  network: Network | undefined;
  /** Folders that may be written, beside those of the level. */
  write: readonly string[];
  read: readonly string[];
  /** Names of variables that pass, beside the usual ones. */
  env: readonly string[];
  /** Refuse a call that would run without one of these. */
  require: readonly Need[];
  /** Run with the layers that the host gives, though the level needs more. */
  allowDegraded: boolean;
  /** Running such a hook a second time does no harm: it may be done once where the first run was lost. */
  idempotent: boolean;
}

export interface RecordsConfig {
  on: boolean;
  /** So many ended calls are written without waiting any longer than that. */
  batchRows: number;
  batchDelayMs: number;
  ageMaxDays: number;
  sizeMaxBytes: number;
}

export interface HttpConfig {
  on: boolean;
  /** 0: any that is free. */
  port: number;
  /** By the name that stands in their URL. */
  hooks: Readonly<Record<string, HttpHook>>;
}

export interface Config {
  homeFolder: string;
  runtimeFolder: string;
  stateFolder: string;
  logLevel: (typeof LOG_LEVELS)[number];
  /** Where the user has set nothing, it has set the rest. */
  profile: ProfileChoice;
  /** Parked processes kept ready in each pool, per runtime. */
  parked: Record<Runtime, ParkedRange>;
  /** Memory that the parked processes of all interpreters may hold together; the pool used last always keeps one. */
  parkedMemoryMaxBytes: number;
  slotsPerPool: number;
  /** Pools of warm interpreters kept at once; the least recently used goes first. */
  interpreterPoolsMax: number;
  limits: PoolLimits;
  outputMaxBytes: number;
  /** Deadline of a task whose client asks for none; 0: none. */
  timeoutMs: number;
  cancelGraceMs: number;
  outputGraceMs: number;
  cgroup: 'auto' | 'v2' | 'v1' | 'none';
  /** An explicit cgroup v2 folder to work below, or null. */
  cgroupPath: string | null;
  pythonWarm: boolean;
  records: RecordsConfig;
  http: HttpConfig;
  /** The first that matches counts. */
  handlers: readonly HandlerRule[];
  /** In the order in which their verdicts are merged. */
  validators: readonly ValidatorSpec[];
  /** Run for events beside validators, and declared behind them. */
  hooks: readonly EventHookSpec[];
  /** Tasks at workers of validators at a time, of all together. */
  validatorTasksAtOnce: number;
  /** Of validators' answers. */
  cache: CacheSettings;
  /** Level of hooks below an agent's plugin folder that no handler matches. */
  pluginLevel: Level;
}

export interface ConfigProblem {
  /** Where: file and key path, variable or flag. */
  where: string;
  what: string;
  remedy: string;
}
