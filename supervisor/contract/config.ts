/** The one frozen configuration that main.ts hands to the rooms. Built by config/ from defaults, user file, the daemon's
 *  environment and flags, in that order. */

export interface PoolLimits {
  memoryMaxBytes: number;
  swapMaxBytes: number;
  pidsMax: number;
  /** "QUOTA PERIOD" in microseconds as cpu.max takes it, or null for none. */
  cpuMax: string | null;
}

export interface Config {
  runtimeFolder: string;
  stateFolder: string;
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  /** Parked processes kept ready, per runtime. */
  parked: { exec: number; python: number; node: number };
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
  cgroup: 'auto' | 'v2' | 'none';
  /** An explicit cgroup v2 folder to work below, or null. */
  cgroupPath: string | null;
  pythonWarm: boolean;
}

export interface ConfigProblem {
  /** Where: file and key path, variable or flag. */
  where: string;
  what: string;
  remedy: string;
}
