/** The state of the daemon as Prometheus reads it: text exposition format 0.0.4. */
import type { StageCounts } from '../../contract/stages.js';
import type { PoolStatus, RunningStatus } from '../../contract/status.js';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

const PREFIX = 'hook_supervisor_';

const VALIDATOR_METRICS = {
  asked: { name: 'asked', help: 'Questions to a validator.' },
  fromCache: { name: 'kept', help: 'Of them, those answered by a kept answer.' },
  denied: { name: 'denied', help: 'Answers of a validator that deny.' },
  failed: { name: 'failed', help: 'Questions to a validator that failed.' },
} as const;

export function renderMetrics({
  uptimeMs,
  calls,
  pools,
  parkedMemory,
  records,
  events,
  validators,
  degraded,
  version,
}: RunningStatus): string {
  const byName = (counts: object): Sample[] => Object.entries(counts).map(([name, count]) => [{ name }, Number(count)]);
  const ofPools = (figure: (pool: PoolStatus) => number) => oncePerPool(pools, figure);
  const ofStages = (figure: (stage: StageCounts) => number) =>
    events.stages.map((stage): Sample => [{ stage: stage.name }, figure(stage)]);
  const one = (value: number): Sample[] => [[{}, value]];
  return [
    metric('info', 'gauge', 'Version of the daemon.', [[{ version }, 1]]),
    metric('uptime_seconds', 'gauge', 'Since the start of the daemon.', one(uptimeMs / 1000)),
    metric('degraded', 'gauge', 'Layers that are wanted and cannot be had.', one(degraded.length)),
    metric('calls_total', 'counter', 'Calls taken.', one(calls.total)),
    metric('calls_switched_total', 'counter', 'Calls started without JavaScript.', one(calls.switched)),
    metric('calls_by_outcome_total', 'counter', 'Calls that ended, by outcome.', byName(calls.byOutcome)),
    metric('calls_by_path_total', 'counter', 'Calls that ended, by path.', byName(calls.byPath)),
    metric('events_total', 'counter', 'Events that are over.', one(events.total)),
    metric('events_by_decision_total', 'counter', 'Events answered, by decision.', byName(events.byDecision)),
    metric('events_by_outcome_total', 'counter', 'Events that are over, by outcome.', byName(events.byOutcome)),
    metric(
      'stage_runs_total',
      'counter',
      'Events in one part of their stages.',
      ofStages(({ runs }) => runs),
    ),
    metric(
      'stage_troubles_total',
      'counter',
      'Of them, those where it was late, failed, or too much at a time.',
      ofStages(({ late, failed, busy }) => late + failed + busy),
    ),
    ...(['asked', 'fromCache', 'denied', 'failed'] as const).map((what) =>
      metric(
        `validator_${VALIDATOR_METRICS[what].name}_total`,
        'counter',
        VALIDATOR_METRICS[what].help,
        validators.map((one): Sample => [{ validator: one.name }, one[what]]),
      ),
    ),
    metric('calls_active', 'gauge', 'Calls that run or wait.', one(calls.active)),
    metric('calls_queued', 'gauge', 'Calls that wait.', one(calls.queued)),
    metric(
      'pool_ready',
      'gauge',
      '1: the pool serves.',
      ofPools(({ state, isDrained }) => Number(state === 'ready' && !isDrained)),
    ),
    metric(
      'pool_parked',
      'gauge',
      'Processes parked.',
      ofPools(({ parked }) => parked),
    ),
    metric(
      'pool_busy',
      'gauge',
      'Processes that run a hook.',
      ofPools(({ busy }) => busy),
    ),
    metric(
      'pool_restarts_total',
      'counter',
      'Keepers that ended and were started again.',
      ofPools(({ restarts }) => restarts),
    ),
    metric(
      'pool_slow_calls_total',
      'counter',
      'Calls far slower than is usual of their handler.',
      ofPools(({ slow }) => slow.calls),
    ),
    metric(
      'pool_slow_starts_total',
      'counter',
      'Starts of parked processes far slower than is usual.',
      ofPools(({ slow }) => slow.starts),
    ),
    metric('parked_memory_bytes', 'gauge', 'Of parked interpreters.', one(parkedMemory.usedBytes)),
    metric('records_written_total', 'counter', 'Records on disk.', one(records.written)),
    metric('records_dropped_total', 'counter', 'Records that found the queue full.', one(records.dropped)),
  ].join('');
}

/** While the pools of an earlier configuration finish their calls two have one name, and a scrape with a series that comes
 *  twice is refused as a whole. */
function oncePerPool(pools: readonly PoolStatus[], figure: (pool: PoolStatus) => number): Sample[] {
  const samples = new Map<string, Sample>();
  for (const pool of pools) {
    const { id, runtime, level } = pool;
    samples.set(id, [{ pool: id, runtime, level }, figure(pool) + (samples.get(id)?.[1] ?? 0)]);
  }
  return [...samples.values()];
}

function metric(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  const full = `${PREFIX}${name}`;
  const lines = samples.map(([labels, value]) => `${full}${labelText(labels)} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join('')}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`,
  );
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
