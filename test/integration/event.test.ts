/** Events of agents, told by the client, answered by validators in resident workers. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEVEL_NEEDS } from '../../supervisor/contract/isolation.js';
import { ExitCode } from '../../supervisor/contract/status.js';
import { callNobody } from '../fixtures/client.js';
import { bash, EventWorld } from '../lib/events.js';
import { runHook } from '../lib/hook.js';
import { identify, isAlive } from '../lib/processes.js';
import { hostLayers } from '../lib/resident.js';
import { waitFor } from '../lib/wait.js';
import { BEFORE_TOOL } from '../unit/agents/events/samples.js';

const layers = await hostLayers();
const lacking = LEVEL_NEEDS.untrusted.filter((name) => !layers.includes(name));
const LEVELS = lacking.length === 0 ? (['contained', 'untrusted'] as const) : (['contained'] as const);

/** Denies commands with the word of its settings. */
const GUARD = {
  node: {
    name: 'guard.mjs',
    text: `export default { validate(event, { settings }) {
      const { command } = event.toolInput;
      return command.includes(settings.word) ? { decision: 'deny', reason: 'node: ' + command } : {};
    } };`,
  },
  python: {
    name: 'guard.py',
    text: `def validate(event, context):
    command = event["toolInput"]["command"]
    return {"decision": "deny", "reason": "python: " + command} if context["settings"]["word"] in command else {}
`,
  },
  exec: {
    name: 'guard',
    text: `#!/usr/bin/python3
import json, sys
print(json.dumps({"protocol": 1}), flush=True)
for line in sys.stdin:
    ask = json.loads(line)
    if ask.get("forget"): continue
    command = ask["event"]["toolInput"]["command"]
    bad = ask["context"]["settings"]["word"] in command
    verdict = {"decision": "deny", "reason": "exec: " + command} if bad else {}
    print(json.dumps({"id": ask["id"], "verdict": verdict}), flush=True)
`,
  },
} as const;
const RUNTIMES = ['node', 'python', 'exec'] as const;

function denial(reason: string): string {
  const hookSpecificOutput = {
    hookEventName: 'PreToolUse',
    permissionDecision: 'deny',
    permissionDecisionReason: reason,
  };
  return JSON.stringify({ hookSpecificOutput });
}

const world = new EventWorld();
const files = new Map(RUNTIMES.map((runtime) => [runtime, world.write(GUARD[runtime].name, GUARD[runtime].text)]));
const changing = world.write('changing.mjs', says('first'));

function says(word: string): string {
  return `export default { validate: () => ({ context: ${JSON.stringify(word)} }) };`;
}

/** Each is meant by a tool's name of its own. */
const guards = LEVELS.flatMap((level) =>
  RUNTIMES.map((runtime) => ({
    ...{ name: `${runtime}-${level}`, runtime, level, entry: files.get(runtime) ?? '' },
    ...{ matcher: `T-${runtime}-${level}`, agents: ['claude'], settings: { word: 'bad' } },
  })),
);
const everybody = {
  name: 'everybody',
  entry: world.write(
    'all.mjs',
    `export default { validate(event) {
  return JSON.stringify(event.toolInput).includes('evil') ? { decision: 'deny', reason: 'evil' } : {};
} };`,
  ),
  level: 'contained',
  matcher: 'Bash|Shell|bash|run_shell_command',
};
const others = [
  everybody,
  { name: 'changing', entry: changing, level: 'contained', matcher: 'Changing' },
  {
    name: 'cached',
    entry: world.write(
      'cached.mjs',
      `let n = 0;
export default { validate: () => ({ decision: 'allow', reason: String(++n) }) };`,
    ),
    level: 'contained',
    matcher: 'Cached',
    cache: {},
  },
  {
    name: 'first',
    entry: world.write('throws.mjs', `export default { validate() { throw new Error('oops'); } };`),
    level: 'contained',
    matcher: 'Chain',
    onFailure: 'continue',
  },
  {
    name: 'second',
    entry: everybody.entry,
    level: 'contained',
    matcher: 'Chain',
    dependsOn: ['first'],
    onFailure: 'block',
  },
];

beforeAll(() => world.start([...guards, ...others]));
afterAll(async () => expect(await world.end()).toEqual([]));

