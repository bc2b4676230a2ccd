// What resident workers hold of the memory: `node test/bench/resident-memory.mjs` starts 1, 4 and 16 validators with a worker each,
// asks all of them a few times, and sums the proportional set size (a page shared by n processes counts 1/n) of the workers, of all
// processes of their sandboxes, and where they are forked, of the zygote and its keeper. Beside it as many separate processes that
// have loaded no more than a parser of JSON and wait. Variants take turns; `--rounds` says how often, medians count. Root only:
// others may not look. Prints a table; nothing fails.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPython } from './interpreter.mjs';
import { median } from './statistics.mjs';
import { CLIENT, ScratchSupervisor } from './supervisor.mjs';

const COUNTS = [1, 4, 16];
const EVENTS = 5;
const EVENT = JSON.stringify({
  ...{ hook_event_name: 'PreToolUse', session_id: 's', cwd: '/', tool_name: 'Bash', tool_use_id: 'nonce' },
  tool_input: { command: `ls ${'x'.repeat(800)}` },
});

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const python = findPython();
const SOURCES = {
  'echo.py': 'def validate(event, context):\n    return {"context": event["raw"]["tool_use_id"]}\n',
  'echo.mjs': 'export default { validate: (event) => ({ context: event.raw.tool_use_id }) };',
};
const VARIANTS = {
  'Python, forked, contained': residents('echo.py', 'contained'),
  'Python, forked, untrusted': residents('echo.py', 'untrusted'),
  'Python, executed (pythonWarm off)': residents('echo.py', 'contained', { pythonWarm: false }),
  'Python, separate processes': separate([python.file, '-c', 'import json, sys; print(flush=True); sys.stdin.read()']),
  'Node, contained': residents('echo.mjs', 'contained'),
  'Node, separate processes': separate([process.execPath, '-e', "process.stdout.write('x'); process.stdin.resume()"]),
};

const sums = new Map(Object.keys(VARIANTS).map((name) => [name, COUNTS.map(() => [])]));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [at, count] of COUNTS.entries())
    for (const [name, measure] of Object.entries(VARIANTS)) sums.get(name)[at].push(await measure(count));
}
process.stdout.write(`| PSS in MB, medians of ${values.rounds}, of | ${COUNTS.join(' | ')} |\n|---|---|---|---|\n`);
for (const [name, ofCounts] of sums)
  process.stdout.write(`| ${name} | ${ofCounts.map((all) => median(all).toFixed(1)).join(' | ')} |\n`);

function residents(entry, level, settings = {}) {
  return async (count) => {
    const supervisor = new ScratchSupervisor('memory', python.path);
    try {
      const code = join(supervisor.folder, 'code');
      mkdirSync(code);
      writeFileSync(join(code, entry), SOURCES[entry]);
      const validators = Array.from({ length: count }, (_, n) => ({ name: `v${n}`, entry: join(code, entry), level }));
      const folder = join(supervisor.env.XDG_CONFIG_HOME, 'hook-supervisor');
      mkdirSync(folder, { recursive: true });
      const config = JSON.stringify({ ...settings, validators, slotsPerPool: 64 });
      writeFileSync(join(folder, 'config.json'), config, { mode: 0o600 });
      supervisor.up();
      for (let n = 0; n < EVENTS; n++) ask(supervisor, count);
      return megabytesOf(pidsOf(await supervisor.status()));
    } finally {
      supervisor.down();
      supervisor.remove();
    }
  };
}

/** Every validator must have answered. */
function ask({ env, runtimeFolder }, count) {
  const argv = ['event', '--agent', 'claude', '--socket', join(runtimeFolder, 'call.sock')];
  const { stdout } = spawnSync(CLIENT, argv, { input: EVENT, env, encoding: 'utf8' });
  if (stdout.split('nonce').length !== count + 1) throw new Error(`not all of ${count} have answered: ${stdout}`);
}

/** Workers with all that descends from them, and what is there for them alone. */
function pidsOf({ validators, pools, keepers }) {
  const workers = validators.flatMap((one) => one.workers.map(({ pid }) => pid));
  const forking = pools.filter(({ describes }) => describes.endsWith('for resident workers'));
  const zygotes = forking.flatMap((pool) => pool.workers.filter(({ kind }) => kind === 'zygote').map(({ pid }) => pid));
  const ids = forking.map(({ id }) => id);
  return [
    ...withDescendants(workers),
    ...zygotes,
    ...keepers.filter(({ pool }) => ids.includes(pool)).map(({ pid }) => pid),
  ];
}

function withDescendants(pids) {
  const all = new Set(pids);
  const parents = readdirSync('/proc')
    .filter(Number)
    .flatMap((pid) => {
      try {
        const [, parent] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
        return [[Number(pid), Number(parent)]];
      } catch {
        return []; // gone
      }
    });
  for (let before = 0; before !== all.size; ) {
    before = all.size;
    for (const [pid, parent] of parents) if (all.has(parent)) all.add(pid);
  }
  return [...all];
}

function separate([file, ...argv]) {
  return async (count) => {
    const env = { PATH: python.path, LANG: 'C.UTF-8' };
    const start = () => spawn(file, argv, { env, cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] });
    const children = Array.from({ length: count }, start);
    await Promise.all(children.map((child) => once(child.stdout, 'data')));
    const sum = megabytesOf(children.map(({ pid }) => pid));
    for (const child of children) child.stdin.end();
    await Promise.all(children.map((child) => once(child, 'close')));
    return sum;
  };
}

function megabytesOf(pids) {
  const kb = pids.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]));
  return kb.reduce((sum, one) => sum + one, 0) / 1024;
}
