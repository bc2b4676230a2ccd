/** What each key of the guide's `optimization` block is here, or why it is nothing. One row for each key, by the names of the guide;
 *  its first implementation had others, which are understood as well. */
import { BREAKER_DEFAULTS } from '../../contract/breaking.js';
import { LIMITS, MIB } from '../../contract/limits.js';
import { PROFILE_CHOICES, type ProfileChoice } from '../../contract/profiles.js';
import type { BatchStrategy } from '../../contract/validating.js';

/** What was found, before it is looked at together. */
export interface GuideWishes {
  profile?: ProfileChoice;
  workersMin?: number;
  workersMax?: number;
  poolSize?: number;
  memoryBytes?: number;
  cpuPercent?: number;
  recordsDelayMs?: number;
  cacheEntries?: number;
  cacheTtlMs?: number;
  batchSize?: number;
  batchWaitMs?: number;
  batchStrategy?: BatchStrategy;
}

export type Rule =
  | { kind: 'number'; into: keyof GuideWishes; min: number; max: number; times: number; isWhole: boolean }
  | { kind: 'choice'; into: keyof GuideWishes; of: ReadonlyMap<string, string> }
  /** Nothing to set while it has this value; else it has no counterpart. */
  | { kind: 'fixed'; value: unknown; why: string; otherwise: string }
  | { kind: 'none'; why: string };

const DAY_S = 86_400;

const whole = (into: keyof GuideWishes, min: number, max: number, times = 1): Rule => ({
  ...{ kind: 'number', into, min, max, times, isWhole: true },
});
const number = (into: keyof GuideWishes, min: number, max: number, times: number): Rule => ({
  ...{ kind: 'number', into, min, max, times, isWhole: false },
});
const fixed = (value: unknown, why: string, otherwise: string): Rule => ({ kind: 'fixed', value, why, otherwise });
const none = (why: string): Rule => ({ kind: 'none', why });
const breaker = (value: number, what: string): Rule =>
  fixed(value, 'it is so', `breakers of validators are fixed: ${value} ${what}`);

const ALWAYS_ON = fixed(true, 'it is always on', 'it cannot be turned off by itself');
const BY_ITSELF = none('pools follow calls, memory and processors by themselves (supervisor status, `parking`)');
const COUNTED = none(
  'figures are counted as they come (supervisor metrics), and records written in batches of their own (`records`)',
);
const NO_ANOMALIES = none('slow hooks and starts are told in any case (supervisor events); nothing else is looked for');

export const GUIDE_KEYS: Readonly<Record<string, Rule>> = {
  enabled: fixed(true, 'it is on while the daemon runs', 'supervisor uninstall turns it off'),
  profile: { kind: 'choice', into: 'profile', of: new Map(PROFILE_CHOICES.map((name) => [name, name])) },

  'async_orchestrator.enabled': ALWAYS_ON,
  'async_orchestrator.min_workers': whole('workersMin', 0, LIMITS.slotsPerPoolMax / 2),
  'async_orchestrator.max_workers': whole('workersMax', 1, LIMITS.slotsPerPoolMax / 2),
  'async_orchestrator.enable_shared_memory': fixed(
    true,
    'calls always go through shared memory',
    'calls always go through shared memory, but for validators of runtime exec',
  ),
  'async_orchestrator.scale_up_threshold': BY_ITSELF,
  'async_orchestrator.scale_down_threshold': BY_ITSELF,

  'subprocess_coordinator.enabled': ALWAYS_ON,
  'subprocess_coordinator.pool_size': whole('poolSize', 1, LIMITS.slotsPerPoolMax),
  'subprocess_coordinator.memory_limit_mb': whole('memoryBytes', 1, 1024 * 1024, MIB),
  'subprocess_coordinator.cpu_limit_percent': whole('cpuPercent', 1, 10_000),
  'subprocess_coordinator.enable_cgroups': fixed(
    true,
    'they are used where they can be had',
    'limits would be looser without them; who wants that sets `cgroup` to "none"',
  ),
  'subprocess_coordinator.shared_memory_size': none('the rings of calls have a size that is fixed'),

  'intelligent_batcher.enabled': none('a validator takes batches where it has `batch`'),
  'intelligent_batcher.max_batch_size': whole('batchSize', 1, LIMITS.batchMaxEvents),
  'intelligent_batcher.min_batch_size': none('a batch has no least size: it leaves when it is due'),
  'intelligent_batcher.max_wait_time_ms': whole('batchWaitMs', 0, 1_000),
  'intelligent_batcher.strategy': {
    ...{ kind: 'choice', into: 'batchStrategy' },
    of: new Map(
      Object.entries({
        ...{ adaptive: 'adaptive', affinity: 'affinity', time: 'time', time_based: 'time' },
        ...{ size: 'size', size_based: 'size', deadline: 'deadline', deadline_aware: 'deadline' },
      }),
    ),
  },
  'intelligent_batcher.enable_affinity': fixed(
    false,
    'it is so unless the strategy is affinity',
    'affinity is a strategy of its own: set `batch.strategy` to "affinity"',
  ),

  'cache.ttl_seconds': number('cacheTtlMs', 0.001, DAY_S, 1_000),
  'cache.max_size': whole('cacheEntries', 0, LIMITS.cacheEntriesMax),
  'cache.metrics_write_interval': number('recordsDelayMs', 0.01, 60, 1_000),

  'circuit_breaker.enabled': ALWAYS_ON,
  'circuit_breaker.failure_threshold': breaker(BREAKER_DEFAULTS.failuresToOpen, 'failures open one'),
  'circuit_breaker.recovery_timeout': breaker(BREAKER_DEFAULTS.openMs / 1_000, 's until it is tried again'),
  'circuit_breaker.success_threshold': breaker(BREAKER_DEFAULTS.successesToClose, 'successes close it'),
  'circuit_breaker.half_open_max_calls': breaker(BREAKER_DEFAULTS.trialsMax, 'trials at a time'),

  'performance_monitor.enable_tracing': none('there are no traces; supervisor-hook --explain tells one call'),
  'performance_monitor.metrics_interval_ms': COUNTED,
  'performance_monitor.export_interval': COUNTED,
  'performance_monitor.anomaly_detection': NO_ANOMALIES,
  'performance_monitor.resource_monitoring': COUNTED,

  'adaptive_optimization.enabled': none('profile "adaptive" is what follows the load'),
  'adaptive_optimization.optimization_interval': none('profile "adaptive" looks every five seconds'),
  'adaptive_optimization.performance_threshold': none('the thresholds of profile "adaptive" are fixed'),
};

const SECTIONS: Readonly<Record<string, string>> = {
  async_orchestration: 'async_orchestrator',
  subprocess_coordination: 'subprocess_coordinator',
  intelligent_batching: 'intelligent_batcher',
  performance_monitoring: 'performance_monitor',
  circuit_breakers: 'circuit_breaker',
  caching: 'cache',
};
const NAMES: Readonly<Record<string, string>> = {
  batch_timeout_ms: 'max_wait_time_ms',
  validator_cache_ttl: 'ttl_seconds',
  validator_cache_size: 'max_size',
};

/** Undefined: neither the guide nor its first implementation has it. */
export function ruleOf(key: string): Rule | undefined {
  const [section = '', name] = key.split('.', 2);
  const own = name === undefined ? key : `${SECTIONS[section] ?? section}.${NAMES[name] ?? name}`;
  return Object.hasOwn(GUIDE_KEYS, own) ? GUIDE_KEYS[own] : undefined;
}
