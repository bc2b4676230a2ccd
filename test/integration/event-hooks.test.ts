/** Hook commands of the configuration, run for agents' events beside validators. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shellOf } from '../../supervisor/agents/events/rules.js';
import { LEVEL_NEEDS } from '../../supervisor/contract/isolation.js';
import { EVENT_AGENTS, type EventAgent } from '../../supervisor/contract/validating.js';
import { EventWorld } from '../lib/events.js';
import { identify, isAlive, type ProcessIdentity } from '../lib/processes.js';
import { hostLayers } from '../lib/resident.js';
import { waitFor } from '../lib/wait.js';
import { BEFORE_TOOL } from '../unit/agents/events/samples.js';

const layers = await hostLayers();
const world = new EventWorld();
const at = (name: string) => join(world.folder, name);

/** What hooks do that agents start: each is meant by a tool's name of its own. */
const ALONE = {
  silent: 'cat > /dev/null',
  words: 'echo words; echo noise >&2',
  json: `echo '{"systemMessage":"hi","x":[1, 2]}'`,
  refuses: 'echo no >&2; exit 2',
  fails: 'echo oops >&2; exit 1',
  odd: 'exit 77',
  missing: 'no-such-program --at all',
  signal: 'echo before; kill -TERM $$',
  stdin: 'cat',
  surroundings: 'pwd; umask; ulimit -n; env | sort; cat | wc -c; echo "$#"',
  daemon: 'sleep 1000 > /dev/null 2>&1 & echo started',
} as const;
const ALONE_NAMES = Object.keys(ALONE) as (keyof typeof ALONE)[];

/** Of the agent's own words: what a hook says beside what a validator says, and what the agent is told, to the byte. */
type Beside = { hook: string; told: string };
const specific = (text: string) => `{"hookSpecificOutput":{"hookEventName":"PreToolUse",${text}}}`;
const BESIDE: Readonly<Record<EventAgent, Beside>> = {
  claude: {
    hook: specific('"permissionDecision":"ask","permissionDecisionReason":"h","additionalContext":"from h"'),
    told: specific(
      '"additionalContext":"from v\\n\\nfrom h","permissionDecision":"ask","permissionDecisionReason":"h"',
    ),
  },
  gemini: { hook: '{"decision":"allow","reason":"h"}', told: '{"decision":"allow","reason":"v\\nh"}' },
  codex: { hook: specific('"additionalContext":"from h"'), told: specific('"additionalContext":"from v\\n\\nfrom h"') },
  cursor: {
    hook: '{"permission":"allow","updated_input":{"a":1}}',
    told: '{"permission":"allow","updated_input":{"a":1}}',
  },
  copilot: {
    hook: '{"permissionDecision":"ask","permissionDecisionReason":"h"}',
    told: '{"permissionDecision":"ask","permissionDecisionReason":"h","additionalContext":"from v"}',
  },
};
const DENIED: Readonly<Record<EventAgent, { code: number; stdout: string; stderr: string }>> = {
  claude: { code: 0, stdout: specific('"permissionDecision":"deny","permissionDecisionReason":"evil"'), stderr: '' },
  gemini: { code: 0, stdout: '{"decision":"deny","reason":"evil"}', stderr: '' },
  codex: { code: 2, stdout: '', stderr: 'evil\n' },
  cursor: { code: 0, stdout: '{"permission":"deny","user_message":"evil","agent_message":"evil"}', stderr: '' },
  copilot: { code: 0, stdout: '{"permissionDecision":"deny","permissionDecisionReason":"evil"}', stderr: '' },
};

const voice = {
  name: 'voice',
  entry: world.write(
    'voice.mjs',
    `export default { validate({ toolName, toolInput }) {
  if (toolName === 'Evil') return { decision: 'deny', reason: 'evil' };
  return toolName === 'Both' ? { decision: 'allow', reason: 'v', context: 'from v' } : {};
} };`,
  ),
  level: 'contained',
  timeoutMs: 20_000,
};

/** Writes its pid and that of its child, then waits for ever. */
const forEver = (name: string) => `sleep 1000 & echo $$ $! > ${at(name)}.new && mv ${at(name)}.new ${at(name)}; wait`;
/** Goes on only once all three are there. */
const meets = (own: string) => {
  const areThere = [0, 1, 2].map((one) => `[ -e ${at(`meet-${one}`)} ]`).join(' && ');
  return `touch ${at(own)}; until ${areThere}; do sleep 0.01; done; echo '{"systemMessage":"${own}"}'`;
};

