// What the built-in validators cost together, in a daemon: `node test/bench/together.mjs` says in how many processes they are, what those
// hold, and what an event that concerns all six costs a program that asks by the library. `--beside FOLDER` is another installation, which
// takes turns; `--rounds` says how many events of each. Prints tables; nothing fails.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect } from '../../dist/library/client.js';
import { findPython } from './interpreter.mjs';
import { quantile } from './statistics.mjs';
import { ScratchSupervisor } from './supervisor.mjs';

const NAMES = ['command-safety', 'path-policy', 'secrets', 'resource-heavy', 'drift', 'project-context'];
const WARM_EVENTS = 2_000;
const TURN_EVENTS = 200;
const AT_ONCE = 8;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '4000' }, beside: { type: 'string' } } });
const rounds = Number(values.rounds);
const say = (text) => process.stdout.write(`${text}\n`);
const installations = values.beside === undefined ? { here: undefined } : { here: undefined, beside: values.beside };
const event = {
  ...{ session_id: 's1', transcript_path: '/t.jsonl', cwd: '/proj', permission_mode: 'default' },
  ...{ hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_use_id: 'toolu_1' },
  tool_input: { command: 'cd src && npm test -- --run "some name" 2>&1 | tail -n 40' },
};

say('| six built-in validators | processes | RSS, MB | PSS, MB |\n|---|---|---|---|');
for (const [name, installation] of Object.entries(installations)) {
  const one = begin(installation);
  try {
    await ask(one, WARM_EVENTS, 1);
    const { validators } = await one.supervisor.status();
    const pids = [...new Set(validators.flatMap(({ workers }) => workers.map(({ pid }) => pid)))];
    say(`| ${name} | ${pids.length} | ${sum(pids, 'Rss')} | ${sum(pids, 'Pss')} |`);
  } finally {
    end(one);
  }
}

const both = Object.entries(installations).map(([name, installation]) => ({ name, ...begin(installation) }));
try {
  for (const atOnce of [1, AT_ONCE]) {
    say(`\n| an event to all six, ${atOnce} at a time | p50, µs | p90 | p99 |\n|---|---|---|---|`);
    const took = both.map(() => []);
    for (const one of both) await ask(one, WARM_EVENTS, atOnce);
    for (let asked = 0; asked < rounds; asked += TURN_EVENTS)
      for (const [index, one] of both.entries()) took[index].push(...(await ask(one, TURN_EVENTS, atOnce)));
    for (const [index, { name }] of both.entries())
      say(`| ${name} | ${[0.5, 0.9, 0.99].map((share) => quantile(took[index], share).toFixed(0)).join(' | ')} |`);
  }
} finally {
  both.forEach(end);
}

function begin(installation) {
  const supervisor = new ScratchSupervisor('together', findPython().path, installation);
  const folder = join(supervisor.home, '.config/hook-supervisor');
  mkdirSync(folder, { recursive: true });
  const validators = NAMES.map((name) => ({ name, entry: `builtin:${name}` }));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ validators }), { mode: 0o600 });
  supervisor.up();
  return { supervisor, library: connect({ socketPath: join(supervisor.runtimeFolder, 'library.sock') }) };
}

function end({ supervisor, library }) {
  library.close();
  supervisor.down();
  supervisor.remove();
}

/** Microseconds of each, from the call to the verdict. */
async function ask({ library }, count, atOnce) {
  const took = [];
  const some = async () => {
    for (let n = 0; n < count / atOnce; n++) {
      const startedAtMs = performance.now();
      const { kind, validators = [] } = await library.submit(event);
      if (kind !== 'decided' || validators.some(({ outcome }) => outcome.kind !== 'answered'))
        throw new Error(`no answer: ${kind} ${JSON.stringify(validators)}`);
      took.push((performance.now() - startedAtMs) * 1000);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, some));
  return took;
}

function sum(pids, what) {
  const kb = pids.map((pid) => {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    return Number(new RegExp(`^${what}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
  });
  return (kb.reduce((total, one) => total + one, 0) / 1024).toFixed(1);
}
