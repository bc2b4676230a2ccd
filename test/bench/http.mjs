// What a hook costs an agent by HTTP, beside a direct run and the two forms of the client, from a Node parent as most agents are:
// `node test/bench/http.mjs`. All take turns; HTTP keeps its connection, as Claude Code does. Prints a table; nothing fails.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { answerOf } from './answer.mjs';
import { findPython } from './interpreter.mjs';
import { buildPrograms } from './programs.mjs';
import { median, quantile } from './statistics.mjs';
import { CLIENT, ScratchSupervisor } from './supervisor.mjs';

const WARM_TIMEOUT_MS = 60_000;
const REST_MS = 100;
const WARM_UP_ROUNDS = 10;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } });
const rounds = Number(values.rounds);
const python = findPython();
const supervisor = new ScratchSupervisor('http', python.path);
const cwd = join(supervisor.folder, 'project');
mkdirSync(cwd);
const programs = buildPrograms(join(supervisor.folder, 'programs'));
const hooks = {
  'no-op': programs.echo,
  'python, five imports': `${python.file} ${programs.imports}`,
  'node, CommonJS hook': `${process.execPath} ${programs.commonJs}`,
};
const nameOf = (hook) => hook.replace(/[^a-z]+/gi, '-').toLowerCase();
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

try {
  configure();
  supervisor.up();
  const { http } = await supervisor.status();
  const token = readFileSync(join(supervisor.home, '.local/state/hook-supervisor/http-token'), 'latin1').trim();
  const agent = new Agent({ keepAlive: true });
  say('| hook, p50 (p10) ms | direct | client, text | client, args | http |\n|---|---|---|---|---|');
  for (const [name, text] of Object.entries(hooks)) {
    const ways = [
      (event) => start(['/bin/sh', '-c', text], event),
      (event) => start(['/bin/sh', '-c', `${CLIENT} sh -- ${quoted(text)}`], event),
      (event) => start([CLIENT, 'sh', '--', text], event),
      (event) => ask({ agent, port: http.port, path: `/hook/${nameOf(name)}` }, token, event),
    ];
    await measure(ways, WARM_UP_ROUNDS);
    await supervisor.untilWarm(WARM_TIMEOUT_MS);
    const took = await measure(ways, rounds);
    say(`| ${[name, ...took.map((list) => `${ms(median(list))} (${ms(quantile(list, 0.1))})`)].join(' | ')} |`);
  }
  agent.destroy();
  const { calls } = await supervisor.status();
  say(`\n${calls.total} calls, ${JSON.stringify(calls.byPath)}, ${calls.switched} switched`);
} finally {
  supervisor.down();
  supervisor.remove();
}

function configure() {
  const folder = join(supervisor.home, '.config/hook-supervisor');
  mkdirSync(folder, { recursive: true });
  const named = Object.entries(hooks).map(([name, command]) => [nameOf(name), { command }]);
  const config = { http: { on: true, hooks: Object.fromEntries(named) } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 });
}

/** Milliseconds of each way. */
async function measure(ways, count) {
  const took = ways.map(() => []);
  for (let round = 0; round < count; round++) {
    for (let turn = 0; turn < ways.length; turn++) {
      const way = (round + turn) % ways.length; // nobody is always first
      await sleep(REST_MS);
      const nonce = `toolu_${round}_${way}`;
      const event = { hook_event_name: 'PreToolUse', cwd, tool_name: 'Bash', tool_input: { command: 'npm test' } };
      const startedAtMs = performance.now();
      const answer = await ways[way](JSON.stringify({ ...event, tool_use_id: nonce }));
      took[way].push(performance.now() - startedAtMs);
      // A hook that did not run cannot know the nonce.
      if (!answer.includes(nonce)) throw new Error(`answer without its nonce: ${answer}`);
    }
  }
  return took;
}

function start(words, event) {
  return answerOf(words, `${event}\n`, { env: supervisor.env, cwd });
}

function ask(where, token, event) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request({
      ...{ ...where, host: '127.0.0.1', method: 'POST' },
      headers: { ...headers, 'Content-Length': Buffer.byteLength(event) },
    });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let answer = '';
      response.setEncoding('latin1').on('data', (text) => {
        answer += text;
      });
      response.on('end', () => resolve(answer));
    });
    asked.end(event);
  });
}

function ms(value) {
  return value.toFixed(1);
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