const tool = (tool_name: string, command: string) => bash(command, { tool_name });

test('untrusted is tried where the host gives it', ({ skip }) => {
  if (lacking.length > 0) skip(`this host lacks ${lacking.join(', ')}`);
});

describe.each(guards)('$name', ({ name, runtime, matcher }) => {
  test('a deny in the words of Claude Code, byte for byte', async () => {
    const { code, stdout, stderr } = await world.tell(tool(matcher, 'so bad'));
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: denial(`${runtime}: so bad`), stderr: '' });
  });

  test('nothing to say -> an empty answer, by the same worker', async () => {
    const { code, stdout, stderr } = await world.tell(tool(matcher, 'so good'));
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    const { workers, asked, denied, failed } = await world.validator(name);
    expect({ asked, denied, failed }).toEqual({ asked: 2, denied: 1, failed: 0 });
    expect(workers).toMatchObject([{ state: 'ready', answered: 2, tasks: 0 }]);
  });
});

describe('one event of each other agent, byte for byte', () => {
  test.each([
    ['gemini', { tool_input: { command: 'evil' } }, 0, '{"decision":"deny","reason":"evil"}', ''],
    ['codex', { tool_input: { command: 'evil' } }, 2, '', 'evil\n'],
    [
      'cursor',
      { tool_input: { command: 'evil' } },
      0,
      '{"permission":"deny","user_message":"evil","agent_message":"evil"}',
      '',
    ],
    [
      'copilot',
      { toolArgs: { command: 'evil' } },
      0,
      '{"permissionDecision":"deny","permissionDecisionReason":"evil"}',
      '',
    ],
  ] as const)('%s', async (agent, more, code, stdout, stderr) => {
    const event = { ...BEFORE_TOOL[agent], ...more };
    for (const options of [[], ['--agent', agent]]) {
      const end = await world.tell(event, { options });
      expect({ code: end.code, stdout: end.stdout, stderr: end.stderr }).toEqual({ code, stdout, stderr });
    }
  });
});

