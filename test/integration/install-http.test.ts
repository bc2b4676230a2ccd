/** install --http: what the agent is told, asked as it would ask, and taken back. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { HookReport } from '../../supervisor/cli/hook-records.js';
import { SUPERVISOR, type TestHome } from '../lib/daemon.js';
import { configureHttp, HttpDaemon } from '../lib/http-hooks.js';
import { CORPUS } from '../lib/settings-corpus.js';

const ALLOW = ['--http', '--on-unavailable', 'allow'];
const BLOCK = ['--http', '--on-unavailable', 'block'];
const HOOKS = [
  { type: 'command', command: 'echo "not $(basename "$PWD")" >&2; exit 2', timeout: 5 },
  { type: 'command', command: 'printf', args: ['{"reason":"%s","decision":"block"}', '${CLAUDE_PROJECT_DIR}'] },
  { type: 'command', command: 'sleep 30', timeout: 0.4 },
];
const SETTINGS = `${JSON.stringify({ hooks: { Stop: [{ hooks: HOOKS }], SessionStart: [{ hooks: HOOKS.slice(0, 1) }] } }, null, 2)}\n`;

let http: HttpDaemon;
let home: TestHome;
let settingsFile: string;
let recordFile: string;

beforeAll(async () => {
  http = await HttpDaemon.start({});
  home = http.daemon.home;
  // The port that the daemon has: so it is in the configuration, as install needs it.
  configureHttp(home, {}, http.port);
  settingsFile = join(home.home, '.claude/settings.json');
  recordFile = join(home.home, '.local/state/hook-supervisor/http-hooks.json');
});
afterEach(() => {
  rmSync(join(home.home, '.claude'), { recursive: true, force: true });
  rmSync(recordFile, { force: true });
});
afterAll(async () => {
  expect(await http.daemon.stop(), 'left behind').toEqual([]);
});

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, 'latin1');
}

function supervisor(args: readonly string[], version = '2.1.330', cwd = http.project) {
  const program = join(home.home, 'bin/claude');
  put(program, `#!/bin/sh\necho '${version} (Claude Code)'\n`);
  chmodSync(program, 0o755);
  const env = { ...home.env, PATH: `${dirname(program)}:${home.env.PATH}` };
  return spawnSync(SUPERVISOR, args, { cwd, env, encoding: 'utf8' });
}

/** Of the hooks of Stop that are asked for by HTTP: what they answer. */
async function answers(): Promise<{ status: number; body: string }[]> {
  const { hooks } = JSON.parse(readFileSync(settingsFile, 'utf8')) as {
    hooks: { Stop: { hooks: { url: string }[] }[] };
  };
  const urls = hooks.Stop.flatMap((group) => group.hooks.map(({ url }) => new URL(url)));
  expect(urls.map(({ port }) => Number(port))).toEqual(urls.map(() => http.port));
  const all = urls.map(({ pathname }) => http.ask(pathname.replace('/hook/', ''), http.event('Stop')));
  return (await Promise.all(all)).map(({ status, body }) => ({ status, body }));
}

it('the hooks answer as they did, without a restart of the daemon, and all is taken back', async () => {
  put(settingsFile, SETTINGS);
  const installed = supervisor(['install', 'claude', ...ALLOW]);
  expect(installed).toMatchObject({ status: 0 });
  expect(installed.stderr).toMatch(/SessionStart .*: through the client; the agent does not send it by HTTP/);
  expect(installed.stderr).toContain('get nothing of the environment of the agent');
  expect(installed.stderr).toContain('export HOOK_SUPERVISOR_TOKEN="$(cat ');
  expect(readFileSync(settingsFile, 'utf8')).not.toContain(http.token);
  expect(await answers()).toEqual([
    { status: 200, body: '{"decision":"block","reason":"not project"}' },
    { status: 200, body: `{"reason":"${http.project}","decision":"block"}` },
    { status: 500, body: expect.stringContaining('no end within') },
  ]);
  expect(supervisor(['install', 'claude', ...ALLOW]).stderr).toContain('nothing to change');
  const { stdout } = supervisor(['status', '--hooks', '--json']);
  const { hooks } = JSON.parse(stdout) as { hooks: HookReport[] };
  expect(hooks.map(({ state, command }) => [state, command])).toEqual(
    [...HOOKS, HOOKS[0]].map((hook) => ['installed', hook?.command]),
  );
  const [first] = Object.keys(JSON.parse(readFileSync(recordFile, 'utf8')).hooks);
  expect(supervisor(['uninstall'])).toMatchObject({ status: 0 });
  expect(readFileSync(settingsFile, 'utf8')).toBe(SETTINGS);
  expect(readdirSync(dirname(settingsFile))).toEqual(['settings.json']);
  expect(existsSync(recordFile)).toBe(false);
  expect((await http.ask(first ?? '', http.event('Stop'))).status).toBe(404);
});

