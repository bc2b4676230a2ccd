// What scheduling a validator's task costs: `node test/bench/scheduler.mjs` sends tasks that do nothing through queue and credits,
// with none, 100 and 10,000 others waiting, sends a critical one behind 10,000 of low priority, and batches, and an event through
// its stages. `--rounds` says how often each is done. Prints tables; a missed goal is printed, and is no failure.
import { parseArgs } from 'node:util';
import { systemClock } from '../../dist/contract/clock.js';
import { Batcher } from '../../dist/scheduler/batcher.js';
import { Pipeline } from '../../dist/scheduler/pipeline.js';
import { READY_QUEUE_RULES } from '../../dist/scheduler/ready-queue.js';
import { TaskScheduler } from '../../dist/scheduler/task-scheduler.js';
import { median, quantile } from './statistics.mjs';

const GOAL_US = 20;
const WAITING = [0, 100, 10_000];
const VALIDATORS = ['safety', 'paths', 'secrets', 'heavy'];
const SESSIONS = 16;
const RULES = { ...READY_QUEUE_RULES, totalMax: 64, keptForCritical: 1 };

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '100000' } } });
const rounds = Number(values.rounds);
let count = 0;

say(
  '| a task that does nothing, submitted, started and ended | us of processor each | p50 | p99 | goal |\n|---|---|---|---|---|',
);
for (const waiting of WAITING) say(throughRow(waiting));
say('\n| a critical task behind 10,000 low ones | started next | us, p50 | p99 |\n|---|---|---|---|');
for (const agedMs of [0, 10 * READY_QUEUE_RULES.risesEveryMs]) say(criticalRow(agedMs));
say('\n| a task in a batch: gathered, handed out, ended | us of processor each |\n|---|---|');
for (const size of [1, 10, 100]) say(batchRow(size));
say('\n| an event through the four stages, with a verdict that is there at once | us of processor each |\n|---|---|');
for (const passes of [false, true]) say(await stagesRow(passes));

/** @param passes false: the verdict alone, for comparison. */
async function stagesRow(passes) {
  const verdict = async () => undefined;
  const part = { atOnceMax: rounds, timeoutMs: 1_000, isWanted: () => true };
  const now = (name) => ({ ...part, name, run: () => undefined });
  const stage = (name, ...parts) => ({ name, parts, isOptional: false, isAlways: false });
  const stages = [
    stage('parse', { ...now('event'), isWanted: () => false }),
    stage('enrich', now('project'), now('session')),
    stage('validate', { ...part, name: 'verdict', run: verdict }),
    stage('record', now('record')),
  ];
  const pipeline = new Pipeline(stages, { clock: systemClock, runsMax: rounds, soon: setImmediate, troubled() {} });
  const once = passes ? () => pipeline.run({}) : verdict;
  for (let n = 0; n < rounds / 10; n++) await once();
  const before = process.cpuUsage();
  for (let n = 0; n < rounds; n++) await once();
  const { user, system } = process.cpuUsage(before);
  return `| ${passes ? 'all stages' : 'the verdict alone'} | ${figures([(user + system) / rounds])} |`;
}

/** The others wait all the time: each that starts is followed by one like it. */
function throughRow(waiting) {
  const scheduler = schedulerWith(waiting, 'normal');
  const once = () => {
    scheduler.submit(task('normal', 0), 0);
    const { task: started } = scheduler.next(0);
    scheduler.ended(started);
  };
  for (let n = 0; n < rounds / 10; n++) once();
  const eachUs = processorUs(() => {
    for (let n = 0; n < rounds; n++) once();
  }, rounds);
  const took = Array.from({ length: rounds / 10 }, () => {
    const onceAtMs = performance.now();
    once();
    return (performance.now() - onceAtMs) * 1_000;
  });
  const goal = eachUs <= GOAL_US ? 'met' : '**missed**';
  return `| ${waiting} others wait | ${figures([eachUs, median(took), quantile(took, 0.99)])} | ≤ ${GOAL_US} us ${goal} |`;
}

/** Each by itself: of many in a row, one in a few would let pass what is overdue. */
function criticalRow(agedMs) {
  const scheduler = schedulerWith(10_000, 'low');
  const times = rounds / 10;
  const took = [];
  let next = 0;
  for (let n = 0; n < times; n++) {
    scheduler.submit(task('low', 0), agedMs);
    scheduler.ended(scheduler.next(agedMs).task);
    const critical = task('critical', agedMs);
    const startedAtMs = performance.now();
    scheduler.submit(critical, agedMs);
    const { task: started } = scheduler.next(agedMs);
    scheduler.ended(started);
    took.push((performance.now() - startedAtMs) * 1_000);
    if (started === critical) next++;
  }
  const name = agedMs === 0 ? 'that have just come' : `that have waited for ${agedMs / 1_000} s`;
  return `| ${name} | ${next} of ${times} times | ${figures([median(took), quantile(took, 0.99)])} |`;
}

function batchRow(size) {
  const batcher = new Batcher({ strategy: 'size', maxBatchSize: size, maxWaitMs: 50, workers: 1, targetMs: 50 });
  const batches = Math.ceil(rounds / size);
  const eachUs = processorUs(() => {
    for (let n = 0; n < batches; n++) oneBatch(batcher, size);
  }, batches * size);
  return `| batches of ${size} | ${figures([eachUs])} |`;
}

function oneBatch(batcher, size) {
  for (let n = 0; n < size; n++) batcher.add(task('normal', 0), 0);
  for (const batch of batcher.due(0)) batcher.ended(batch.length, 1, 0);
}

/** With the collection of garbage, and on a busy machine without what others take. */
function processorUs(run, times) {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

function schedulerWith(waiting, priority) {
  const scheduler = new TaskScheduler(RULES);
  for (const validator of VALIDATORS) scheduler.allow(validator, RULES.totalMax);
  for (let n = 0; n < waiting; n++) scheduler.submit(task(priority, 0), 0);
  return scheduler;
}

function task(priority, nowMs) {
  const n = count++;
  return {
    id: `task ${n}`,
    validator: VALIDATORS[n % VALIDATORS.length],
    priority,
    sessionId: `session ${n % SESSIONS}`,
    deadlineAtMs: nowMs + 60_000 + (n % 997),
    enqueuedAtMs: nowMs,
    affinityKey: '',
  };
}

function figures(list) {
  return list.map((value) => value.toFixed(2)).join(' | ');
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
