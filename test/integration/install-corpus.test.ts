/** Every settings file of the corpus: installed, each of its hooks run as its agent runs it, and back to the byte. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  cursor: '.cursor/hooks.json',
  windsurf: '.windsurf/hooks.json',
  kiro: '.kiro/agents/reviewer.json',
};
/** Those that nobody of us has run: only who names one has it rewritten. */
const NAMED = ['cursor', 'copilot', 'windsurf', 'kiro'];
const MEASURED = ['claude', 'gemini', 'codex'];
const BY_HAND_OR_LEFT_MAX = 8;
/** Some hundred processes, one after the other, on a machine that may be busy. */
const TIMEOUT_MS = 120_000;

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
    const path = put(placeOf(file, folder), file.text);
    return { file, folder: join(home.home, folder), path };
  });
  deepest = join(home.home, folder);
  direct = answers([...MEASURED, ...NAMED]);
  daemon = TestDaemon.startIn(home);
}, TIMEOUT_MS);
afterAll(async () => {
  expect(await daemon?.stop()).toEqual([]);
});

function placeOf({ name, agent }: CorpusFile, folder: string): string {
  if (name.endsWith('plugin-hooks')) return `${PLUGIN}/hooks/hooks.json`;
  return agent === 'copilot' ? `.copilot/hooks/${basename(name)}.json` : `${folder}/${FILE_OF[agent]}`;
}

function put(name: string, text: string): string {
  const path = join(home.home, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, 'latin1');
  return path;
}

function supervisor(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const scopes = ['--user', '--project', '--local', '--plugins', '--yes'];
  return spawnSync(SUPERVISOR, [...args, ...scopes], {
    ...{ cwd: deepest, env: { ...env, ...more }, encoding: 'utf8' },
    maxBuffer: 64 * 1024 * 1024,
  });
}

function answers(agents: readonly string[]): { name: string; agent: string; answers: Omit<HookAnswer, 'command'>[] }[] {
  const files = placed.filter(({ file }) => agents.includes(file.agent));
  return files.map(({ file, folder, path }) => {
    const variables = {
      ...{ CLAUDE_PROJECT_DIR: folder, GEMINI_PROJECT_DIR: folder },
      ...{ CLAUDE_PLUGIN_ROOT: join(home.home, PLUGIN), CLAUDE_PLUGIN_DATA: '/nowhere' },
    };
    const session = { agent: file.agent, cwd: folder, env: { ...env, ...variables }, input: INPUT };
    const all = answersOf(readFileSync(path, 'latin1'), session);
    return {
      name: file.name,
      agent: file.agent,
      answers: all.map(({ stdout, stderr, status }) => ({ stdout, stderr, status })),
    };
  });
}

/** @param agents of whose files the hooks are run. */
async function showsTheSame(agents: readonly string[], installs: readonly (readonly string[])[], more = {}) {
  const files = placed.filter(({ file }) => agents.includes(file.agent));
  const same = direct.filter(({ agent }) => agents.includes(agent));
  const hookCount = same.flatMap((one) => one.answers).length;
  const callsBefore = (await daemon.status()).calls.total;
  for (const args of installs) expect(supervisor(args, more)).toMatchObject({ status: 0 });
  const changed = placed.filter(({ path, file }) => readFileSync(path, 'latin1') !== file.text);
  expect(new Set(changed.map(({ file }) => file.agent))).toEqual(new Set(agents));
  expect(answers(agents)).toEqual(same);
  const callCount = (await daemon.status()).calls.total - callsBefore;
  for (const args of installs) expect(supervisor(args, more).stderr).toContain('nothing to change');
  expect(supervisor(['uninstall'])).toMatchObject({ status: 0 });
  for (const { path, file } of files) {
    expect(readFileSync(path, 'latin1')).toBe(file.text);
    expect(readdirSync(dirname(path)).filter((name) => name.includes('hook-supervisor'))).toEqual([]);
  }
  return { changed: changed.length, direct: hookCount - callCount, hookCount };
}

describe('the same answers, through the daemon, and every file back to the byte', () => {
  it.each([
    ['as args where the agent starts programs', {}],
    ['as texts', { CLAUDE_CODE_SHELL_PREFIX: '' }],
  ])(
    '%s',
    async (_name, more) => {
      const shown = await showsTheSame(MEASURED, [['install']], more);
      expect(shown.changed).toBeGreaterThan(25);
      expect(shown.hookCount).toBeGreaterThan(75);
      expect(shown.direct).toBeLessThanOrEqual(BY_HAND_OR_LEFT_MAX);
    },
    TIMEOUT_MS,
  );

  it(
    'agents that nobody of us has run, where they are named',
    async () => {
      const installs = NAMED.map((name) => ['install', name]);
      const shown = await showsTheSame(NAMED, installs);
      expect([shown.hookCount, shown.direct]).toEqual([16, 5]);
    },
    TIMEOUT_MS,
  );
});
