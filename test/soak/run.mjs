// `npm run soak`: 50,000 calls of all runtimes and endings from 16 clients through one daemon. Each answer is compared with
// that of a direct run; memory and descriptors must not grow, and nothing may be left. `-- --calls N --clients N`.
import { parseArgs } from 'node:util';
import { isClean, linesOf } from '../demo/residue.mjs';
import { growing, growthLine } from './report.mjs';
import { Soak } from './soak.mjs';

const PROGRESS_EVERY_MS = process.stderr.isTTY ? 1_000 : 15_000;
const say = (text = '') => process.stdout.write(`${text}\n`);

const { calls, clients } = options();
const soak = new Soak({ calls, clients });
let ok = false;
try {
  say(`${calls} calls from ${clients} clients`);
  ok = judge(await soak.run(progress()));
} catch (error) {
  process.stderr.write(`soak: ${error.stack}\n`);
} finally {
  soak.cleanUp();
}
say(`soak: ${ok ? 'passed' : 'FAILED'}`);
process.exitCode = ok ? 0 : 1;

function progress() {
  const startedAtMs = performance.now();
  let toldAtMs = startedAtMs;
  return (status) => {
    const nowMs = performance.now();
    if (nowMs - toldAtMs < PROGRESS_EVERY_MS) return;
    toldAtMs = nowMs;
    const { ended, wrong, lost, hung } = soak.tally;
    const perSecond = (ended / ((nowMs - startedAtMs) / 1000)).toFixed(0);
    const parked = status.pools.map((pool) => `${pool.id} ${pool.parked}+${pool.busy}`).join(', ');
    const line = `${ended} of ${calls} calls, ${perSecond}/s; wrong ${wrong}, lost ${lost}, hung ${hung}; ${parked}`;
    process.stderr.write(process.stderr.isTTY ? `\r${line}\x1b[K` : `${line}\n`);
  };
}

function judge({ kinds, status, growth, unrest, left, tookMs }) {
  const { tally } = soak;
  const { total, switched, byPath, byOutcome } = status.calls;
  if (process.stderr.isTTY) process.stderr.write('\n');
  for (const problem of tally.problems) say(problem);
  const seconds = tookMs / 1000;
  say(
    `${tally.ended} calls of ${kinds} kinds in ${seconds.toFixed(0)} s, ${(tally.ended / seconds).toFixed(0)} per second`,
  );
  say(`of the daemon's ${total} calls: worker ${byPath.worker}, exec ${byPath.exec}; switched ${switched}`);
  const outcomes = Object.entries(byOutcome).map(([kind, count]) => `${kind} ${count}`);
  say(`ended: ${outcomes.join(', ')}`);
  say('growth for each 1,000 calls, least squares over the second half:');
  for (const series of growth) say(`  ${growthLine(series)}`);
  say(`at rest: ${unrest.length === 0 ? 'nothing but the pools' : unrest.join('; ')}`);
  say('before the daemon and after it:');
  for (const line of linesOf(left)) say(line);
  const grows = growing(growth, tally.ended);
  say(`grows: ${grows === undefined ? 'too few calls to tell' : grows.join(', ') || 'nothing'}`);
  const leftOver = left.reduce((sum, { ours, unclear }) => sum + ours.length + unclear.length, 0);
  say(`wrong ${tally.wrong}, lost ${tally.lost}, hung ${tally.hung}, left ${leftOver}`);
  const isFlat = grows === undefined || (grows.length === 0 && growth.some(({ what }) => what === 'daemon'));
  return tally.ended === calls && isFlat && tally.bad === 0 && unrest.length === 0 && isClean(left);
}

function options() {
  const number = { type: 'string' };
  try {
    const { calls = '50000', clients = '16' } = parseArgs({ options: { calls: number, clients: number } }).values;
    for (const text of [calls, clients])
      if (!/^[1-9]\d{0,7}$/.test(text)) throw new Error(`${text}: give a whole number from 1`);
    return { calls: Number(calls), clients: Number(clients) };
  } catch (error) {
    process.stderr.write(`soak: ${error.message}\nusage: npm run soak [-- [--calls N] [--clients N]]\n`);
    process.exit(64);
  }
}
