/** install, hooks through the daemon, uninstall: by the command line and with the client that it writes. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HookReport } from '../../supervisor/cli/hook-records.js';
import { answersOf } from '../lib/agent-run.js';
import { HOOK_CLIENT, SUPERVISOR, TestDaemon, TestHome } from '../lib/daemon.js';
import { corpusText } from '../lib/settings-corpus.js';
import { waitFor } from '../lib/wait.js';

let daemon: TestDaemon;
let home: TestHome;
beforeAll(() => {
  home = new TestHome();
  daemon = TestDaemon.startIn(home);
});
afterAll(async () => {
  expect(await daemon?.stop()).toEqual([]);
});
beforeEach(() => {
  mkdirSync(join(home.home, 'repo/.git'), { recursive: true });
});
afterEach(() => {
  for (const name of ['.claude', '.gemini', '.codex', 'repo', 'bin']) {
    rmSync(join(home.home, name), { recursive: true, force: true });
  }
});

function put(name: string, text: string): string {
  const path = join(home.home, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, 'latin1');
  return path;
}

/** A repository in which the command line stands. */
function supervisor(args: readonly string[], env: Readonly<Record<string, string>> = {}, folder = '') {
  const cwd = join(home.home, 'repo', folder);
  mkdirSync(cwd, { recursive: true });
  return spawnSync(SUPERVISOR, args, { cwd, env: { ...home.env, ...env }, encoding: 'utf8' });
}

/** A `claude` that only tells its version. */
function agentOfVersion(version: string): { PATH: string } {
  const path = put('bin/claude', `#!/bin/sh\necho '${version} (Claude Code)'\n`);
  chmodSync(path, 0o755);
  return { PATH: `${dirname(path)}:${home.env.PATH}` };
}

/** The commands of a file, run as Claude Code would. */
function answers(path: string): unknown[] {
  const session = { agent: 'claude', cwd: join(home.home, 'repo'), env: { ...home.env, X: 'y' }, input: INPUT };
  return answersOf(readFileSync(path, 'latin1'), session).map(({ stdout, stderr, status }) => ({
    stdout,
    stderr,
    status,
  }));
}

const INPUT = '{"hook_event_name":"Stop"}';
const HOOKS = [
  { command: 'cat; echo err >&2; exit 2' },
  { command: `printf '%s\\n' "it's" 'a "b" \\c' "$X" $(echo sub)` },
  { command: "cat <<'EOF'\nline 'one'\nEOF\n" },
  { command: "python3 -c 'import sys; print(len(sys.stdin.read())); sys.exit(3)'", timeout: 20 },
  { command: 'printf', args: ['%s|', 'a b', "it's", '$X', ''] },
  { command: 'no-such-program-at-all' },
].map((hook) => ({ type: 'command', ...hook }));
const SETTINGS = `${JSON.stringify({ hooks: { Stop: [{ hooks: HOOKS }] } }, null, 2)}\n`;