it('block is written, and answered by the daemon for what fails', async () => {
  put(settingsFile, SETTINGS);
  expect(supervisor(['install', 'claude', ...BLOCK], '2.1.294')).toMatchObject({ status: 69, stdout: '' });
  expect(supervisor(['install', 'claude', ...BLOCK])).toMatchObject({ status: 0 });
  expect(readFileSync(settingsFile, 'utf8').match(/"onFailure": "block"/g)).toHaveLength(HOOKS.length);
  supervisor(['install', 'claude']);
  expect(readFileSync(settingsFile, 'utf8')).not.toContain('onFailure');
  expect(existsSync(recordFile)).toBe(false);
  expect(supervisor(['uninstall'])).toMatchObject({ status: 0 });
  expect(readFileSync(settingsFile, 'utf8')).toBe(SETTINGS);
});

it('every file of the corpus, side by side, comes back to the byte without its backup', () => {
  const files = CORPUS.filter(({ agent }) => agent === 'claude');
  const folderOf = (at: number) => join(http.project, Array.from({ length: at }, () => 'd').join('/'));
  const paths = files.map(({ text }, at) => {
    const path = join(folderOf(at), '.claude/settings.local.json');
    put(path, text);
    return path;
  });
  const inAll = (...args: string[]) =>
    supervisor([...args, 'claude', '--local'], '2.1.330', folderOf(files.length - 1));
  expect(inAll('install', ...ALLOW)).toMatchObject({ status: 0 });
  expect(paths.filter((path) => readFileSync(path, 'latin1').includes('/hook/')).length).toBeGreaterThan(15);
  for (const path of paths) rmSync(`${path}.before-hook-supervisor`, { force: true });
  expect(inAll('uninstall')).toMatchObject({ status: 0 });
  for (const [at, path] of paths.entries()) expect(readFileSync(path, 'latin1')).toBe(files[at]?.text);
  expect(existsSync(recordFile)).toBe(false);
  for (const name of ['.claude', 'd']) rmSync(join(http.project, name), { recursive: true });
});

it.each([
  ['an agent that is too old', ALLOW, '2.1.62', 'need version 2.1.63'],
  ['an agent that does not tell its version', ALLOW, 'x', 'this is unknown'],
  ['nothing said of an absent daemon', ['--http'], '2.1.330', '--on-unavailable allow or'],
  [
    'a direct run of what nobody can run',
    ['--http', '--on-unavailable', 'run'],
    '2.1.330',
    '--on-unavailable allow or',
  ],
])('refused, and nothing written: %s', (_what, options, version, why) => {
  put(settingsFile, SETTINGS);
  const { status, stderr, stdout } = supervisor(['install', 'claude', ...options], version);
  expect({ status, stdout }).toEqual({ status: 69, stdout: expect.any(String) });
  expect(stderr).toContain(why);
  expect(readFileSync(settingsFile, 'utf8')).toBe(SETTINGS);
});

it('where another agent can read the file, too, its hooks go through the client, and that is told', () => {
  put(settingsFile, SETTINGS);
  const reader = join(home.home, '.cursor');
  mkdirSync(reader);
  const { status, stderr } = supervisor(['install', 'claude', ...ALLOW]);
  rmSync(reader, { recursive: true });
  expect(status).toBe(0);
  expect(stderr).toContain(`the agent of ${reader} can read its hooks, too`);
  const written = readFileSync(settingsFile, 'utf8');
  expect(written).not.toContain('"http"');
  expect(written.match(/supervisor-hook sh .*--on-unavailable allow -- /g)?.length).toBeGreaterThan(1);
  expect(existsSync(recordFile)).toBe(false);
  expect(supervisor(['uninstall'])).toMatchObject({ status: 0 });
  expect(readFileSync(settingsFile, 'utf8')).toBe(SETTINGS);
});

it('refused where the settings narrow http hooks, or the daemon has no port that stays', () => {
  put(settingsFile, SETTINGS.replace('{', '{"allowedHttpHookUrls":[],'));
  expect(supervisor(['install', 'claude', ...ALLOW]).stderr).toContain('allowedHttpHookUrls is set');
  put(settingsFile, SETTINGS);
  configureHttp(home, {}, 0);
  const { status, stderr } = supervisor(['install', 'claude', ...ALLOW]);
  configureHttp(home, {}, http.port);
  expect([status, readFileSync(settingsFile, 'utf8')]).toEqual([69, SETTINGS]);
  expect(stderr).toContain('"http": {"on": true, "port": ');
});
