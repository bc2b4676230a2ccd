// `npm test`: every lane, each with its count and the reasons of what was skipped. `node test/run.mjs LANE...`: only
// those. A lane is a folder of test/; programs in it: *.test.ts (vitest), *.test.mjs (node:test), *_test.py (unittest),
// run.mjs (a lane that drives itself). The C programs of test/native are built and run by make.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agentsStage } from './agents/stage.mjs';
import { prepare } from './run/prepare.mjs';
import { runNativeTests, runNodeTest, runPythonTest, runVitest } from './run/programs.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const LANES = ['tidy', 'unit', 'native', 'conformance', 'integration', 'fault', 'attack', 'agents', 'vm'];
const ON_DEMAND = ['bench', 'demo', 'fuzz', 'nodes', 'soak', 'storm'];

const [first, ...rest] = process.argv.slice(2);
const driven = ON_DEMAND.includes(first) ? first : undefined;
const wanted = driven === undefined ? process.argv.slice(2) : [];
const unknown = wanted.filter((lane) => !LANES.includes(lane));
if (unknown.length > 0) {
  process.stderr.write(
    `test: no lane called ${unknown.join(', ')}; there are ${[...LANES, ...ON_DEMAND].join(', ')}\n`,
  );
  process.exit(64);
}

prepare(root);
if (driven !== undefined) process.exit(drive(driven, rest));
process.exit(await runLanes(wanted.length > 0 ? wanted : LANES));

/** A lane that needs a machine of its own or prints tables: it reports by itself and has arguments of its own. */
function drive(lane, args) {
  const result = spawnSync(process.execPath, [join(root, `test/${lane}/run.mjs`), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  return result.status ?? 1;
}

async function runLanes(lanes) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const lane of lanes) {
    const startedAtMs = performance.now();
    const results = await runLane(lane);
    const passed = sum(results, 'passed');
    const failed = sum(results, 'failed');
    const skipped = results.flatMap((result) => result.skipped);
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    process.stdout.write(`${lane}: ${passed} passed, ${failed} failed, ${skipped.length} skipped (${seconds} s)\n`);
    for (const { name, reason } of skipped) process.stdout.write(`  skipped: ${name}${reason ? `: ${reason}` : ''}\n`);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped.length;
  }
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

async function runLane(lane) {
  const folder = join(root, 'test', lane);
  const files = existsSync(folder) ? filesBelow(folder) : [];
  const of = (ending) => files.filter((file) => file.endsWith(ending)).map((file) => relative(root, file));
  const results = lane === 'native' ? [await runNativeTests(root)] : [];
  const stage = lane === 'agents' ? agentsStage(wanted.includes(lane)) : undefined;
  if (of('.test.ts').length > 0) results.push(await runVitest(root, `test/${lane}/`, stage));
  for (const file of of('.test.mjs')) results.push(await runNodeTest(root, file));
  for (const file of of('_test.py')) results.push(await runPythonTest(root, file));
  return results;
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort();
}

function sum(results, key) {
  return results.reduce((total, result) => total + result[key], 0);
}