describe('claude', () => {
  it.each([
    ['texts, of an agent whose version is not known', '', 5],
    ['texts, of an older agent', '2.1.138', 5],
    ['args, of an agent that starts programs', '2.1.139', 0],
  ])('answers stay the same: %s', (_name, version, textCount) => {
    const env = version === '' ? {} : agentOfVersion(version);
    const path = put('.claude/settings.json', SETTINGS);
    const direct = answers(path);
    const installed = supervisor(['install', 'claude'], env);
    expect(installed).toMatchObject({ status: 0 });
    expect(installed.stdout).toContain(`+++ ${path}`);
    expect(readFileSync(path, 'utf8').match(/supervisor-hook sh /g)?.length ?? 0).toBe(textCount);
    expect(readFileSync(path, 'utf8').split(HOOK_CLIENT).length - 1).toBe(HOOKS.length);
    expect(answers(path)).toEqual(direct);
    expect(supervisor(['uninstall'])).toMatchObject({ status: 0 });
    expect(readFileSync(path, 'utf8')).toBe(SETTINGS);
    expect(readdirSync(dirname(path))).toEqual(['settings.json']);
  });

  it.each(['', '2.1.139'])('with --autostart the client takes its words, and they go again (claude %s)', (version) => {
    const env = version === '' ? {} : agentOfVersion(version);
    const path = put('.claude/settings.json', SETTINGS);
    const direct = answers(path);
    const { stderr } = supervisor(['install', 'claude', '--autostart'], env);
    expect(stderr).toContain('run directly, as before, and start one for the calls to come');
    expect(readFileSync(path, 'utf8').match(/--autostart/g)).toHaveLength(HOOKS.length);
    expect(answers(path)).toEqual(direct);
    rmSync(`${path}.before-hook-supervisor`);
    supervisor(['uninstall']);
    expect(readFileSync(path, 'utf8')).toBe(SETTINGS);
  });

  it('the calls went through the daemon', async () => {
    const before = (await daemon.status()).calls.total;
    const path = put('.claude/settings.json', SETTINGS);
    supervisor(['install']);
    answers(path);
    expect((await daemon.status()).calls.total - before).toBe(HOOKS.length);
    supervisor(['uninstall']);
  });

  it('status --hooks: what is wrapped, at which level, and how it did', async () => {
    put('.claude/settings.json', SETTINGS);
    supervisor(['install', '--level', 'contained', '--direct', 'no-such-program']);
    const local = put('repo/.claude/settings.local.json', corpusText('claude/14-by-hand'));
    put('.claude/agents/x.md', '---\nhooks:\n---\n');
    const script = put('repo/hook.py', 'raise SystemExit(7)\n');
    put(
      '.codex/hooks.json',
      JSON.stringify({ hooks: { Stop: [{ hooks: [{ type: 'command', command: 'python3 hook.py' }] }] } }),
    );
    supervisor(['install', 'codex']);
    const codexHook = join(home.home, '.codex/hooks.json');
    for (let at = 0; at < 3; at++) expect(answers(codexHook)).toMatchObject([{ status: 7 }]);
    const listed = () => {
      const { stdout, status } = supervisor(['status', '--hooks', '--json']);
      expect(status).toBe(0);
      return JSON.parse(stdout) as { hooks: HookReport[]; elsewhere: { path: string }[] };
    };
    const ofScript = () => listed().hooks.find(({ agent }) => agent === 'codex');
    await waitFor('records', () => (ofScript()?.record?.calls === 3 ? true : undefined));
    const { hooks, elsewhere } = listed();
    expect(hooks.map(({ state }) => state)).toEqual([
      ...['installed', 'installed', 'installed', 'installed', 'installed', 'direct'],
      ...['byHand', 'byHand', 'byHand', 'direct', 'installed'],
    ]);
    expect(hooks.map(({ command }) => command).slice(0, 6)).toEqual(HOOKS.map(({ command }) => command));
    expect(hooks[0]).toMatchObject({ scope: 'user', event: 'Stop', level: 'contained', line: 6 });
    expect(hooks[5]).toMatchObject({ level: null });
    expect(hooks[6]).toMatchObject({ scope: 'local', file: local, level: 'contained', record: null });
    expect(ofScript()?.record).toMatchObject({ calls: 3, last: ['7', '7', '7'] });
    expect(ofScript()?.record?.p50Ms).toBeGreaterThan(0);
    expect(elsewhere).toMatchObject([{ path: join(home.home, '.claude/agents/x.md') }]);
    const text = supervisor(['status', '--hooks'], { COLUMNS: '400' }).stdout;
    expect(text).toMatch(/^codex +Stop +wrapped +contained .* 7 7 7 +python3 hook\.py /m);
    rmSync(script);
    supervisor(['uninstall']);
  });

  it("leaves what others share, unless told, and then names the client as it is on everybody's PATH", () => {
    const path = put('repo/.claude/settings.json', SETTINGS);
    expect(supervisor(['install']).stderr).toContain('others share it: --project');
    const refused = supervisor(['install', '--project']);
    expect(refused).toMatchObject({ status: 69, stdout: '' });
    expect(refused.stderr).toContain('is not on PATH');
    mkdirSync(join(home.home, 'bin'));
    symlinkSync(HOOK_CLIENT, join(home.home, 'bin/supervisor-hook'));
    const env = { PATH: `${join(home.home, 'bin')}:${home.env.PATH}` };
    expect(supervisor(['install', '--project'], env)).toMatchObject({ status: 0 });
    expect(readFileSync(path, 'utf8')).not.toContain(HOOK_CLIENT);
    expect(readFileSync(path, 'utf8')).toContain('"command": "supervisor-hook sh -- ');
    expect(supervisor(['uninstall'])).toMatchObject({ status: 0 });
    expect(readFileSync(path, 'utf8')).toBe(SETTINGS);
  });

  it('--dry-run writes nothing and shows the same', () => {
    const path = put('.claude/settings.json', SETTINGS);
    const shown = supervisor(['install', '--dry-run']);
    expect(readFileSync(path, 'utf8')).toBe(SETTINGS);
    expect(readdirSync(dirname(path))).toEqual(['settings.json']);
    expect(supervisor(['install']).stdout).toBe(shown.stdout);
    expect(supervisor(['uninstall', '--dry-run']).status).toBe(0);
    expect(readFileSync(path, 'utf8')).not.toBe(SETTINGS);
    supervisor(['uninstall']);
  });

  it('invalid JSON is told with line and column, other files are written', () => {
    const path = put('.claude/settings.json', SETTINGS);
    const spoiled = put('repo/.claude/settings.local.json', corpusText('invalid/comma'));
    const end = supervisor(['install']);
    expect(end).toMatchObject({ status: 69 });
    expect(end.stderr).toContain(`${spoiled}:3:48: is not valid JSON (comma expected)`);
    expect(readFileSync(spoiled, 'latin1')).toBe(corpusText('invalid/comma'));
    expect(readFileSync(path, 'utf8')).toContain(HOOK_CLIENT);
    rmSync(spoiled);
    expect(supervisor(['uninstall'])).toMatchObject({ status: 0 });
  });

  it('takes back from anywhere what it has written anywhere', () => {
    const path = put('repo/deep/.claude/settings.local.json', SETTINGS);
    supervisor(['install'], {}, 'deep');
    expect(readFileSync(path, 'utf8')).toContain(HOOK_CLIENT);
    expect(supervisor(['uninstall'])).toMatchObject({ status: 0 });
    expect(readFileSync(path, 'utf8')).toBe(SETTINGS);
  });

  it('level and policy stand in the command, and --direct leaves a hook', () => {
    const path = put('.claude/settings.json', SETTINGS);
    const args = ['--level', 'restricted', '--on-unavailable', 'allow', '--direct', 'no-such-program'];
    expect(supervisor(['install', ...args])).toMatchObject({ status: 0 });
    const text = readFileSync(path, 'utf8');
    expect(text.match(/--level restricted --on-unavailable allow/g)).toHaveLength(4);
    expect(text).toContain('"command": "no-such-program-at-all"');
    expect(supervisor(['install', '--level', 'restricted', '--on-unavailable', 'run']).status).toBe(69);
    supervisor(['uninstall']);
  });
});

