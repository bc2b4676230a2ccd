// `npm run demo`: twelve hook events, each answered by a direct run and through a supervisor of the demo's own; the bytes
// are compared and the times shown, and in the end the machine with what it was before. `npm run demo -- --tamper`: one
// hook is altered before its supervised runs, and the demo has to find it. Exit 0: all identical, every supervised call was
// answered by a parked process, and nothing is left behind.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findPython, findPythonShim } from '../bench/interpreter.mjs';
import { median } from '../bench/statistics.mjs';
import { CLIENT, ScratchSupervisor } from '../bench/supervisor.mjs';
import { takenDownAtEnd } from '../run/ending.mjs';
import { call, quoted } from './call.mjs';
import { compare, unexpected } from './compare.mjs';
import { eventsOf } from './events.mjs';
import { makeProject, withAlteredHook } from './project.mjs';
import { countsOf, isClean, isSeen, linesOf, Residue } from './residue.mjs';
import { header, rowOf, times } from './table.mjs';

const ROUNDS = 7;
const WARM_TIMEOUT_MS = 15_000;
const say = (text = '') => process.stdout.write(`${text}\n`);

const args = process.argv.slice(2);
const tamper = args.includes('--tamper');
if (args.some((word) => word !== '--tamper')) {
  process.stderr.write('usage: npm run demo [-- --tamper]\n');
  process.exit(64);
}

const python = findPython();
const supervisor = new ScratchSupervisor('demo', python.path);
const project = join(supervisor.folder, 'project');
const outputs = join(supervisor.folder, 'outputs');
const explainFile = join(supervisor.folder, 'explain.jsonl');
const env = { ...supervisor.env, CLAUDE_PROJECT_DIR: project, CLAUDECODE: '1', CLAUDE_CODE_ENTRYPOINT: 'cli' };

const residue = new Residue(supervisor);
supervisor.release(); // the outputs are to stay
takenDownAtEnd(cleanUp);
let ok = false;
try {
  ok = await demo();
} catch (error) {
  process.stderr.write(`demo: ${error.message}\n`);
} finally {
  ok = cleanUp() && ok;
}
process.exitCode = ok ? 0 : 1;

async function demo() {
  makeProject(project);
  mkdirSync(outputs);
  say(`hooks run by ${python.file} (${python.version}) and bash${shimNote()}`);
  say(`> supervisor up -d\n${supervisor.up()}`);
  const events = eventsOf(project);
  await warm(events);
  say(`\n${ROUNDS} rounds, direct and supervised in turn; medians of what the agent waits for\n`);
  const results = await measure(events);
  say('\n> supervisor status');
  say(supervisor.verb('status'));
  const running = residue.now();
  const isVisible = isSeen(running, (await supervisor.status()).driver === 'v2');
  say(`\nwhile it runs: ${countsOf(running)}${isVisible ? '' : ', so the comparison below would not see it'}`);
  say(`> supervisor down\n${supervisor.verb('down')}`.trimEnd());
  const left = await residue.settled();
  say('before and after:');
  for (const line of linesOf(left)) say(line);
  return judge(results) && isVisible && isClean(left);
}

function shimNote() {
  const shim = findPythonShim();
  return shim === undefined ? '' : `\n(not by ${shim.file}, which is a shim and slower than what it starts)`;
}

/** The first call of an interpreter runs by execve while its pool warms. */
async function warm(events) {
  say('warming: the first call with an interpreter starts its pool');
  await explained(events[0]);
  const isWarm = await supervisor.untilWarm(WARM_TIMEOUT_MS);
  say(isWarm ? 'warm' : `not warm after ${WARM_TIMEOUT_MS / 1000} s, going on`);
}

async function measure(events) {
  say(header());
  const results = [];
  for (const [index, event] of events.entries()) {
    const folder = join(outputs, `${String(index + 1).padStart(2, '0')}-${event.name.replace(/\W+/g, '-')}`);
    const result = await measureOne(event, folder);
    results.push(result);
    say(rowOf(result));
    for (const difference of result.differences) say(`  ${difference}`);
  }
  return results;
}

async function measureOne(event, folder) {
  const { name, language } = event;
  const result = { name, language, directMs: [], supervisedMs: [], paths: new Set(), differences: [] };
  const compareWith = (direct, supervised) => {
    result.differences = compare(folder, direct, supervised);
  };
  let direct;
  const before = await supervisor.status();
  for (let round = 0; round < ROUNDS && result.differences.length === 0; round++) {
    direct = await call(event.command, { stdin: event.stdin, cwd: project, env });
    const wrong = unexpected(direct, event.expect);
    if (wrong !== undefined) throw new Error(`the direct run of “${name}” is not as it should be: ${wrong}`);
    const answer = await altering(event, () => supervised(event));
    result.directMs.push(direct.tookMs);
    result.supervisedMs.push(answer.tookMs);
    compareWith(direct, answer);
  }
  for (const path of pathsBetween(before, await supervisor.status(), result.supervisedMs.length))
    result.paths.add(path);
  if (result.differences.length > 0) return result;
  const { answer, path } = await altering(event, () => explained(event));
  result.paths.add(path);
  compareWith(direct, answer);
  return result;
}

function altering(event, during) {
  return tamper && event.altered !== undefined ? withAlteredHook(project, event.altered, during) : during();
}

/** The call of an agent's settings. */
function supervised(event, options = '') {
  const command = `${quoted(CLIENT)} sh${options} ${quoted(event.command)}`;
  return call(command, { stdin: event.stdin, cwd: project, env });
}

/** The same with the client's word on which path it took; that costs time, so it is not the call that is timed. */
async function explained(event) {
  rmSync(explainFile, { force: true });
  const answer = await supervised(event, ` --explain ${quoted(explainFile)}`);
  return { answer, path: JSON.parse(readFileSync(explainFile, 'utf8')).path };
}

/** The daemon's word on the calls that were timed. One that it has not seen ran directly. */
function pathsBetween(before, after, calls) {
  const grown = (path) => after.calls.byPath[path] - before.calls.byPath[path];
  const paths = ['worker', 'exec'].filter((path) => grown(path) > 0);
  return grown('worker') + grown('exec') === calls ? paths : [...paths, 'direct'];
}

function judge(results) {
  const strays = results.filter(({ paths }) => [...paths].some((path) => path !== 'worker' && path !== 'exec'));
  const identical = results.every(({ differences }) => differences.length === 0);
  say(`\nboth answers of every event: ${outputs}`);
  for (const { name } of strays) say(`“${name}” was not answered by a parked process`);
  for (const language of ['python', 'bash']) say(mediansOf(language, results));
  say(`identical: ${identical ? 'yes' : 'no'}`);
  return identical && strays.length === 0;
}

function mediansOf(language, results) {
  const some = results.filter((result) => result.language === language);
  const directMs = some.flatMap((result) => result.directMs);
  const supervisedMs = some.flatMap((result) => result.supervisedMs);
  const medians = `direct ${median(directMs).toFixed(1)} ms, supervised ${median(supervisedMs).toFixed(1)} ms`;
  return `median of ${directMs.length} calls of ${language} hooks: ${medians}, ${times(directMs, supervisedMs)}`;
}

/** Leaves nothing but the outputs, also when the demo is interrupted. True if that worked. */
function cleanUp() {
  try {
    const left = supervisor.down();
    for (const path of [supervisor.home, project, explainFile, residue.temporaryFolder])
      rmSync(path, { recursive: true, force: true });
    return left.length === 0;
  } catch (error) {
    process.stderr.write(`demo: ${error.message}\n`);
    return false;
  }
}
