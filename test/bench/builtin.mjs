// What the built-in validators cost by themselves, in this process. `node test/bench/builtin.mjs`: an answer of each, drift over
// a long stream of tool calls with its history, and the facts of this repository gathered at once against one after the other.
// `--rounds` says how many of each. Prints tables; nothing fails.
import { parseArgs } from 'node:util';
import commandSafety from '../../workers/validators/builtin/command-safety.mjs';
import { History } from '../../workers/validators/builtin/drift/history.mjs';
import { drift } from '../../workers/validators/builtin/drift.mjs';
import pathPolicy from '../../workers/validators/builtin/path-policy.mjs';
import { systemPorts } from '../../workers/validators/builtin/project-context/system.mjs';
import { projectContext } from '../../workers/validators/builtin/project-context.mjs';
import resourceHeavy from '../../workers/validators/builtin/resource-heavy.mjs';
import secrets from '../../workers/validators/builtin/secrets.mjs';
import { median, quantile } from './statistics.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5000' } } });
const rounds = Number(values.rounds);
const STARTS = 20;
const SESSIONS = 8;
const COMMANDS = 40;
const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
const say = (text) => process.stdout.write(`${text}\n`);
const us = (ms) => (ms * 1000).toFixed(1);
const context = { name: 'bench', settings: {}, cwd: root, sessionId: 's', timeLeftMs: 60_000 };
const event = (toolName, toolInput, more = {}) => ({
  ...{ agent: 'claude', name: 'PreToolUse', sessionId: 's', cwd: root, matched: toolName, toolName, toolInput },
  ...{ raw: {}, ...more },
});

const SHORT = 'cd src && npm test -- --run "some name" 2>&1 | tail -n 40';
const LONG =
  `cat > notes.md <<'EOF'\n${'A line of text, and rm -rf / as an example.\n'.repeat(200)}EOF\n${SHORT}\n`.repeat(2);
const content = (bytes) => 'const answer = await ask({ name: "x", timeoutMs: 5_000 }); // of many\n'.repeat(bytes / 70);

await answers();
await stream();
await starts();

async function answers() {
  say(`| an answer, of ${rounds} | p50, µs | p99, µs |\n|---|---|---|`);
  const rows = {
    'command-safety, a line': [commandSafety, event('Bash', { command: SHORT })],
    [`command-safety, ${LONG.length} characters`]: [commandSafety, event('Bash', { command: LONG })],
    'resource-heavy, a line': [resourceHeavy, event('Bash', { command: SHORT })],
    'path-policy, a file of this repository': [pathPolicy, event('Write', { file_path: `${root}/docs/validators.md` })],
    'secrets, 1 kB': [secrets, event('Write', { content: content(1_000) })],
    'secrets, 100 kB': [secrets, event('Write', { content: content(100_000) })],
  };
  for (const [name, [validator, asked]] of Object.entries(rows)) {
    const took = await timed(rounds, () => validator.validate(asked, context));
    say(`| ${name} | ${us(median(took))} | ${us(quantile(took, 0.99))} |`);
  }
}

/** Sessions in turns, with commands that come again, some of which fail, and edits of the same files. */
async function stream() {
  const history = new History();
  const analyser = drift(history);
  let told = 0;
  const took = await timed(rounds, async (n) => {
    const sessionId = `s${n % SESSIONS}`;
    const name = n % 11 === 0 ? 'PostToolUseFailure' : 'PostToolUse';
    const more = {
      sessionId,
      name,
      raw: { duration_ms: 100 + (n % 7) * 1_000, tool_response: { stdout: 'x'.repeat(900) } },
    };
    const edit = { file_path: `/p/${n % 50}`, old_string: `${n}`, new_string: `${n + 1}` };
    const asked = n % 3 === 0 ? event('Edit', edit, more) : event('Bash', { command: `step ${n % COMMANDS}` }, more);
    if ((await analyser.validate(asked, context)) !== undefined) told += 1;
  });
  say(
    `\n| drift, ${rounds} results of ${SESSIONS} sessions | p50, µs | p99, µs | told | held, estimated bytes |\n|---|---|---|---|---|`,
  );
  say(`| | ${us(median(took))} | ${us(quantile(took, 0.99))} | ${told} | ${history.bytes} |`);
}

async function starts() {
  const start = event('', {}, { name: 'SessionStart', toolName: null, toolInput: null });
  const run = (portsFor) => timed(STARTS, () => projectContext(portsFor).validate(start, context));
  const atOnce = await run(systemPorts);
  const inTurn = await run(oneAfterTheOther);
  say(`\n| facts of this repository, of ${STARTS} | p50, ms | p99, ms |\n|---|---|---|`);
  say(`| at once | ${median(atOnce).toFixed(1)} | ${quantile(atOnce, 0.99).toFixed(1)} |`);
  say(`| one after the other | ${median(inTurn).toFixed(1)} | ${quantile(inTurn, 0.99).toFixed(1)} |`);
}

/** The same ports, of which the next begins when the last has ended. */
function oneAfterTheOther(cwd) {
  const { git, folder } = systemPorts(cwd);
  let last = Promise.resolve();
  const queued =
    (ask) =>
    (...args) => {
      last = last.then(() => ask(...args));
      return last;
    };
  return { git: { run: queued(git.run) }, folder: { names: queued(folder.names), read: queued(folder.read) } };
}

async function timed(count, ask) {
  const took = [];
  for (let n = 0; n < count; n += 1) {
    const startedAtMs = performance.now();
    await ask(n);
    took.push(performance.now() - startedAtMs);
  }
  return took;
}
