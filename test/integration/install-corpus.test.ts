/** Every settings file of the corpus: installed, each of its hooks run as its agent runs it, and back to the byte. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answersOf, type HookAnswer } from '../lib/agent-run.js';
import { HOOK_CLIENT, SUPERVISOR, TestDaemon, TestHome } from '../lib/daemon.js';
import { findPython } from '../lib/python.js';
import { BIG, CORPUS, type CorpusFile } from '../lib/settings-corpus.js';

const PLUGIN = '.claude/plugins/cache/market/helper/1.0.0';
const INPUT =
  '{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"rm -rf x","file_path":"/p/.env"}}';
const PYTHON =
  'import os, sys\nprint(sys.argv[0], sys.argv[1:], len(sys.stdin.read()), os.getcwd(), os.environ.get("FOO"))\nsys.exit(len(sys.argv))\n';
const SHELL = '#!/bin/sh\necho "$0 $# $* $(wc -c)"; echo err >&2; exit 5\n';
const NODE = 'console.log(process.argv.slice(2), process.cwd()); process.exitCode = 4;\n';
/** What the hooks of the corpus run, for each folder. */
const SCRIPTS: Record<string, string> = {
  ...Object.fromEntries(
    ['guard', 'log', 'prompt', 'model', 'upload', 'audit', 'a'].map((name) => [`${name}.py`, PYTHON]),
  ),
  ...{ 'check.mjs': NODE, 'a.mjs': NODE, 'watch.sh': SHELL, 'b.sh': SHELL, 'NOTES.md': 'notes\n' },
  ...{ '.claude/hooks/guard.sh': SHELL, '.claude/hooks/a.sh': SHELL, '.claude/hooks/guard.py': PYTHON },
  '.gemini/hooks/guard.sh': SHELL,
};
const FILE_OF: Record<string, string> = {
  claude: '.claude/settings.local.json',
  gemini: '.gemini/settings.json',
  codex: '.codex/hooks.json',
};

let home: TestHome;
let daemon: TestDaemon;
let placed: { file: CorpusFile; folder: string; path: string }[];
let deepest: string;
let env: Record<string, string>;
let direct: ReturnType<typeof answers>;

beforeAll(() => {
  home = new TestHome();
  put('.config/hook-supervisor/config.json', JSON.stringify({ pluginLevel: 'contained' }));
  chmodSync(join(home.home, '.config/hook-supervisor/config.json'), 0o600);
  const bin = dirname(put('bin/claude', "#!/bin/sh\necho '2.1.330 (Claude Code)'\n"));
  chmodSync(join(bin, 'claude'), 0o755);
  symlinkSync(HOOK_CLIENT, join(bin, 'supervisor-hook'));
  env = { ...home.env, PATH: `${bin}:${findPython().path}:${dirname(process.execPath)}` };
  mkdirSync(join(home.home, 'repo/.git'), { recursive: true });
  put('.codex/guard.py', PYTHON);
  for (const name of ['hooks/format.sh', 'bin/lint']) chmodSync(put(`${PLUGIN}/${name}`, SHELL), 0o755);
  let folder = 'repo';
  placed = [...CORPUS.filter(({ agent }) => agent !== 'invalid'), BIG].map((file) => {
    folder += '/d';
    for (const [name, text] of Object.entries(SCRIPTS)) chmodSync(put(`${folder}/${name}`, text), 0o755);
    const isPlugin = file.name.endsWith('plugin-hooks');
    const path = put(isPlugin ? `${PLUGIN}/hooks/hooks.json` : `${folder}/${FILE_OF[file.agent]}`, file.text);
    return { file, folder: join(home.home, folder), path };
  });
  deepest = join(home.home, folder);
  direct = answers();
  daemon = TestDaemon.startIn(home);
});
afterAll(async () => {
  expect(await daemon?.stop()).toEqual([]);
});

function put(name: string, text: string): string {
  const path = join(home.home, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, 'latin1');
  return path;
}

function supervisor(verb: string, more: Readonly<Record<string, string>> = {}) {
  const scopes = ['--project', '--local', '--plugins', '--yes'];
  return spawnSync(SUPERVISOR, [verb, ...scopes], {
    ...{ cwd: deepest, env: { ...env, ...more }, encoding: 'utf8' },
    maxBuffer: 64 * 1024 * 1024,
  });
}

function answers(): { name: string; answers: Omit<HookAnswer, 'command'>[] }[] {
  return placed.map(({ file, folder, path }) => {
    const variables = {
      ...{ CLAUDE_PROJECT_DIR: folder, GEMINI_PROJECT_DIR: folder },
      ...{ CLAUDE_PLUGIN_ROOT: join(home.home, PLUGIN), CLAUDE_PLUGIN_DATA: '/nowhere' },
    };
    const session = { agent: file.agent, cwd: folder, env: { ...env, ...variables }, input: INPUT };
    const all = answersOf(readFileSync(path, 'latin1'), session);
    return { name: file.name, answers: all.map(({ stdout, stderr, status }) => ({ stdout, stderr, status })) };
  });
}

it.each([
  ['as args where the agent starts programs', {}],
  ['as texts', { CLAUDE_CODE_SHELL_PREFIX: '' }],
])('%s: the same answers, through the daemon, and every file back to the byte', async (_name, more) => {
  const hookCount = direct.flatMap((one) => one.answers).length;
  expect(hookCount).toBeGreaterThan(100);
  const callsBefore = (await daemon.status()).calls.total;
  expect(supervisor('install', more)).toMatchObject({ status: 0 });
  const changed = placed.filter(({ path, file }) => readFileSync(path, 'latin1') !== file.text);
  expect(changed.length).toBeGreaterThan(25);
  expect(answers()).toEqual(direct);
  const byHandOrLeft = 8;
  expect((await daemon.status()).calls.total - callsBefore).toBeGreaterThanOrEqual(hookCount - byHandOrLeft);
  expect(supervisor('install', more).stderr).toContain('nothing to change');
  expect(supervisor('uninstall')).toMatchObject({ status: 0 });
  for (const { path, file } of placed) {
    expect(readFileSync(path, 'latin1')).toBe(file.text);
    expect(readdirSync(dirname(path)).filter((name) => name.includes('hook-supervisor'))).toEqual([]);
  }
});
