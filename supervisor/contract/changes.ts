/** What a reload changes, and when each change holds. */
import type { Config, ConfigProblem } from './config.js';

/** `calls`: for every call that comes afterwards. `pools`: the parked processes are replaced by new ones. `restart`: not
 *  before the daemon is restarted. */
export type TakesEffect = 'calls' | 'pools' | 'restart';

export interface ConfigChange {
  keyPath: string;
  /** As JSON; null: there is none. */
  from: string | null;
  to: string | null;
  takesEffect: TakesEffect;
}

/** The shape of `supervisor plan --json`. */
export interface ReloadPlan {
  schema: 'supervisor.plan/v1';
  changes: ConfigChange[];
  /** By their names in `status`. */
  poolsReplaced: string[];
  notes: string[];
}

export type Planned = { ok: true; plan: ReloadPlan } | { ok: false; problems: ConfigProblem[] };

export type Reloaded =
  | Planned
  /** The running configuration stays. */
  | { ok: false; notTaken: string };

export type Restarted =
  | { ok: true; pid: number }
  /** The daemon goes on as it was. */
  | { ok: false; why: string; remedy: string };

/** Of every key, or of the key of a group where it differs from the group's. */
export const TAKES_EFFECT: Readonly<Record<keyof Config, TakesEffect>> & Readonly<Record<string, TakesEffect>> = {
  homeFolder: 'restart',
  runtimeFolder: 'restart',
  stateFolder: 'restart',
  logLevel: 'calls',
  profile: 'calls',
  parked: 'pools',
  parkedMemoryMaxBytes: 'pools',
  slotsPerPool: 'pools',
  interpreterPoolsMax: 'pools',
  limits: 'pools',
  // Of groups that stand as long as the daemon, or of controllers that are turned on when they are made.
  'limits.ioMax': 'restart',
  'limits.cpuset': 'restart',
  'limits.totalMemoryMaxBytes': 'restart',
  'limits.totalPidsMax': 'restart',
  outputMaxBytes: 'calls',
  timeoutMs: 'calls',
  cancelGraceMs: 'calls',
  outputGraceMs: 'calls',
  cgroup: 'restart',
  cgroupPath: 'restart',
  pythonWarm: 'pools',
  records: 'restart',
  http: 'calls',
  'http.on': 'restart',
  'http.port': 'restart',
  handlers: 'calls',
  validators: 'calls',
  hooks: 'calls',
  validatorTasksAtOnce: 'calls',
  cache: 'calls',
  pluginLevel: 'calls',
};
