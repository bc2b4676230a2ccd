// What records cost. `node test/bench/store.mjs calls`: the same calls through a daemon that records and one that does
// not, taking turns. `node test/bench/store.mjs loop`: an event loop that records 2,000 tasks a second (`store`), beside one
// that does nothing (`none`) and one that inserts each row by itself (`single`); a word behind it chooses one of the three.
// `--seconds` and `--rounds` say for how long. Prints tables; nothing fails.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../../dist/contract/clock.js';
import { Inserts } from '../../dist/store/insert.js';
import { openForWriting } from '../../dist/store/open.js';
import { loadSqlite } from '../../dist/store/sqlite.js';
import { openStore } from '../../dist/store/store.js';
import { writerThread } from '../../dist/store/thread.js';
import { CALL_RECORD } from '../lib/call-record.mjs';
import { takenDownAtEnd } from '../run/ending.mjs';
import { measureFromC } from './parents.mjs';
import { buildPrograms } from './programs.mjs';
import { median, quantile } from './statistics.mjs';
import { CLIENT, ScratchSupervisor } from './supervisor.mjs';

const TASKS_PER_SECOND = 2_000;
const TICK_MS = 5;
const BLOCKS = 5;
const REST_MS = 1_500;
const RECORDS = { on: true, batchRows: 50, batchDelayMs: 1000, ageMaxDays: 30, sizeMaxBytes: 64 * 1024 * 1024 };

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, rounds: { type: 'string', default: '2000' } },
  allowPositionals: true,
});
const say = (text) => process.stdout.write(`${text}\n`);
const ms = (value) => value.toFixed(3);

const measures = { calls, loop };
const [measure = 'calls', only] = positionals;
if (!(measure in measures)) throw new Error(`calls or loop, not ${measure}`);
await measures[measure]();
process.exit();

async function calls() {
  const supervisors = ['1', '0'].map((isOn) => {
    const supervisor = new ScratchSupervisor('store', process.env.PATH);
    supervisor.env.SUPERVISOR_RECORDS = isOn;
    return supervisor;
  });
  try {
    const [on] = supervisors;
    const { echo, parent } = buildPrograms(join(on.folder, 'programs'));
    const cwd = join(on.folder, 'project');
    mkdirSync(cwd);
    for (const supervisor of supervisors) supervisor.up();
    const socketOf = ({ runtimeFolder }) => join(runtimeFolder, 'call.sock');
    const commands = supervisors.map((one) => [CLIENT, 'run', '--socket', socketOf(one), '--', echo]);
    const env = { PATH: process.env.PATH, LANG: 'C.UTF-8' };
    measureFromC(parent, commands, { rounds: 300, gapMs: 0, atOnce: 1, env, cwd });
    await sleep(REST_MS);
    say('| block | on p50 | off p50 | on p99 | off p99 | p50 | p99 |\n|---|---|---|---|---|---|---|');
    const all = [[], []];
    for (let block = 1; block <= BLOCKS; block++) {
      const took = measureFromC(parent, commands, { rounds: Number(values.rounds), gapMs: 0, atOnce: 1, env, cwd });
      for (const variant of [0, 1]) all[variant].push(...took[variant]);
      say(callRow(block, took));
    }
    say(callRow('all', all));
    const { records } = await on.status();
    say(`\n${records.written} records written, ${records.dropped} dropped; ${records.waiting} wait`);
  } finally {
    for (const supervisor of supervisors) {
      supervisor.down();
      supervisor.remove();
    }
  }
}

function callRow(name, [on, off]) {
  const [p50s, p99s] = [[on, off].map(median), [on, off].map((took) => quantile(took, 0.99))];
  const grown = ([with_, without]) => `${((with_ / without - 1) * 100).toFixed(1)} %`;
  return `| ${[name, ...p50s.map(ms), ...p99s.map(ms), grown(p50s), grown(p99s)].join(' | ')} |`;
}

async function loop() {
  say(
    `| ${TASKS_PER_SECOND} tasks a second for ${values.seconds} s | rows | delay p50, ms | p99 | p99.9 | max | by itself | CPU |`,
  );
  say('|---|---|---|---|---|---|---|---|');
  for (const [name, open] of Object.entries({ none, store, single })) {
    if (only !== undefined && only !== name) continue;
    const folder = mkdtempSync(join(tmpdir(), 'hook-supervisor-store-'));
    const remove = () => rmSync(folder, { recursive: true, force: true });
    const isRemoved = takenDownAtEnd(remove);
    say(`| ${[name, ...(await feed(await open(folder)))].join(' | ')} |`);
    remove();
    isRemoved();
  }
}

/** The delay of a timer that is due each millisecond: how long the loop was kept from it. "By itself" is the longest that a
 *  tick was late without the time in which the thread had wanted a processor and not got one. */
async function feed({ record, close }) {
  const perTick = (TASKS_PER_SECOND * TICK_MS) / 1000;
  const delays = monitorEventLoopDelay({ resolution: 1 });
  await sleep(REST_MS);
  const usedBefore = process.cpuUsage();
  delays.enable();
  const startedAtMs = performance.now();
  let rows = 0;
  let longestMs = 0;
  let ownMs = startedAtMs - waitedForCpuMs();
  while (performance.now() - startedAtMs < Number(values.seconds) * 1000) {
    // By the clock, not by ticks: a loop that is late catches up, as one with 2,000 tasks a second would have to.
    const due = Math.floor(((performance.now() - startedAtMs) / TICK_MS) * perTick);
    for (; rows < due; rows++) record({ ...CALL_RECORD, handler: `/p/hooks/guard-${rows % 20}.py`, pid: rows });
    await sleep(TICK_MS);
    longestMs = Math.max(longestMs, performance.now() - waitedForCpuMs() - ownMs - TICK_MS);
    ownMs = performance.now() - waitedForCpuMs();
  }
  delays.disable();
  const { user, system } = process.cpuUsage(usedBefore);
  const cpu = ((user + system) / 1e6 / Number(values.seconds)) * 100;
  await close();
  const at = (percentile) => ms(delays.percentile(percentile) / 1e6);
  return [rows, at(50), at(99), at(99.9), ms(delays.max / 1e6), ms(longestMs), `${cpu.toFixed(1)} %`];
}

/** Of the main thread, since it began. */
function waitedForCpuMs() {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[1]) / 1e6;
}

function none() {
  return { record() {}, close() {} };
}

function store(stateFolder) {
  const rooms = { clock: systemClock, wallMs: Date.now, startThread: writerThread, told: say };
  const opened = openStore({ ...rooms, config: { stateFolder, records: RECORDS } });
  opened.call({ ...CALL_RECORD, handler: 'the first opens the database', pid: 0 });
  return {
    record: (call) => opened.call(call),
    async close() {
      await opened.close();
      const { dropped, bad } = opened.status();
      if (dropped + bad > 0) say(`${dropped} dropped, ${bad} bad`);
    },
  };
}

async function single(folder) {
  const { open } = await loadSqlite();
  const { db } = openForWriting(open, join(folder, 'records.db'));
  const inserts = new Inserts(db);
  return {
    record: (call) => inserts.write({ calls: [{ ...call, endedAtMs: Date.now() }], audits: [] }),
    close: () => db.close(),
  };
}
