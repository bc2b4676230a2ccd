// What `status` of many workers costs: `node test/bench/status.mjs` parks some 500 processes in eight pools, asks for the status,
// and measures calls while another process asks for it ten times a second, and while nobody does, taking turns. `--rounds` says
// how many calls a block has. Prints tables; nothing fails.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ask } from '../../dist/control/client.js';
import { makeCall } from '../soak/call.mjs';
import { findPython } from './interpreter.mjs';
import { measureFromC } from './parents.mjs';
import { buildPrograms } from './programs.mjs';
import { median, quantile } from './statistics.mjs';
import { CLIENT, ScratchSupervisor } from './supervisor.mjs';

const PER_POOL = 64;
const PYTHON_POOLS = 7;
const WORKERS_MIN = 500;
const PARKED_TIMEOUT_MS = 180_000;
const QUESTIONS = 200;
const COMMANDS = 20;
const POLL_EVERY_MS = 100;
const BLOCKS = 5;
const STATUS_TIMEOUT_MS = 10_000;

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '1000' } },
  allowPositionals: true,
});
const [verb, socketPath] = positionals;
if (verb === 'poll') await poll(socketPath);
else await bench();

async function poll(path) {
  for (;;) {
    await ask(path, 'status', STATUS_TIMEOUT_MS);
    await sleep(POLL_EVERY_MS);
  }
}

async function bench() {
  const python = findPython();
  const supervisor = new ScratchSupervisor('status', python.path);
  const plainEnv = { ...supervisor.env };
  Object.assign(supervisor.env, {
    SUPERVISOR_SLOTS_PER_POOL: String(PER_POOL),
    SUPERVISOR_PARKED_EXEC: String(PER_POOL),
    SUPERVISOR_PARKED_PYTHON: String(PER_POOL),
    SUPERVISOR_INTERPRETER_POOLS_MAX: String(PYTHON_POOLS + 1),
    SUPERVISOR_PARKED_MEMORY_MAX_BYTES: String(8 * 2 ** 30),
  });
  try {
    supervisor.up();
    const workers = await park(supervisor, python);
    const control = join(supervisor.runtimeFolder, 'control.sock');
    const asked = [];
    let bytes = 0;
    for (let n = 0; n < QUESTIONS; n++) {
      const startedAtMs = performance.now();
      bytes = JSON.stringify(await ask(control, 'status', STATUS_TIMEOUT_MS)).length;
      asked.push(performance.now() - startedAtMs);
    }
    const commands = timedCommands(supervisor, plainEnv);
    say(`${workers} workers, ${(bytes / 1024).toFixed(0)} KiB of status\n`);
    say('| | p50, ms | p99 | max |\n|---|---|---|---|');
    say(`| status, over the socket | ${figures(asked)} |`);
    for (const [name, took] of commands) say(`| ${name} | ${figures(took)} |`);
    await disturb(supervisor, control);
  } finally {
    supervisor.down();
    supervisor.remove();
  }
}

/** With the start of their Node, taking turns. Where something is configured, the configuration has to be judged first. */
function timedCommands(supervisor, plainEnv) {
  const commands = [
    ['node -e 0', () => spawnSync(process.execPath, ['-e', '0'], { env: plainEnv })],
    ['supervisor status --json', () => supervisor.verbWith(plainEnv, 'status', '--json')],
    ['supervisor status', () => supervisor.verbWith(plainEnv, 'status')],
    ['supervisor status --json, five settings in the environment', () => supervisor.verb('status', '--json')],
  ];
  const took = new Map(commands.map(([name]) => [name, []]));
  for (let n = 0; n < COMMANDS; n++) {
    for (const [name, run] of commands) {
      const startedAtMs = performance.now();
      run();
      took.get(name).push(performance.now() - startedAtMs);
    }
  }
  return took;
}

/** Pools differ in a start variable. @returns how many processes there are. */
async function park(supervisor, python) {
  for (let n = 1; n <= PYTHON_POOLS; n++) {
    const env = { ...supervisor.env, PYTHONHASHSEED: String(n) };
    await makeCall(
      { command: [python.file, '-c', 'pass'], stdin: [''] },
      { isDirect: false, env, cwd: supervisor.folder },
    );
  }
  for (const giveUpAtMs = performance.now() + PARKED_TIMEOUT_MS; ; await sleep(POLL_EVERY_MS)) {
    const { pools } = await supervisor.status();
    const count = pools.reduce((sum, pool) => sum + pool.workers.length, 0);
    if (count >= WORKERS_MIN && pools.every(({ parked }) => parked === PER_POOL)) return count;
    if (performance.now() > giveUpAtMs) throw new Error(`only ${count} processes are parked`);
  }
}

async function disturb(supervisor, control) {
  const { echo, parent } = buildPrograms(join(supervisor.folder, 'programs'));
  const cwd = join(supervisor.folder, 'project');
  mkdirSync(cwd);
  const commands = [[CLIENT, 'run', '--', echo]];
  const how = { rounds: Number(values.rounds), gapMs: 0, atOnce: 1, env: supervisor.env, cwd };
  measureFromC(parent, commands, how);
  const took = { asked: [], alone: [] };
  say('\n| block | asked p50, ms | alone p50 | asked p99 | alone p99 |\n|---|---|---|---|---|');
  for (let block = 1; block <= BLOCKS; block++) {
    const order = block % 2 === 0 ? ['asked', 'alone'] : ['alone', 'asked']; // nobody is always first
    const now = {};
    for (const which of order)
      now[which] = await oneBlock(which === 'asked', control, () => measureFromC(parent, commands, how)[0]);
    for (const which of order) took[which].push(...now[which]);
    say(row(block, now));
  }
  say(row('all', took));
}

async function oneBlock(isAsked, control, run) {
  if (!isAsked) return run();
  const poller = spawn(process.execPath, [fileURLToPath(import.meta.url), 'poll', control], { stdio: 'ignore' });
  await sleep(10 * POLL_EVERY_MS); // its own start is not what is measured
  const took = run();
  poller.kill();
  return took;
}

function row(name, { asked, alone }) {
  const p99 = (list) => quantile(list, 0.99);
  return `| ${[name, ...[median(asked), median(alone), p99(asked), p99(alone)].map((value) => value.toFixed(3))].join(' | ')} |`;
}

function figures(list) {
  return [median(list), quantile(list, 0.99), Math.max(...list)].map((value) => value.toFixed(1)).join(' | ');
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
