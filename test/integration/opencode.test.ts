/** install opencode: the plugin that it writes, loaded by Node and called as the two generations of opencode say they do. No opencode
 *  takes part. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type plugin from '../../supervisor/agents/install/opencode-plugin.js';
import { TestDaemon } from '../lib/daemon.js';
import { identify } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';

const BEFORE = 'tool.execute.before';
const AFTER = 'tool.execute.after';
const command = (text: string, timeout = 10) => ({ type: 'command', command: text, timeout });
const REFUSE = command('cat > "$HOME/read"; echo "not so" >&2; exit 2');
/** Its time is up before it is: one is ended by the daemon, the other, which install leaves as it is, by the plugin. */
const late = (name: string, seconds: number) => command(`echo $$ > "$HOME/${name}"; sleep ${seconds}; exit 2`, 0.5);
const HOOKS = {
  [BEFORE]: [
    { matcher: 'bash|sh.*', hooks: [REFUSE, command('exit 1')] },
    { matcher: 'slow', hooks: [late('wrapped', 30), late('direct', 31)] },
    { hooks: [command('echo any >> "$HOME/any"')] },
  ],
  [AFTER]: [{ hooks: [command('cat > "$HOME/after"; exit 2')] }],
};

let daemon: TestDaemon;
let hooksFile: string;
let pluginFile: string;
let loads = 0;

beforeAll(() => {
  daemon = TestDaemon.start({});
  hooksFile = join(daemon.home.home, '.config/opencode/hook-supervisor.json');
  pluginFile = join(dirname(hooksFile), 'plugins/hook-supervisor.js');
  mkdirSync(dirname(hooksFile), { recursive: true });
});
afterEach(() => {
  expect(daemon.home.supervisor(['uninstall', 'opencode']).status).toBe(0);
  expect([readFileSync(hooksFile, 'utf8'), existsSync(pluginFile)]).toEqual([settings(), false]);
});
afterAll(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

const settings = () => JSON.stringify({ hooks: HOOKS }, null, 2);
const inHome = (name: string) => readFileSync(join(daemon.home.home, name), 'utf8');

async function installed(): Promise<typeof plugin> {
  writeFileSync(hooksFile, settings());
  const { status, stderr } = daemon.home.supervisor(['install', 'opencode', '--direct', 'sleep 31']);
  expect(status, stderr).toBe(0);
  process.env.HOME = daemon.home.home; // what opencode has in its environment its hooks have, too
  process.env.SUPERVISOR_RUNTIME_DIR = daemon.home.runtimeFolder;
  return (await import(`${pathToFileURL(pluginFile).href}?${loads++}`)).default;
}

async function first() {
  const hooks = await (await installed()).server({ directory: daemon.home.root });
  const ids = { sessionID: 's-1', callID: 'c-1' };
  return {
    before: (tool: string, args: unknown) => hooks[BEFORE]({ tool, ...ids }, { args }),
    after: (tool: string, args: unknown, output: unknown) => hooks[AFTER]({ tool, ...ids, args }, output),
  };
}

it('opencode 1: exit 2 refuses with its words, through the daemon; the hook reads which tool it is about', async () => {
  const { before, after } = await first();
  const served = (await daemon.status()).calls.total;
  await expect(before('bash', { command: 'rm' })).rejects.toThrow(/^not so$/);
  expect((await daemon.status()).calls.total).toBe(served + 3);
  expect(JSON.parse(inHome('read'))).toEqual({
    ...{ hook_event_name: BEFORE, session_id: 's-1', tool_use_id: 'c-1', cwd: daemon.home.root },
    ...{ tool_name: 'bash', tool_input: { command: 'rm' } },
  });
  await after('bash', { command: 'ls' }, { title: 't', output: 'o' });
  expect(JSON.parse(inHome('after'))).toMatchObject({
    ...{ hook_event_name: AFTER, tool_input: { command: 'ls' }, tool_response: { title: 't', output: 'o' } },
  });
});

it('opencode 2: the same', async () => {
  const { setup } = await installed();
  const calls = new Map<string, (call: Parameters<Parameters<Host['hook']>[1]>[0]) => Promise<void>>();
  type Host = Parameters<typeof setup>[0]['tool'];
  const hook: Host['hook'] = async (name, run) => void calls.set(name, run);
  await setup({ location: { directory: daemon.home.root }, tool: { hook } });
  const call = { sessionID: 's-2', id: 'c-2', input: { command: 'rm' } };
  await expect(calls.get('execute.before')?.({ ...call, tool: 'shell' })).rejects.toThrow(/^not so$/);
  expect(JSON.parse(inHome('read'))).toMatchObject({ session_id: 's-2', tool_use_id: 'c-2', tool_name: 'shell' });
  await calls.get('execute.before')?.({ ...call, tool: 'read' });
  await calls.get('execute.after')?.({ ...call, tool: 'read', result: { content: 'x' } });
  expect(JSON.parse(inHome('after'))).toMatchObject({ tool_response: { content: 'x' } });
});

it('what a matcher does not name whole goes on, and so does what does not answer in time', async () => {
  const { before } = await first();
  rmSync(join(daemon.home.home, 'any'), { force: true });
  await before('rebash', {});
  await before('bashes', {});
  expect(inHome('any')).toBe('any\nany\n');
  const startedAtMs = performance.now();
  await before('slow', {});
  expect(performance.now() - startedAtMs).toBeLessThan(10_000);
  for (const name of ['wrapped', 'direct']) {
    const pid = Number(inHome(name));
    await waitFor(`the end of the one that is ${name}`, () => (identify(pid) === undefined ? true : undefined));
  }
});

it.each([
  ['no JSON', '{'],
  ['a hook without a command', `{"hooks":{"${BEFORE}":[{"hooks":[{"type":"command"}]}]}}`],
  ['a pattern that is none', `{"hooks":{"${BEFORE}":[{"matcher":"(","hooks":[]}]}}`],
])(
  'a file with %s refuses every tool, and says where it is; without the file nothing is asked',
  async (_what, text) => {
    const { before, after } = await first();
    const wrapped = readFileSync(hooksFile, 'utf8');
    writeFileSync(hooksFile, text);
    await expect(before('read', {})).rejects.toThrow(hooksFile);
    await after('read', {}, {});
    writeFileSync(hooksFile, wrapped);
  },
);

it('a second install changes nothing; a plugin that is not ours is neither replaced nor removed', async () => {
  await installed();
  expect(daemon.home.supervisor(['install', 'opencode', '--direct', 'sleep 31']).stderr).toContain('nothing to change');
  daemon.home.supervisor(['uninstall', 'opencode']);
  writeFileSync(pluginFile, 'export default {};\n');
  expect(daemon.home.supervisor(['install', 'opencode'])).toMatchObject({ status: 69 });
  daemon.home.supervisor(['uninstall', 'opencode']);
  expect(readFileSync(pluginFile, 'utf8')).toBe('export default {};\n');
  rmSync(pluginFile);
  writeFileSync(`${pluginFile}.hook-supervisor-new`, 'half');
  daemon.home.supervisor(['uninstall', 'opencode']);
  expect(readdirSync(dirname(pluginFile))).toEqual([]);
});
