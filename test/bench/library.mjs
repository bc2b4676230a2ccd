// What a program that asks validators itself pays: `node test/bench/library.mjs`. From the call of the library to the verdict, one event
// of 1 kB after the other, or with a pause before each, and events of a second in batches, by validators in Node and in Python that
// take batches or not. `--rounds` says how many events. Prints tables; nothing fails.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from '../../dist/library/client.js';
import { findPython } from './interpreter.mjs';
import { VALIDATOR_SOURCES } from './programs/validators.mjs';
import { quantile } from './statistics.mjs';
import { ScratchSupervisor } from './supervisor.mjs';

const EVENT_BYTES = 1024;
const BATCH_EVENTS = 128;
const BATCHES_AHEAD = 4;
const THROUGHPUT_MS = 5_000;
const WARM_EVENTS = 3_000;
const PAUSE_MS = 20;
const PAUSED_EVENTS = 300;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20000' } } });
const rounds = Number(values.rounds);
const supervisor = new ScratchSupervisor('library', findPython().path);
const event = eventOf(EVENT_BYTES);
const library = connect({ socketPath: join(supervisor.runtimeFolder, 'library.sock') });

try {
  configure();
  supervisor.up();
  say('| one event after the other, to a validator in | p50, us | p90 | p99 |\n|---|---|---|---|');
  for (const runtime of Object.keys(VALIDATOR_SOURCES)) {
    await oneByOne(runtime, WARM_EVENTS);
    tell(runtime, await oneByOne(runtime, rounds));
    tell(`${runtime}, a pause of ${PAUSE_MS} ms before each`, await oneByOne(runtime, PAUSED_EVENTS, PAUSE_MS));
  }
  say(
    `\n| verdicts of a second, ${BATCHES_AHEAD} requests of ${BATCH_EVENTS} events under way | one by one | in batches |\n|---|---|---|`,
  );
  for (const runtime of Object.keys(VALIDATOR_SOURCES)) {
    const figures = [await inBatches(runtime), await inBatches(`${runtime}-batch`)];
    say(`| ${runtime} | ${figures.join(' | ')} |`);
  }
} finally {
  library.close();
  supervisor.down();
  supervisor.remove();
}

function configure() {
  const folder = join(supervisor.home, '.config/hook-supervisor');
  const place = join(supervisor.folder, 'validators'); // what is confined is given its folder, so the home may not lie there
  for (const one of [folder, place]) mkdirSync(one, { recursive: true });
  const validators = Object.entries(VALIDATOR_SOURCES).flatMap(([name, { file, text }]) => {
    const entry = join(place, file);
    writeFileSync(entry, text);
    const batch = { strategy: 'size', maxBatchSize: BATCH_EVENTS, maxWaitMs: 5 };
    return [
      { name, entry },
      { name: `${name}-batch`, entry, batch },
    ];
  });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ validators }), { mode: 0o600 });
}

function tell(what, took) {
  say(`| ${what} | ${[0.5, 0.9, 0.99].map((share) => quantile(took, share).toFixed(0)).join(' | ')} |`);
}

/** Microseconds from the call to the verdict. */
async function oneByOne(validator, count, pauseMs = 0) {
  const took = [];
  for (let n = 0; n < count; n++) {
    if (pauseMs > 0) await sleep(pauseMs);
    const startedAtMs = performance.now();
    checked(await library.submit(event, { validators: [validator] }));
    took.push((performance.now() - startedAtMs) * 1000);
  }
  return took;
}

/** Verdicts of a second. */
async function inBatches(validator) {
  const items = Array.from({ length: BATCH_EVENTS }, () => ({ event, validators: [validator] }));
  for (let n = 0; n < 10; n++) (await library.submitBatch(items)).forEach(checked);
  let verdicts = 0;
  const untilMs = performance.now() + THROUGHPUT_MS;
  const one = async () => {
    while (performance.now() < untilMs) {
      (await library.submitBatch(items)).forEach(checked);
      verdicts += items.length;
    }
  };
  await Promise.all(Array.from({ length: BATCHES_AHEAD }, one));
  return Math.round((verdicts * 1000) / THROUGHPUT_MS);
}

function checked(outcome) {
  const [told] = outcome.kind === 'decided' ? outcome.validators : [];
  if (told?.outcome.kind !== 'answered') throw new Error(`no verdict: ${JSON.stringify(outcome)}`);
}

function eventOf(bytes) {
  const told = { session_id: 's', transcript_path: '/t', cwd: '/', permission_mode: 'default', tool_use_id: 't' };
  const made = { ...told, hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command: '' } };
  made.tool_input.command = `ls ${'x'.repeat(bytes - JSON.stringify(made).length - 3)}`;
  return made;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
