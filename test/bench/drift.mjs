// Analysers with a history: `node test/bench/drift.mjs`. A stream of tool results from many sessions (`programs/drift-stream.mjs`) goes
// through `builtin:drift`: in this process, with a history without bounds and with its own; through a daemon by the library, one
// after the other; and, some of it, as a hook without a daemon has it, with a new process and no history for each. What is found
// is compared with a plain reference that looks through everything (`programs/drift-reference.mjs`). `--events`, `--sessions`, `--seed`.
// Prints tables; fails where the unbounded history or the daemon's finds anything else than the reference.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect } from '../../dist/library/client.js';
import { History } from '../../workers/validators/builtin/drift/history.mjs';
import { drift } from '../../workers/validators/builtin/drift.mjs';
import { findingsIn, referenceFindings } from './programs/drift-reference.mjs';
import { driftStream } from './programs/drift-stream.mjs';
import { median, quantile } from './statistics.mjs';
import { ScratchSupervisor } from './supervisor.mjs';

const ALONE = 40;
const NO_BOUNDS = { sessionsMax: Infinity, resultsMax: Infinity, bytesMax: Infinity };
const DRIFT = new URL('../../workers/validators/builtin/drift.mjs', import.meta.url).href;
const ONE_SHOT = `import validator from '${DRIFT}';
let text = '';
for await (const chunk of process.stdin) text += chunk;
console.log(JSON.stringify(validator.validate(JSON.parse(text), { settings: {} }) ?? {}));`;

const number = (fallback) => ({ type: 'string', default: String(fallback) });
const { values } = parseArgs({ options: { events: number(5000), sessions: number(40), seed: number(1) } });
const [events, sessions, seed] = [values.events, values.sessions, values.seed].map(Number);
const say = (text) => process.stdout.write(`${text}\n`);

const stream = driftStream({ seed, sessions, events });
const facts = stream.map(({ fact }) => fact);
const expected = facts.map((_, n) => referenceFindings(facts.slice(0, n + 1)));
const total = expected.flat().length;
say(`${events} events of ${sessions} sessions, seed ${seed}; the reference finds ${total}`);
say('\n| drift | events/s | p50, us | p99 | found | not in the reference | missing | held |');
say(`|${'---|'.repeat(8)}`);
inProcess('in this process, a history without bounds', new History(NO_BOUNDS), true);
inProcess('in this process, its own bounds', new History(), false);
await throughDaemon();
asOneShot();

function row(name, took, found, held) {
  const wanted = expected.slice(0, found.length);
  const wrong = found.flatMap((one, n) => one.filter((finding) => !wanted[n].includes(finding))).length;
  const missing = wanted.flatMap((one, n) => one.filter((finding) => !found[n].includes(finding))).length;
  const perS = (took.length * 1e6) / took.reduce((sum, us) => sum + us, 0);
  const figures = [perS.toFixed(0), median(took).toFixed(0), quantile(took, 0.99).toFixed(0), found.flat().length];
  say(`| ${[name, ...figures, wrong, missing, held].join(' | ')} |`);
  return wrong + missing === 0;
}

function mustAgree(isEqual) {
  if (!isEqual) process.exitCode = 1;
}

function inProcess(name, history, isExact) {
  const validator = drift(history);
  const took = [];
  let bytesMax = 0;
  let sessionsMax = 0;
  const found = stream.map(({ event }) => {
    const startedAtMs = performance.now();
    const said = validator.validate(event, { settings: {} });
    took.push((performance.now() - startedAtMs) * 1000);
    bytesMax = Math.max(bytesMax, history.bytes);
    sessionsMax = Math.max(sessionsMax, history.sessionCount);
    return findingsIn(said?.context);
  });
  const isEqual = row(name, took, found, `${(bytesMax / 1024).toFixed(0)} KiB, ${sessionsMax} sessions`);
  if (isExact) mustAgree(isEqual);
}

/** With the bounds of the product: what the reference finds beyond them is not there, so it is compared with the same in this process. */
async function throughDaemon() {
  const supervisor = new ScratchSupervisor('drift', process.env.PATH);
  const library = connect({ socketPath: join(supervisor.runtimeFolder, 'library.sock') });
  try {
    const folder = join(supervisor.env.XDG_CONFIG_HOME, 'hook-supervisor');
    mkdirSync(folder, { recursive: true });
    const validators = [{ name: 'drift', entry: 'builtin:drift', workersMax: 1 }];
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ validators }), { mode: 0o600 });
    supervisor.up();
    await library.submit({ ...stream[0].event.raw, hook_event_name: 'PreToolUse' }); // starts the worker, and is no result
    const same = drift(new History());
    const took = [];
    const found = [];
    let isEqual = true;
    for (const { event } of stream) {
      const startedAtMs = performance.now();
      const outcome = await library.submit(event.raw, { agent: 'claude' });
      took.push((performance.now() - startedAtMs) * 1000);
      const context = outcome.contexts?.[0];
      found.push(findingsIn(context));
      isEqual &&= outcome.kind === 'decided' && context === same.validate(event, { settings: {} })?.context;
    }
    const { validators: running } = await supervisor.status();
    const [{ workers }] = running;
    row(
      'through the daemon, one after the other',
      took,
      found,
      `${isEqual ? 'as' : 'NOT as'} in this process; ${workers.length} worker`,
    );
    mustAgree(isEqual);
  } finally {
    library.close();
    supervisor.down();
    supervisor.remove();
  }
}

function asOneShot() {
  const took = [];
  const found = stream.slice(-ALONE).map(({ event }) => {
    const startedAtMs = performance.now();
    const words = ['--input-type=module', '--eval', ONE_SHOT];
    const { stdout } = spawnSync(process.execPath, words, { input: JSON.stringify(event), encoding: 'utf8' });
    took.push((performance.now() - startedAtMs) * 1000);
    return findingsIn(JSON.parse(stdout).context);
  });
  const wanted = expected.slice(-ALONE).flat().length;
  const perS = (ALONE * 1e6) / took.reduce((sum, us) => sum + us, 0);
  const [p50, p99] = [median(took), quantile(took, 0.99)].map((us) => us.toFixed(0));
  say(
    `| a process for each of the last ${ALONE} | ${perS.toFixed(0)} | ${p50} | ${p99} | ${found.flat().length} | 0 | ${wanted} | nothing |`,
  );
}
