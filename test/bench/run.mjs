// `npm run bench`: hooks run directly and through a supervisor of the benchmark's own, from two kinds of agent, with pauses
// as agents make them and back to back, one by one and in bursts; what the levels cost. `-- --quick` takes about a minute and
// a half, `-- --bursts` measures bursts only, `-- --json FILE` writes every figure too. A missed goal is printed, and is no failure: the exit code says only whether everything
// could be measured.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { takenDownAtEnd } from '../run/ending.mjs';
import { findPython, findPythonShim } from './interpreter.mjs';
import { launchRows, levelRowsOf } from './levels.mjs';
import { machineFacts } from './machine.mjs';
import { measure } from './measure.mjs';
import { memoryRows } from './memory.mjs';
import { measureFromNode } from './parents.mjs';
import { buildPrograms } from './programs.mjs';
import { machineText, memoryText, tableHeader, tableRow } from './report.mjs';
import { burstRowsOf, row, rowsOf } from './rows.mjs';
import { ScratchSupervisor } from './supervisor.mjs';

const PARENTS = ['C', 'Node'];
const GAPS_MS = [20, 0];
/** Between the hooks of one event and those of the next one: an agent thinks for longer. */
const BURST_GAP_MS = 250;
/** Before the first round of a row: they are believed when they come again. */
const BURSTS_SHOWN = 3;
const BURSTS_SHOWN_APART_MS = 1_500;
const WARM_TIMEOUT_MS = 20_000;
const METHOD = `Every figure is a median [10th and 90th percentile] of rounds in which the direct and the supervised run take turns.
A run is everything the agent waits for: start, event to stdin, answer read to its end, exit status. Each event holds a
nonce that must come back in the answer. Hooks get a clean environment, without NODE_EXTRA_CA_CERTS.`;
const say = (text = '') => process.stdout.write(`${text}\n`);

let options;
try {
  options = parseArgs({
    options: { quick: { type: 'boolean' }, bursts: { type: 'boolean' }, json: { type: 'string' } },
  }).values;
} catch (error) {
  process.stderr.write(`bench: ${error.message}\nusage: npm run bench [-- [--quick] [--bursts] [--json FILE]]\n`);
  process.exit(64);
}
/** After warming up: learning and refilling go on for a while, and would fall on the first row. */
const REST_MS = 4_000;
const rounds = options.quick ? 9 : 61;
const burstRounds = options.quick ? 2 : 15;

const python = findPython();
const shim = findPythonShim();
// A shim looks for its configuration, and for what it starts, in the folders of its user.
const path = shim === undefined ? python.path : `${python.path}:${process.env.PATH}`;
const supervisor = new ScratchSupervisor('bench', path);
takenDownAtEnd(cleanUp);
let ok = false;
try {
  await bench();
  ok = true;
} catch (error) {
  process.stderr.write(`bench: ${error.message}\n`);
} finally {
  ok = cleanUp() && ok;
}
process.exitCode = ok ? 0 : 1;

async function bench() {
  const machine = machineFacts(python);
  say(`${METHOD}\n\n${machineText(machine)}\n`);
  const programs = buildPrograms(join(supervisor.folder, 'programs'));
  // It may need more of its user's environment than hooks get here.
  const shimWorks = shim !== undefined && spawnSync(shim.file, ['-c', ''], { env: supervisor.env }).status === 0;
  const rows = rowsOf({ programs, python, shim: shimWorks ? shim : undefined });
  const cwd = join(supervisor.folder, 'project');
  mkdirSync(cwd);
  supervisor.up();
  await warm(rows, cwd);
  await sleep(REST_MS);
  const results = [];
  const table = async (rowsHere, how) => {
    const { parent, gapMs } = how;
    const pause = gapMs > 0 ? `a pause of ${gapMs} ms before each` : 'back to back';
    say(`${parent === 'C' ? 'C parent (vfork, exec)' : 'Node parent (child_process.spawn)'}, ${pause}`);
    say(tableHeader(how.compared));
    for (const row of rowsHere) {
      if (gapMs === BURST_GAP_MS) await show(row, cwd);
      const result = await measure(row, { ...how, program: programs.parent, supervisor, cwd });
      results.push(result);
      say(tableRow(result));
    }
    say();
  };
  if (!options.bursts)
    for (const parent of PARENTS) for (const gapMs of GAPS_MS) await table(rows, { parent, gapMs, rounds });
  const bursts = burstRowsOf({ programs, python });
  for (const parent of PARENTS) await table(bursts, { parent, gapMs: BURST_GAP_MS, rounds: burstRounds });
  if (options.bursts) return;
  const levelRows = levelRowsOf({ row, programs });
  await warm(levelRows, cwd);
  for (const gapMs of GAPS_MS)
    await table(levelRows, { parent: 'C', gapMs, rounds, compared: ['contained', 'at the level'] });
  const launches = launchRows({ row, programs });
  if (launches.length === 0) say('A cold launch is not compared: neither bwrap nor unshare is installed.\n');
  else await table(launches, { parent: 'C', gapMs: GAPS_MS[0], rounds, compared: ['the other', 'supervisor-confine'] });
  await supervisor.untilWarm(WARM_TIMEOUT_MS);
  const memory = await memoryRows(await supervisor.status(), python.file, supervisor.env);
  say(`PSS, medians\n${memoryText(memory)}`);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ machine, rounds, results, memory }, null, 2)}\n`);
}

async function warm(rows, cwd) {
  const once = { rounds: 1, gapMs: 0, atOnce: 1, env: supervisor.env, cwd };
  const ways = rows.flatMap(({ commands, byPath }) =>
    byPath === undefined ? [commands[1]] : [commands[1], byPath.command],
  );
  for (const way of ways) await measureFromNode([way], once);
  if (!(await supervisor.untilWarm(WARM_TIMEOUT_MS))) throw new Error('the pools are not warm after 20 s');
  for (const { commands, byPath } of rows) if (byPath !== undefined) await untilLearned(commands[1], once);
}

/** As many are parked as bursts have shown that are wanted: what is measured are the events after the first ones. */
async function show({ commands, atOnce }, cwd) {
  for (let times = 0; times < BURSTS_SHOWN; times++) {
    await measureFromNode([commands[1]], { rounds: 1, gapMs: 0, atOnce, env: supervisor.env, cwd });
    await sleep(BURSTS_SHOWN_APART_MS);
  }
}

/** What a shim does is learned beside the first calls. Where it is not, the table says how the calls were answered. */
async function untilLearned(command, once) {
  for (const giveUpAtMs = performance.now() + WARM_TIMEOUT_MS; performance.now() < giveUpAtMs; ) {
    const before = (await supervisor.status()).calls.byPath.worker;
    await measureFromNode([command], once);
    if ((await supervisor.status()).calls.byPath.worker > before) return;
  }
}

/** Leaves nothing, also when the benchmark is interrupted. True if that worked. */
function cleanUp() {
  try {
    const left = supervisor.down();
    supervisor.remove();
    for (const what of left) process.stderr.write(`bench: left behind: ${what}\n`);
    return left.length === 0;
  } catch (error) {
    process.stderr.write(`bench: ${error.message}\n`);
    return false;
  }
}
