// What validators gain and cost: `node test/bench/validators.mjs` has one client after the other ask about an event of one agent,
// variants taking turns: four validators that wait or compute, beside each other and one after another; an answer that is kept and
// one that is not; and a resident worker and a process for each event. `--rounds` says how many of each. Prints tables; nothing
// fails. Every answer holds the nonce of its event.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPython } from './interpreter.mjs';
import { measureFromC } from './parents.mjs';
import { NONCE_SOURCES } from './programs/nonce.mjs';
import { buildPrograms } from './programs.mjs';
import { median, quantile } from './statistics.mjs';
import { CLIENT, ScratchSupervisor } from './supervisor.mjs';

const WAIT_MS = 100;
const COMPUTE_ROUNDS = 40_000;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '60' } } });
const rounds = Number(values.rounds);
const say = (text) => process.stdout.write(`${text}\n`);
const python = findPython();

const SOURCES = {
  ...NONCE_SOURCES,
  'wait.mjs': `export default { validate: () => new Promise((resolve) => setTimeout(resolve, ${WAIT_MS}, {})) };`,
  'compute.mjs': `import { createHash } from 'node:crypto';
export default { validate() {
  let text = '';
  for (let n = 0; n < ${COMPUTE_ROUNDS}; n++) text = createHash('sha256').update(text).digest('hex');
  return text === '' ? { decision: 'deny' } : {};
} };`,
};

const opened = [];
try {
  await compare('four that wait 100 ms each', besides('wait.mjs'));
  await compare('four that compute', besides('compute.mjs'));
  await compare('one that computes', {
    'asked each time': [echo(), one('compute.mjs', 0)],
    'its answer kept': [
      echo(),
      { ...one('compute.mjs', 0), cache: { negative: true, fields: ['tool_name'], scope: 'global' } },
    ],
  });
  await compare('one event', {
    'a resident Node': [echo()],
    'a resident Python': [{ name: 'echo', entry: 'echo.py' }],
    'node hook.mjs, directly': ['node', 'hook.mjs'],
    'python3 hook.py, directly': [python.file, 'hook.py'],
  });
} finally {
  for (const supervisor of opened) supervisor.remove();
}

function echo() {
  return { name: 'echo', entry: 'echo.mjs' };
}

function one(entry, number) {
  return { name: `v${number}`, entry };
}

/** The same four, without and with an order between them. */
function besides(entry) {
  const four = [0, 1, 2, 3].map((number) => one(entry, number));
  return {
    'beside each other': [echo(), ...four],
    'one after another': [echo(), ...four.map((each, n) => ({ ...each, dependsOn: n === 0 ? [] : [`v${n - 1}`] }))],
  };
}

/** A list of words is a command that is run directly. */
async function compare(title, variants) {
  const supervisors = [];
  try {
    const commands = [];
    let parent;
    for (const variant of Object.values(variants)) {
      const supervisor = up(typeof variant[0] === 'string' ? [] : variant);
      supervisors.push(supervisor);
      parent ??= buildPrograms(join(supervisor.folder, 'programs')).parent;
      const socket = join(supervisor.runtimeFolder, 'call.sock');
      const direct = () => [variant[0] === 'node' ? process.execPath : variant[0], join(supervisor.code, variant[1])];
      commands.push(
        typeof variant[0] === 'string' ? direct() : [CLIENT, 'event', '--agent', 'claude', '--socket', socket],
      );
    }
    const [{ env, folder: cwd }] = supervisors;
    measureFromC(parent, commands, { rounds: 3, gapMs: 0, atOnce: 1, env, cwd });
    const took = measureFromC(parent, commands, { rounds, gapMs: 20, atOnce: 1, env, cwd });
    say(`\n| ${title} | p50, ms | p90 | times the first |\n|---|---|---|---|`);
    for (const [index, name] of Object.keys(variants).entries()) {
      const times = median(took[index]) / median(took[0]);
      const figures = [median(took[index]), quantile(took[index], 0.9)].map((value) => value.toFixed(2));
      say(`| ${name} | ${figures.join(' | ')} | ${times.toFixed(1)} |`);
    }
  } finally {
    for (const supervisor of supervisors) supervisor.down();
  }
}

function up(validators) {
  const supervisor = new ScratchSupervisor('validators', python.path);
  opened.push(supervisor);
  supervisor.code = join(supervisor.folder, 'code');
  mkdirSync(supervisor.code);
  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(supervisor.code, name), text);
  const specs = validators.map((one) => ({ level: 'contained', ...one, entry: join(supervisor.code, one.entry) }));
  const folder = join(supervisor.env.XDG_CONFIG_HOME, 'hook-supervisor');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ validators: specs, slotsPerPool: 64 }), { mode: 0o600 });
  supervisor.up();
  return supervisor;
}