it('Gemini and Codex: wrapped, told what has to be done, and back to the byte', () => {
  const files = [
    ['.gemini/settings.json', 'gemini/01-project'],
    ['.codex/hooks.json', 'codex/01-hooks'],
  ] as const;
  const paths = files.map(([name, corpus]) => put(name, corpusText(corpus)));
  const installed = supervisor(['install']);
  expect(installed).toMatchObject({ status: 0 });
  expect(installed.stderr).toContain('trust');
  for (const path of paths) expect(readFileSync(path, 'utf8')).toContain(' sh --shell bash --timeout ');
  expect(supervisor(['uninstall'])).toMatchObject({ status: 0 });
  for (const [at, path] of paths.entries()) expect(readFileSync(path, 'latin1')).toBe(corpusText(files[at]?.[1] ?? ''));
});

it('killed at any moment, install leaves what uninstall takes back, and nothing beside it', async () => {
  const path = put('.claude/settings.json', SETTINGS);
  let killed = 0;
  for (let delayMs = 40; delayMs <= 400; delayMs += 30) {
    const child = spawn(SUPERVISOR, ['install'], { cwd: join(home.home, 'repo'), env: home.env, stdio: 'ignore' });
    const end = new Promise((resolve) => child.on('close', (_code, signal) => resolve(signal)));
    setTimeout(() => child.kill('SIGKILL'), delayMs);
    if ((await end) === 'SIGKILL') killed++;
    const text = readFileSync(path, 'utf8');
    expect(text === SETTINGS || text.split(HOOK_CLIENT).length - 1 === HOOKS.length).toBe(true);
    expect(supervisor(['uninstall'])).toMatchObject({ status: 0 });
    expect(readFileSync(path, 'utf8')).toBe(SETTINGS);
    expect(readdirSync(dirname(path))).toEqual(['settings.json']);
  }
  expect(killed).toBeGreaterThan(0);
});

it('an agent whose hooks are no commands in a file is refused with words', () => {
  const end = supervisor(['install', 'cline']);
  expect(end).toMatchObject({ status: 69, stdout: '' });
  expect(end.stderr).toContain('is not supported: ');
  expect(existsSync(join(home.home, '.clinerules'))).toBe(false);
});