const hooks: Readonly<Record<string, unknown>>[] = [
  ...ALONE_NAMES.map((name) => ({ name: `alone-${name}`, command: ALONE[name], matcher: `Alone-${name}` })),
  { name: 'words', command: ['/bin/sh', '-c', 'printf "%s|" "$@"; pwd', 'sh', 'a b', '$HOME'], matcher: 'Words' },
  ...EVENT_AGENTS.map((agent) => ({
    ...{ name: `both-${agent}`, command: `echo '${BESIDE[agent].hook}'`, agents: [agent], matcher: 'Both' },
  })),
  { name: 'beside-evil', command: 'cat > /dev/null; echo noise >&2', matcher: 'Evil' },
  ...[0, 1, 2].map((index) => ({ name: `meet-${index}`, command: meets(`meet-${index}`), matcher: 'Meet' })),
  {
    name: 'refuses',
    command: `until [ -e ${at('early')} ]; do sleep 0.01; done; echo no >&2; exit 2`,
    matcher: 'Early',
  },
  { name: 'early', command: forEver('early'), matcher: 'Early' },
  { name: 'kept', command: forEver('kept'), matcher: 'Kept' },
  { name: 'slow', command: forEver('slow'), matcher: 'Slow', timeoutMs: 300 },
  { name: 'slow-blocks', command: 'sleep 1000', matcher: 'SlowBlocks', timeoutMs: 100, onFailure: 'block' },
  { name: 'broken', command: 'echo oops >&2; exit 1', matcher: 'Broken' },
  { name: 'fine', command: `echo '{"systemMessage":"fine"}'`, matcher: 'Broken' },
  {
    name: 'async',
    command: `echo '{"async":true}'; until [ -e ${at('async-on')} ]; do sleep 0.01; done; cat ${at('async-context')}`,
    matcher: 'Async',
  },
  { name: 'held', command: 'cat > /dev/null; cat /proc/self/status', matcher: 'Held', level: 'restricted' },
];

beforeAll(() => world.start([voice], { hooks }));
afterAll(async () => expect(await world.end()).toEqual([]));

/** An event of that agent about a tool of that name. */
function event(agent: EventAgent, tool: string): object {
  return { ...BEFORE_TOOL[agent], ...(agent === 'copilot' ? { toolName: tool } : { tool_name: tool }) };
}

/** As the agent itself would have run it. */
function direct(shell: string, text: string, stdin: string) {
  const { env, root } = world.home;
  const child = spawn(shell, ['-c', text], { env, cwd: root, detached: true });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  return new Promise<object>((resolve) => {
    child.on('close', (code, signal) => {
      if (child.pid !== undefined && text === ALONE.daemon) process.kill(-child.pid, 'SIGKILL');
      resolve({ code, signal, stdout, stderr });
    });
  });
}

async function told(agent: EventAgent, tool: string) {
  const { code, signal, stdout, stderr } = await world.tell(event(agent, tool), { options: ['--agent', agent] });
  return { code, signal, stdout, stderr };
}

async function hookStatus(name: string) {
  return (await world.daemon.status()).hooks.find((one) => one.name === name);
}

/** Of a file that `forEver` has written. */
function family(name: string): Promise<ProcessIdentity[]> {
  return waitFor(`the processes of ${name}`, () => {
    if (!existsSync(at(name))) return undefined;
    const known = readFileSync(at(name), 'utf8').trim().split(' ').map(Number).map(identify);
    rmSync(at(name));
    return known.flatMap((one) => one ?? []);
  });
}

const gone = (all: readonly ProcessIdentity[]) => waitFor('their end', () => !all.some(isAlive) || undefined);

describe.each(EVENT_AGENTS)('%s: a hook alone has its own words, as if the agent had started it', (agent) => {
  test.each(ALONE_NAMES)('%s', async (name) => {
    const tool = `Alone-${name}`;
    const expected = await direct(shellOf(agent), ALONE[name], JSON.stringify(event(agent, tool)));
    expect(await told(agent, tool)).toEqual(expected);
  });
});

test('a list is a program and its words, without a shell', async () => {
  expect(await told('claude', 'Words')).toMatchObject({ code: 0, stdout: `a b|$HOME|${world.home.root}\n` });
});

describe('beside a validator', () => {
  test.each(EVENT_AGENTS)('%s: both are merged, the validator first', async (agent) => {
    expect(await told(agent, 'Both')).toEqual({ code: 0, signal: null, stdout: BESIDE[agent].told, stderr: '' });
  });

  test.each(EVENT_AGENTS)('%s: the validator denies, whatever the hook says', async (agent) => {
    expect(await told(agent, 'Evil')).toMatchObject(DENIED[agent]);
  });
});

