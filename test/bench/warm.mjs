// A warm worker against the start of a process: `node test/bench/warm.mjs`. One program in Node has an event of 1 kB answered by turns: by a
// validator in a resident worker, which it asks itself; by the same one through the client; and by a new process that does the same.
// A pause of 20 ms before each, `--rounds` of each. Every answer holds the nonce of its event. Prints a table; nothing fails.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from '../../dist/library/client.js';
import { findPython } from './interpreter.mjs';
import { NONCE_SOURCES } from './programs/nonce.mjs';
import { median, quantile } from './statistics.mjs';
import { CLIENT, ScratchSupervisor } from './supervisor.mjs';

const PAUSE_MS = 20;
const WARM_ROUNDS = 20;
const FILL = 'x'.repeat(800);

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } });
const rounds = Number(values.rounds);
const python = findPython();
const say = (line) => process.stdout.write(`${line}\n`);

const RUNTIMES = {
  Node: { entry: 'echo.mjs', hook: [process.execPath, 'hook.mjs'] },
  Python: { entry: 'echo.py', hook: [python.file, 'hook.py'] },
};

const supervisor = new ScratchSupervisor('warm', python.path);
const library = connect({ socketPath: join(supervisor.runtimeFolder, 'library.sock') });
const { env } = supervisor;
try {
  const code = join(supervisor.folder, 'code');
  const config = join(env.XDG_CONFIG_HOME, 'hook-supervisor');
  for (const folder of [code, config]) mkdirSync(folder, { recursive: true });
  for (const [file, source] of Object.entries(NONCE_SOURCES)) writeFileSync(join(code, file), source);
  const validators = Object.entries(RUNTIMES).map(([runtime, { entry }]) => {
    return { name: runtime.toLowerCase(), entry: join(code, entry), matcher: runtime };
  });
  writeFileSync(join(config, 'config.json'), JSON.stringify({ validators }), { mode: 0o600 });
  supervisor.up();
  say('| one event, answered by | p50, ms | p90 | less than the process |\n|---|---|---|---|');
  for (const [runtime, { hook }] of Object.entries(RUNTIMES)) {
    const [program, file] = hook;
    const ways = {
      [`a warm ${runtime}, asked by the program`]: askLibrary,
      [`a warm ${runtime}, through the client`]: (event) => run(CLIENT, ['event', '--agent', 'claude'], event),
      [`a new ${runtime}`]: (event) => run(program, [join(code, file)], event),
    };
    tell(await byTurns(runtime, ways));
  }
} finally {
  library.close();
  supervisor.down();
  supervisor.remove();
}

async function byTurns(runtime, ways) {
  const took = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let n = 0; n < rounds + WARM_ROUNDS; n++) {
    for (const [name, way] of Object.entries(ways)) {
      const nonce = `${runtime}-${n}`;
      await sleep(PAUSE_MS);
      const startedAtMs = performance.now();
      const said = await way(eventOf(runtime, nonce));
      const ms = performance.now() - startedAtMs;
      if (said !== nonce) throw new Error(`${name} said ${said}`);
      if (n >= WARM_ROUNDS) took[name].push(ms);
    }
  }
  return took;
}

function eventOf(tool_name, tool_use_id) {
  const told = { session_id: 's', transcript_path: '/t', cwd: '/', permission_mode: 'default', tool_use_id };
  return { ...told, hook_event_name: 'PreToolUse', tool_name, tool_input: { command: FILL } };
}

async function askLibrary(event) {
  const outcome = await library.submit(event);
  return outcome.contexts?.join();
}

async function run(program, args, event) {
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(event));
  return JSON.parse(await text(child.stdout)).hookSpecificOutput.additionalContext;
}

function tell(took) {
  const process = median(Object.values(took).at(-1));
  for (const [name, ms] of Object.entries(took)) {
    const less = `${(100 * (1 - median(ms) / process)).toFixed(1)} %`;
    say(
      `| ${name} | ${median(ms).toFixed(2)} | ${quantile(ms, 0.9).toFixed(2)} | ${median(ms) === process ? '' : less} |`,
    );
  }
}
