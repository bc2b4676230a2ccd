// What profile `adaptive` gains: `node test/bench/adaptive.mjs`. Two halves. A load that changes (`programs/phases.mjs`) is offered to a
// daemon of each fixed profile, in turns, and p50, p99 and the processor time of daemon and workers taken. Which profile `adaptive` has in
// force in each phase is played by its own table on a clock of ours, since it takes half a minute and more to change: so many sessions of
// all phases, each ten minutes long, with looks that a seed draws. So `adaptive` costs in a phase what the profile costs in which
// it is there. `--rounds`, `--run-ms`, `--plays`, `--seed`. Prints tables; nothing fails.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PROFILES } from '../../dist/contract/profiles.js';
import { connect } from '../../dist/library/client.js';
import { afterLook, beginChoice, LOOK_EVERY_MS } from '../../dist/scheduler/profile-choice.js';
import { takenDownAtEnd } from '../run/ending.mjs';
import { seeded } from '../storm/random.mjs';
import { offer } from './offered.mjs';
import { EDGE, lookOf, PHASES } from './programs/phases.mjs';
import { median, quantile } from './statistics.mjs';
import { ScratchSupervisor } from './supervisor.mjs';

const PHASE_MS = 600_000;
const HOUR_MS = 3_600_000;
const WARM_EVENTS = 200;
const SETTLE_MS = 500;

const number = (fallback) => ({ type: 'string', default: String(fallback) });
const { values } = parseArgs({
  options: { rounds: number(3), 'run-ms': number(1200), plays: number(100), seed: number(1) },
});
const [rounds, runMs, plays, seed] = [values.rounds, values['run-ms'], values.plays, values.seed].map(Number);
const say = (text) => process.stdout.write(`${text}\n`);

/** The first leaves numbers of workers and batches to the profile. */
const SOURCE = `const spin = (forMs) => { const untilMs = performance.now() + forMs; while (performance.now() < untilMs); };
const one = (event) => {
  if (event.toolInput.command === 'fail') throw new Error('as it was told');
  return {};
};
export default {
  validate(event) { spin(0.2); return one(event); },
  validateBatch(events) { spin(0.2 + 0.01 * events.length); return events.map(one); },
};`;

const opened = [];
try {
  const daemons = [];
  for (const profile of PROFILES) daemons.push(await up(profile));
  for (const [name, phase] of Object.entries(PHASES)) await compare(name, phase, daemons);
} finally {
  for (const { supervisor, library } of opened) {
    library.close();
    supervisor.down();
    supervisor.remove();
  }
}
play();

async function compare(name, phase, daemons) {
  const random = seeded(seed);
  const runs = new Map(daemons.map((daemon) => [daemon, []]));
  const stop = spin(phase.spinning);
  try {
    for (let round = 0; round < rounds; round++)
      for (const daemon of daemons) {
        const before = await cpuMs(daemon);
        const ask = () => daemon.library.submit(eventOf(random() < phase.failing ? 'fail' : 'ls'));
        const { took } = await offer({ random: seeded(seed + round), ratePerS: phase.ratePerS, forMs: runMs, ask });
        await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
        const cpu = ((await cpuMs(daemon)) - before) / took.length;
        runs.get(daemon).push({ p50: median(took), p99: quantile(took, 0.99), cpu });
      }
  } finally {
    stop();
  }
  say(`\n| ${name}: ${phase.ratePerS} events/s | p50, ms | p99 | ms of processor for each event |\n|---|---|---|---|`);
  for (const [{ profile }, all] of runs) {
    const figures = ['p50', 'p99', 'cpu'].map((figure) => median(all.map((one) => one[figure])).toFixed(2));
    say(`| ${profile} | ${figures.join(' | ')} |`);
  }
}

/** Of daemon and workers. */
async function cpuMs({ supervisor }) {
  const { pid, validators } = await supervisor.status();
  const pids = [pid, ...validators.flatMap(({ workers }) => workers.map((worker) => worker.pid))];
  return pids.reduce((sum, one) => sum + ranMs(one), 0);
}

/** All its threads: ticks of the process would be too coarse for a calm load. */
function ranMs(pid) {
  const ns = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]),
  );
  return ns.reduce((sum, one) => sum + one, 0) / 1e6;
}

function spin(count) {
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  const stop = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  const areGone = takenDownAtEnd(stop);
  return () => {
    stop();
    areGone();
  };
}

async function up(profile) {
  const supervisor = new ScratchSupervisor(`adaptive-${profile}`, process.env.PATH);
  const library = connect({ socketPath: join(supervisor.runtimeFolder, 'library.sock') });
  const daemon = { profile, supervisor, library };
  opened.push(daemon);
  const folder = join(supervisor.env.XDG_CONFIG_HOME, 'hook-supervisor');
  const entry = join(supervisor.folder, 'checks.mjs');
  mkdirSync(folder, { recursive: true });
  writeFileSync(entry, SOURCE);
  const validators = [{ name: 'checks', entry, level: 'contained', onFailure: 'continue', batch: {} }];
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ profile, validators }), { mode: 0o600 });
  supervisor.up();
  for (let n = 0; n < WARM_EVENTS; n++)
    await Promise.all([library.submit(eventOf('ls')), library.submit(eventOf('ls'))]);
  return daemon;
}

function eventOf(command) {
  const told = { session_id: 's', transcript_path: '/t', cwd: '/', permission_mode: 'default', tool_use_id: 't' };
  return { ...told, hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command } };
}

function play() {
  say(`\n| adaptive, ${plays} plays | share of the phase in which it was there | changes of an hour |\n|---|---|---|`);
  const random = seeded(seed);
  const shares = Object.fromEntries(Object.keys(PHASES).map((name) => [name, { changes: 0, profiles: {} }]));
  for (let n = 0; n < plays; n++) {
    let nowMs = 0;
    let state = beginChoice(nowMs);
    for (const [name, { looks }] of Object.entries(PHASES))
      for (let look = 0; look < PHASE_MS / LOOK_EVERY_MS; look++) {
        nowMs += LOOK_EVERY_MS;
        state = step(state, lookOf(looks, random), nowMs, shares[name]);
      }
  }
  for (const [name, share] of Object.entries(shares))
    say(`| ${name} | ${shareText(share)} | ${perHour(share, plays * PHASE_MS)} |`);
  const edge = { changes: 0, profiles: {} };
  let state = beginChoice(0);
  for (let nowMs = 0; nowMs < plays * PHASE_MS; nowMs += LOOK_EVERY_MS)
    state = step(state, lookOf(EDGE, random), nowMs, edge);
  say(`| every figure around its thresholds | ${shareText(edge)} | ${perHour(edge, plays * PHASE_MS)} |`);
  say(`\nlooks of an hour: ${HOUR_MS / LOOK_EVERY_MS}`);
}

function step(state, look, nowMs, share) {
  const next = afterLook(state, look, nowMs);
  if (next.inForce !== state.inForce) share.changes++;
  share.profiles[next.inForce] = (share.profiles[next.inForce] ?? 0) + 1;
  return next;
}

function shareText({ profiles }) {
  const total = Object.values(profiles).reduce((sum, count) => sum + count, 0);
  const sorted = Object.entries(profiles).sort(([, a], [, b]) => b - a);
  return sorted.map(([name, count]) => `${name} ${((100 * count) / total).toFixed(0)} %`).join(', ');
}

function perHour({ changes }, forMs) {
  return ((changes * HOUR_MS) / forMs).toFixed(1);
}