test('three hooks of one event run at the same time, and speak in declared order', async () => {
  const meeting = await world.tell(event('claude', 'Meet'));
  expect(meeting).toMatchObject({ code: 0, stdout: '{"systemMessage":"meet-0\\nmeet-1\\nmeet-2"}' });
  expect(await hookStatus('meet-2')).toMatchObject({ asked: 1, running: 0 });
});

describe('what ends a hook ends its whole tree', () => {
  test('a deny that nothing can change: told while the other still runs', async () => {
    expect(await told('codex', 'Early')).toEqual({ code: 2, signal: null, stdout: '', stderr: 'no\n' });
    await gone(await family('early'));
  });

  test.each(['SIGKILL', 'SIGTERM'] as const)('the client ends by %s', async (signal) => {
    const client = world.client(event('claude', 'Kept'));
    const all = await family('kept');
    expect(all).toHaveLength(2);
    client.process.kill(signal);
    await client.end;
    await gone(all);
    await waitFor('the count', async () => (await hookStatus('kept'))?.running === 0 || undefined);
  });

  test('its deadline: a failure that the agent is told of', async () => {
    const stderr = 'hook-supervisor: hook stopped: no end within 300 ms\n';
    expect(await told('claude', 'Slow')).toEqual({ code: 1, signal: null, stdout: '', stderr });
    await gone(await family('slow'));
    expect(await hookStatus('slow')).toMatchObject({ asked: 1, failed: 1 });
  });
});

test('a failure denies where onFailure says so', async () => {
  const { stdout } = await told('claude', 'SlowBlocks');
  expect(stdout).toContain('"permissionDecision":"deny"');
  expect(stdout).toContain('slow-blocks failed (timedOut): hook stopped: no end within 100 ms');
});

test('a failure beside a word of another is told to the user, and noted', async () => {
  const stdout = '{"systemMessage":"fine\\nbroken failed: exit status 1: oops"}';
  expect(await told('claude', 'Broken')).toMatchObject({ code: 0, stdout, stderr: '' });
  const noted = 'PreToolUse: broken failed: threw: exit status 1: oops';
  await waitFor('the note', () => world.home.log().includes(noted) || undefined);
});

test('one that is not to be waited for: the event is answered, and what it says then comes with a later one of its session', async () => {
  world.write('async-context', specific('"additionalContext":"from behind"'));
  expect(await told('claude', 'Async')).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  expect(await hookStatus('async')).toMatchObject({ running: 1 });
  world.write('async-on', '');
  await waitFor('its end', async () => (await hookStatus('async'))?.running === 0 || undefined);
  expect((await told('claude', 'Nothing')).stdout).toBe(specific('"additionalContext":"from behind"'));
});

test('its level holds, and its call is recorded as any other', async ({ skip }) => {
  const lacking = LEVEL_NEEDS.restricted.filter((name) => !layers.includes(name));
  if (lacking.length > 0) skip(`this host lacks ${lacking.join(', ')}`);
  // Its folder must not hold the home.
  const through = ['/usr/bin/env', '-C', world.folder];
  const { code, stdout } = await world.tell(event('claude', 'Held'), { through });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^NoNewPrivs:\t1$/m);
  const history = () => world.home.supervisor(['history', '--json']).stdout;
  await waitFor('its record', () => (/"level": "restricted"/.test(history()) ? true : undefined));
});

test('no descriptor of the daemon is left by them', async () => {
  const { pid } = await world.daemon.status();
  const count = () => readdirSync(`/proc/${pid}/fd`).length;
  await told('claude', 'Broken');
  const before = count();
  for (let index = 0; index < 20; index++) await told('claude', 'Broken');
  expect(count()).toBeLessThan(before + 5);
});

test('a reload: the next event finds the new hooks; what runs is answered', async () => {
  const early = told('claude', 'Slow');
  await waitFor('its start', async () => (await hookStatus('slow'))?.running === 1 || undefined);
  world.configure([voice], { hooks: [{ name: 'new', command: 'echo new >&2; exit 2', matcher: 'Slow' }] });
  expect(world.home.supervisor(['reload'])).toMatchObject({ status: 0 });
  expect(await told('claude', 'Slow')).toMatchObject({ code: 2, stderr: 'new\n' });
  expect(await early).toMatchObject({ code: 1, stderr: expect.stringContaining('no end within 300 ms') });
});
