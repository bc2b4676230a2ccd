// `npm run storm`: 10,000 calls of all runtimes from 32 clients while keepers, zygotes, parked processes and hooks are killed
// twice a second; then the daemon itself is killed, ten times under the same load. Every call must be answered as a direct run
// answers, or its failure be what a kill does. `-- --calls N --clients N --crashes N --seed N`.
import { parseArgs } from 'node:util';
import { isClean, linesOf } from '../demo/residue.mjs';
import { growthLine } from '../soak/report.mjs';
import { Storm } from './storm.mjs';

const CALLS_PER_CRASH = 300;
const PROGRESS_EVERY_MS = 15_000;
const REASONS_MAX = 10;
const say = (text = '') => process.stdout.write(`${text}\n`);

const { calls, clients, crashes, seed } = options();
const storm = new Storm({ calls, clients, seed });
let ok = false;
try {
  say(`${calls} calls from ${clients} clients, seed ${seed}`);
  const isCalm = judge(await storm.run(progress()));
  const isRisen = crashes === 0 || judgeCrashes(await storm.crash(crashes, CALLS_PER_CRASH));
  const left = await storm.end();
  say('before the daemons and after them:');
  for (const line of linesOf(left)) say(line);
  ok = isCalm && isRisen && isClean(left);
} catch (error) {
  process.stderr.write(`storm: ${error.stack}\n`);
} finally {
  storm.cleanUp();
}
say(`storm: ${ok ? 'passed' : `FAILED; --seed ${seed} chooses the same again`}`);
process.exitCode = ok ? 0 : 1;

function progress() {
  let toldAtMs = performance.now();
  return () => {
    if (performance.now() - toldAtMs < PROGRESS_EVERY_MS) return;
    toldAtMs = performance.now();
    process.stderr.write(`${tallyLine(storm.tally)}; killed ${storm.kills.list.length}\n`);
  };
}

function tallyLine({ ended, wrong, lost, hung, excused }) {
  return `${ended} calls: wrong ${wrong}, lost ${lost}, hung ${hung}, failed by a kill ${excused}`;
}

function judge({ growth, unrest, status, refusals, tookMs }) {
  const { tally, kills } = storm;
  for (const problem of tally.problems) say(problem);
  say(`${tallyLine(tally)}; ${(tookMs / 1000).toFixed(0)} s`);
  say(`killed: ${['keeper', 'zygote', 'parked', 'hook'].map((what) => `${what} ${kills.count(what)}`).join(', ')}`);
  const { total, switched, byPath, byOutcome } = status.calls;
  say(`of the daemon's ${total} calls: worker ${byPath.worker}, exec ${byPath.exec}; switched ${switched}`);
  say(
    `ended: ${Object.entries(byOutcome)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ')}`,
  );
  for (const [reason, count] of refusals.slice(0, REASONS_MAX)) say(`  refused, ${count}: ${reason}`);
  say('growth for each 1,000 calls, least squares over the second half:');
  for (const series of growth.filter(({ what }) => what === 'daemon')) say(`  ${growthLine(series)}`);
  say(`at rest: ${unrest.length === 0 ? 'nothing but the pools' : unrest.join('; ')}`);
  return tally.ended === calls && tally.bad === 0 && unrest.length === 0;
}

function judgeCrashes({ tallies, goneMs, servesMs, servesAmongCallsMs, survivors }) {
  const sum = (what) => tallies.reduce((total, tally) => total + tally[what], 0);
  for (const problem of tallies.flatMap(({ problems }) => problems)) say(problem);
  say(`daemon killed ${tallies.length} times; ${sum('ended')} calls:`);
  say(
    `  wrong ${sum('wrong')}, lost ${sum('lost')}, hung ${sum('hung')}, told that the supervisor died ${sum('excused')}`,
  );
  say(`  all that it had was gone after ${milliseconds(goneMs)}; outlived it: ${survivors.length}`);
  say(`  the next one answered after its start: ${milliseconds(servesMs)}`);
  say(`  among ${clients} clients that run their hooks directly meanwhile: ${milliseconds(servesAmongCallsMs)}`);
  return sum('bad') === 0 && survivors.length === 0;
}

function milliseconds(values) {
  if (values.length === 0) return 'not measured';
  const sorted = [...values].sort((a, b) => a - b).map((value) => value.toFixed(0));
  return `${sorted.at(0)} to ${sorted.at(-1)} ms, median ${sorted[Math.floor(sorted.length / 2)]}`;
}

function options() {
  const number = { type: 'string' };
  try {
    const given = { calls: number, clients: number, crashes: number, seed: number };
    const { values } = parseArgs({ options: given });
    const chosen = { calls: 10_000, clients: 32, crashes: 10, seed: Math.floor(Math.random() * 1e9) };
    for (const [name, text] of Object.entries(values)) {
      if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} ${text}: give a whole number`);
      chosen[name] = Number(text);
    }
    return chosen;
  } catch (error) {
    process.stderr.write(
      `storm: ${error.message}\nusage: npm run storm [-- --calls N --clients N --crashes N --seed N]\n`,
    );
    process.exit(64);
  }
}
