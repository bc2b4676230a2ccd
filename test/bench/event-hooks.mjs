// What an event with three hooks takes, told once to `supervisor-hook event`, beside the same three hooks started by their agent, directly
// and by the client, one after the other and at the same time: `node test/bench/event-hooks.mjs`. All take turns. Prints a table; nothing
// fails. Every answer holds the nonce of its event once for each hook.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { answerOf } from './answer.mjs';
import { findPython } from './interpreter.mjs';
import { median, quantile } from './statistics.mjs';
import { CLIENT, ScratchSupervisor } from './supervisor.mjs';

const WARM_TIMEOUT_MS = 60_000;
const REST_MS = 100;
const WARM_UP_ROUNDS = 6;
const HOOKS = 3;

const python = (body) => `import json, sys, re, time
event = json.load(sys.stdin)
${body}
print(json.dumps({"systemMessage": event["tool_use_id"]}))
`;
const SOURCES = {
  'python.py': python(''),
  'waits.py': python('time.sleep(0.1)'),
  'node.cjs': `const event = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify({ systemMessage: event.tool_use_id }));
`,
};

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '60' } } });
const interpreter = findPython();
const supervisor = new ScratchSupervisor('event-hooks', interpreter.path);
const cwd = join(supervisor.folder, 'project');
const say = (text) => process.stdout.write(`${text}\n`);
const runs = [
  ['Python', `${interpreter.file} ${join(cwd, 'python.py')}`],
  ['Node', `${process.execPath} ${join(cwd, 'node.cjs')}`],
  ['Python that waits 100 ms', `${interpreter.file} ${join(cwd, 'waits.py')}`],
];
const kinds = runs.map(([name, command], index) => ({ name, command, tool: `Tool${index}` }));

try {
  mkdirSync(cwd);
  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(cwd, name), text);
  configure();
  supervisor.up();
  say(
    '| three hooks, p50 (p90) ms | direct, in turn | direct, at once | client, in turn | client, at once | one event |',
  );
  say('|---|---|---|---|---|---|');
  for (const { name, command, tool } of kinds) {
    const direct = (event) => start(['/bin/sh', '-c', command], event);
    const client = (event) => start([CLIENT, 'sh', '--', command], event);
    const told = (event) => start([CLIENT, 'event'], event);
    const ways = [inTurn(direct), atOnce(direct), inTurn(client), atOnce(client), told];
    await measure(ways, tool, WARM_UP_ROUNDS);
    await supervisor.untilWarm(WARM_TIMEOUT_MS);
    const took = await measure(ways, tool, Number(values.rounds));
    say(`| ${[name, ...took.map((list) => `${ms(median(list))} (${ms(quantile(list, 0.9))})`)].join(' | ')} |`);
  }
  const { calls, hooks } = await supervisor.status();
  say(
    `\n${calls.total} calls, ${JSON.stringify(calls.byPath)}; hooks of events: ${hooks.map(({ asked }) => asked).join(' ')}`,
  );
} finally {
  supervisor.down();
  supervisor.remove();
}

function configure() {
  const folder = join(supervisor.home, '.config/hook-supervisor');
  mkdirSync(folder, { recursive: true });
  const hooks = kinds.flatMap(({ command, tool }) =>
    Array.from({ length: HOOKS }, (_, at) => ({ name: `${tool.toLowerCase()}-${at}`, command, matcher: tool })),
  );
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ hooks }), { mode: 0o600 });
}

function inTurn(one) {
  return async (event) => {
    let answers = '';
    for (let hook = 0; hook < HOOKS; hook++) answers += await one(event);
    return answers;
  };
}

function atOnce(one) {
  return async (event) => (await Promise.all(Array.from({ length: HOOKS }, () => one(event)))).join('');
}

/** Milliseconds of each way. */
async function measure(ways, tool, rounds) {
  const took = ways.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < ways.length; turn++) {
      const way = (round + turn) % ways.length; // nobody is always first
      await sleep(REST_MS);
      const nonce = `toolu_${round}_${way}_`;
      const told = { session_id: 's', transcript_path: '/t', cwd, hook_event_name: 'PreToolUse', tool_name: tool };
      const event = JSON.stringify({ ...told, tool_input: { command: 'npm test' }, tool_use_id: nonce });
      const startedAtMs = performance.now();
      const answer = await ways[way](event);
      took[way].push(performance.now() - startedAtMs);
      if (answer.split(nonce).length !== HOOKS + 1) throw new Error(`not three answers: ${answer}`);
    }
  }
  return took;
}

function start(words, event) {
  return answerOf(words, event, { env: supervisor.env, cwd });
}

function ms(value) {
  return value.toFixed(1);
}