describe('what cannot be answered', () => {
  test.each([
    ['no JSON', 'x', [], 'the event cannot be read: it is no JSON object'],
    ['of no agent', '{}', [], 'the event cannot be read: its fields are those of no agent we know'],
    ['an unknown agent', '{}', ['--agent', 'nobody'], 'nobody'],
  ])('%s -> exit 2 with the reason', async (_what, event, options, says) => {
    const { code, stdout, stderr } = await world.tell(event, { options });
    expect(stderr).toContain(says);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  test('an event that concerns nobody -> silence', async () => {
    const { code, stdout, stderr } = await world.tell(tool('Nobody', 'bad evil'));
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

test('an event that comes in pieces is answered once it is whole', async () => {
  const { code, stdout } = await world.tell(bash('evil '.repeat(50_000)));
  expect({ code, stdout }).toEqual({ code: 0, stdout: denial('evil') });
});

test('an answer that may be kept is asked for once; `clear` forgets it', async () => {
  const told = async () => (await world.tell(tool('Cached', 'x'))).stdout;
  const first = await told();
  expect(first).toContain('"permissionDecisionReason":"1"');
  expect(await told()).toBe(first);
  expect(await world.validator('cached')).toMatchObject({ asked: 2, fromCache: 1 });
  expect(world.home.supervisor(['cache', 'clear', 'cached']).status).toBe(0);
  expect(await told()).toContain('"permissionDecisionReason":"2"');
});

test('a validator whose dependency fails is not asked, and its policy holds', async () => {
  const { code, stdout } = await world.tell(tool('Chain', 'x'));
  const reason = `second was not asked: it depends on first, which failed (threw): Error: oops; without`;
  expect(code).toBe(0);
  expect(JSON.parse(stdout).hookSpecificOutput).toMatchObject({ permissionDecision: 'deny' });
  expect(stdout).toContain(reason);
  const noted = 'PreToolUse: first failed: threw: Error: oops';
  await waitFor('the note', () => world.home.log().includes(noted) || undefined);
});

test('a changed entry is asked by a new worker, and the old one goes', async () => {
  const told = async () => (await world.tell(tool('Changing', 'x'))).stdout;
  expect(await told()).toContain('"first"');
  const [{ pid } = { pid: null }] = (await world.validator('changing')).workers;
  const before = identify(pid ?? 0);
  writeFileSync(changing, says('second'));
  await waitFor('the answer of the new code', async () => (await told()).includes('"second"') || undefined);
  await waitFor('the end of the old worker', () => before === undefined || !isAlive(before) || undefined);
});

test('a reload keeps the workers of validators that are unchanged, lets others go, and loses no event', async () => {
  const pidOf = async (name: string) => (await world.validator(name)).workers[0]?.pid;
  await Promise.all([world.tell(bash('x')), world.tell(tool('Changing', 'x'))]);
  const [kept, gone] = [await pidOf('everybody'), await pidOf('changing')];
  const old = identify(gone ?? 0);
  const events = Array.from({ length: 20 }, (_, index) => world.tell(bash(`evil ${index}`)));
  world.configure([{ ...(others[1] ?? { name: '' }), settings: { other: true } }, everybody, ...others.slice(2)]);
  expect(world.home.supervisor(['reload'])).toMatchObject({ status: 0 });
  for (const { code, stdout } of await Promise.all(events))
    expect({ code, stdout }).toEqual({ code: 0, stdout: denial('evil') });
  expect(await pidOf('everybody')).toBe(kept);
  expect((await world.validator('changing')).workers).toEqual([]);
  await waitFor('the end of the worker of before', () => old === undefined || !isAlive(old) || undefined);
  expect((await world.tell(tool('Changing', 'x'))).stdout).toContain('"second"');
});

test('no descriptor of the daemon is left by events', async () => {
  const { pid } = await world.daemon.status();
  const count = () => readdirSync(`/proc/${pid}/fd`).length;
  await world.tell(bash('x'));
  const before = count();
  for (let index = 0; index < 20; index++) await world.tell(bash(`y ${index}`));
  expect(count()).toBeLessThan(before + 5);
});

describe('without a daemon', () => {
  const event = JSON.stringify(bash('x'));

  test('exit 2 with the reason, and what an event can have in its place', async () => {
    const end = await callNobody({ args: ['event'], stdin: event });
    const stderr =
      /^supervisor-hook: blocked, the event was not answered: no supervisor is running; .*--on-unavailable=allow\n$/;
    expect(end).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(stderr) });
  });

  test('--on-unavailable allow -> exit 0, silently', async () => {
    const end = await callNobody({ args: ['event', '--on-unavailable', 'allow'], stdin: event });
    expect(end).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});

test('more workers than there are places: refused at once with what helps, and a hook finds one all the same', async () => {
  const small = new EventWorld();
  const entry = small.write('a.mjs', says('here'));
  const three = ['a', 'b', 'c'].map((name) => ({ name, entry, level: 'contained', timeoutMs: 20_000 }));
  small.start(three, { slotsPerPool: 4 });
  const { stdout } = await small.tell(bash('x'));
  expect(stdout).toMatch(
    /c failed \(refused\): .*2 of the 4 places of its pool are taken by workers; raise slotsPerPool/,
  );
  expect(await runHook(small.home, ['echo', 'hook'])).toMatchObject({ stdout: 'hook\n', explained: { path: 'exec' } });
  expect(await small.end()).toEqual([]);
});

test('a configuration that cannot be: a cycle, an unknown dependency, a bad matcher, an unknown builtin -> all named', async () => {
  const bad = new EventWorld();
  const entry = '/v.mjs';
  bad.configure([
    { name: 'a', entry, dependsOn: ['b'] },
    { name: 'b', entry, dependsOn: ['a'] },
    { name: 'c', entry, dependsOn: ['nobody'] },
    { name: 'd', entry, matcher: '(' },
    { name: 'e', entry: 'builtin:nothing' },
  ]);
  const { status, stderr } = bad.home.supervisor(['up', '-d']);
  expect(status).toBe(ExitCode.BAD_CONFIG);
  for (const text of [
    'a -> b -> a',
    '"nobody", which is no validator',
    'validators: d',
    'nothing of the name "nothing"',
  ])
    expect(stderr).toContain(text);
  expect(existsSync(bad.home.runtimeFolder)).toBe(false);
  await bad.end();
});
