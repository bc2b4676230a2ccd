// How much more a validator answers in batches within the same time: `node test/bench/batching.mjs`. Events come as `offered.mjs` says, at
// a rate that is doubled until the 99th percentile passes the limit, and narrowed down then: the highest rate that stays below it is
// what counts. One by one and in batches take turns at each step, each at its own rate; a step is the median of three runs, each of
// other moments. One worker in both cases. `--limit-ms`, `--run-ms`, `--seed`, `--only`. Prints a table; nothing fails.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect } from '../../dist/library/client.js';
import { seeded } from '../storm/random.mjs';
import { findPython } from './interpreter.mjs';
import { offer } from './offered.mjs';
import { median, quantile } from './statistics.mjs';
import { ScratchSupervisor } from './supervisor.mjs';

const FIRST_RATE = 250;
const RUNS = 3;
const WARM_EVENTS = 2_000;
/** How far the highest rate that is met and the lowest that is not may lie apart. */
const NARROW = 1.1;
const RATE_MAX = 64_000;

const number = (fallback) => ({ type: 'string', default: String(fallback) });
const { values } = parseArgs({
  options: { 'limit-ms': number(10), 'run-ms': number(800), seed: number(1), only: { type: 'string' } },
});
const limitMs = Number(values['limit-ms']);
const runMs = Number(values['run-ms']);
const say = (text) => process.stdout.write(`${text}\n`);

const NODE = `const spin = (forMs) => { const untilMs = performance.now() + forMs; while (performance.now() < untilMs); };
const wait = (forMs) => new Promise((resolve) => setTimeout(resolve, forMs));`;
const inNode = (alone, together) => ({
  ending: 'mjs',
  text: `${NODE}
export default {
  async validate() { ${alone}; return {}; },
  async validateBatch(events) { ${together}; return events.map(() => ({})); },
};`,
});
const inPython = (alone, together) => ({
  ending: 'py',
  text: `import time
def validate(event, context):
    ${alone}
    return {}
def validate_batch(events, context):
    ${together}
    return [{} for _ in events]`,
});
/** What a question costs with one event, and with so many. A Python worker answers one question after the other, a Node goes on
 *  with others while it waits. */
const VALIDATORS = {
  'waits 2 ms for each question, in Python': inPython('time.sleep(0.002)', 'time.sleep(0.002)'),
  'waits 2 ms for each question, in Node': inNode('await wait(2)', 'await wait(2)'),
  'computes 2 ms for each question, 0.05 for each event, in Node': inNode(
    'spin(2.05)',
    'spin(2 + 0.05 * events.length)',
  ),
  'computes 0.3 ms for each question, 0.01 for each event, in Node': inNode(
    'spin(0.31)',
    'spin(0.3 + 0.01 * events.length)',
  ),
  'computes 0.3 ms for each event, in Node': inNode('spin(0.3)', 'spin(0.3 * events.length)'),
};
const EVENT = {
  ...{ session_id: 's', transcript_path: '/t', cwd: '/', permission_mode: 'default', tool_use_id: 't' },
  ...{ hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command: 'ls' } },
};

const supervisor = new ScratchSupervisor('batching', findPython().path);
const library = connect({ socketPath: join(supervisor.runtimeFolder, 'library.sock') });
try {
  configure();
  supervisor.up();
  say(
    `highest rate whose p99 stays below ${limitMs} ms; runs of ${runMs} ms, ${RUNS} for each step, seed ${values.seed}`,
  );
  say('\n| a validator that | one by one, events/s | p50, ms | p99 | in batches, events/s | p50, ms | p99 | more |');
  say(`|${'---|'.repeat(8)}`);
  for (const [n, title] of Object.keys(VALIDATORS).entries()) {
    if (values.only !== undefined && !values.only.split(',').includes(String(n))) continue;
    const modes = [searchOf(`one${n}`), searchOf(`batch${n}`)];
    for (const { name } of modes)
      for (let n = 0; n < WARM_EVENTS; n += 50) await Promise.all(Array.from({ length: 50 }, () => ask(name)));
    while (modes.some(({ rate }) => rate !== undefined)) await step(modes.filter(({ rate }) => rate !== undefined));
    const [one, batch] = modes.map(({ met }) => met);
    const figures = [one, batch].flatMap(({ rate, p50, p99 }) => [rate.toFixed(0), p50.toFixed(2), p99.toFixed(2)]);
    say(`| ${title} | ${figures.join(' | ')} | ${(batch.rate / one.rate).toFixed(1)}x |`);
  }
} finally {
  library.close();
  supervisor.down();
  supervisor.remove();
}

/** @returns with the rate to try next; none: it is done. */
function searchOf(name) {
  return {
    name,
    rate: FIRST_RATE,
    met: { rate: 0, p50: Number.NaN, p99: Number.NaN },
    missed: Number.POSITIVE_INFINITY,
  };
}

/** All of them in turns, at the rate of each. */
async function step(searches) {
  const runs = new Map(searches.map((search) => [search, []]));
  for (let run = 0; run < RUNS; run++)
    for (const search of searches) {
      const random = seeded(Number(values.seed) * 1000 + run);
      const { took, isWhole } = await offer({
        random,
        ratePerS: search.rate,
        forMs: runMs,
        ask: () => ask(search.name),
      });
      const p99 = isWhole ? quantile(took, 0.99) : Number.POSITIVE_INFINITY;
      runs.get(search).push({ p50: median(took), p99 });
    }
  for (const [search, all] of runs) {
    const [p50, p99] = ['p50', 'p99'].map((figure) => median(all.map((one) => one[figure])));
    if (p99 < limitMs) search.met = { rate: search.rate, p50, p99 };
    else search.missed = search.rate;
    search.rate = nextRate(search);
  }
}

function nextRate({ met, missed }) {
  if (missed === Number.POSITIVE_INFINITY) return met.rate * 2 > RATE_MAX ? undefined : met.rate * 2;
  if (met.rate === 0) return missed < FIRST_RATE / 8 ? undefined : missed / 2;
  return missed / met.rate <= NARROW ? undefined : Math.sqrt(met.rate * missed);
}

async function ask(name) {
  const outcome = await library.submit(EVENT, { validators: [name] });
  if (outcome.kind !== 'decided' || outcome.validators[0].outcome.kind !== 'answered')
    throw new Error(`no verdict: ${JSON.stringify(outcome)}`);
}

function configure() {
  const folder = join(supervisor.env.XDG_CONFIG_HOME, 'hook-supervisor');
  const code = join(supervisor.folder, 'validators');
  for (const one of [folder, code]) mkdirSync(one, { recursive: true });
  const validators = Object.values(VALIDATORS).flatMap(({ ending, text }, n) => {
    const entry = join(code, `validator${n}.${ending}`);
    writeFileSync(entry, text);
    const shared = { entry, workersMax: 1, level: 'contained' };
    return [
      { ...shared, name: `one${n}` },
      { ...shared, name: `batch${n}`, batch: {} },
    ];
  });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ validators }), { mode: 0o600 });
}
