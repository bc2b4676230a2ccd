/** What install and uninstall ask, and what they go by beyond the files. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claude } from '../../../supervisor/agents/claude.js';
import { isAtLeast } from '../../../supervisor/cli/agent-version.js';
import { type Context, packageFiles } from '../../../supervisor/cli/context.js';
import { hooksStatus } from '../../../supervisor/cli/hooks.js';
import { install } from '../../../supervisor/cli/install.js';
import { tellOthers } from '../../../supervisor/cli/install-words.js';
import { scopesNamed } from '../../../supervisor/cli/scopes.js';
import { uninstall } from '../../../supervisor/cli/uninstall.js';
import { corpusText } from '../../lib/settings-corpus.js';

const ORIGINAL = corpusText('claude/01-one-hook');

let home: string;
let path: string;
let said: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hs-install-'));
  mkdirSync(join(home, '.claude'));
  path = join(home, '.claude/settings.json');
  writeFileSync(path, ORIGINAL);
  said = '';
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function context(env: NodeJS.ProcessEnv = {}): Context {
  return {
    env: { PATH: '/usr/bin:/bin', HOME: home, SUPERVISOR_RUNTIME_DIR: join(home, 'run'), XDG_STATE_HOME: home, ...env },
    uid: process.geteuid?.() ?? 0,
    cwd: () => home,
    out: () => {},
    err: (text) => {
      said += text;
    },
    errIsTerminal: false,
    screen: { width: 80, height: Number.POSITIVE_INFINITY, isTerminal: false, isColoured: false },
    ticks: async function* () {},
    stopSignal: () => new AbortController().signal,
    files: packageFiles(),
  };
}

const isWrapped = () => readFileSync(path, 'utf8') !== ORIGINAL;
const never = () => {
  throw new Error('asked');
};

describe('the question', () => {
  test('no: nothing is written', async () => {
    expect(await install(context(), 'claude', {}, async () => false)).toBe(0);
    expect(isWrapped()).toBe(false);
    expect(said).toContain('nothing was written');
  });

  test('yes, and where nobody can be asked: written', async () => {
    expect(await install(context(), 'claude', {}, async () => true)).toBe(0);
    expect(isWrapped()).toBe(true);
    expect(await uninstall(context(), undefined, {}, async () => false)).toBe(0);
    expect(isWrapped()).toBe(true);
    expect(await uninstall(context(), undefined, {}, () => undefined)).toBe(0);
    expect(isWrapped()).toBe(false);
  });

  test('is not asked with --yes, in a dry run, or where nothing is to change', async () => {
    expect(await install(context(), 'claude', { dryRun: true }, never)).toBe(0);
    expect(isWrapped()).toBe(false);
    expect(await install(context(), 'claude', { yes: true }, never)).toBe(0);
    expect(await install(context(), 'claude', {}, never)).toBe(0);
    expect(await uninstall(context(), undefined, { yes: true }, never)).toBe(0);
    expect(await uninstall(context(), undefined, {}, never)).toBe(0);
    expect(isWrapped()).toBe(false);
  });
});

describe('what is found and not written is told, by install and by status', () => {
  const put = (name: string, text: string): string => {
    const file = join(home, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };

  test('plugins, skills and subagents', async () => {
    const plugin = put('.claude/plugins/cache/market/name/1.0/hooks/hooks.json', ORIGINAL);
    const skill = put('.claude/skills/deploy/SKILL.md', '---\nname: deploy\nhooks:\n  Stop: []\n---\n');
    const agent = put('.claude/agents/review.md', '---\nhooks:\n  Stop: []\n---\n');
    expect(await install(context(), undefined, { dryRun: true }, never)).toBe(0);
    expect(said).toContain(`${plugin}: left as it is; a plugin, which an update replaces: --plugins wraps its hooks\n`);
    expect(said).toContain(`${skill}: has hooks (skill); they are left as they are\n`);
    expect(said).toContain(`${agent}: has hooks (agent file); they are left as they are\n`);
    expect(readFileSync(plugin, 'utf8')).toBe(ORIGINAL);
    said = '';
    let shown = '';
    const wide = { width: Number.POSITIVE_INFINITY, height: 99, isTerminal: false, isColoured: false };
    const out = (text: string) => {
      shown += text;
    };
    expect(await hooksStatus({ ...context(), out, screen: wide }, { json: false })).toBe(0);
    expect(shown.split('\n').filter((line) => line.includes(plugin))).toHaveLength(1);
    expect(said).toContain(`${skill}: has hooks (skill) that are not listed\n`);
    expect(said).toContain(`${agent}: has hooks (agent file) that are not listed\n`);
  });

  test('what the organisation manages', () => {
    const file = { path: '/etc/claude-code/managed-settings.json', scope: 'managed' as const };
    const content = { kind: 'read' as const, text: ORIGINAL, stats: statSync(path) };
    const scopes = ['user', 'project', 'local', 'plugin'] as const;
    tellOthers(context(), claude, [{ file, content }], scopes);
    expect(said).toContain(`${file.path}: left as it is; managed by your organisation: never written\n`);
    const named = scopesNamed({ user: true, project: true, local: true, plugins: true });
    expect(named).toEqual(scopes);
  });
});

describe('the form', () => {
  const withClaude = (version: string) => {
    writeFileSync(join(home, 'claude'), `#!/bin/sh\necho '${version} (Claude Code)'\n`);
    chmodSync(join(home, 'claude'), 0o755);
    return { PATH: `${home}:/usr/bin:/bin` };
  };

  test('goes by the version', async () => {
    await install(context(withClaude('2.1.139')), 'claude', {}, () => undefined);
    expect(readFileSync(path, 'utf8')).toContain('"args": ["sh", "--", "python3 guard.py"]');
    await install(context(withClaude('2.1.99')), 'claude', {}, () => undefined);
    expect(readFileSync(path, 'utf8')).toContain(" sh -- 'python3 guard.py'");
  });

  test('stays a text where a prefix is put before texts for a shell', async () => {
    const env = { ...withClaude('2.1.330'), CLAUDE_CODE_SHELL_PREFIX: '/p' };
    await install(context(env), 'claude', {}, () => undefined);
    expect(readFileSync(path, 'utf8')).toContain(" sh -- 'python3 guard.py'");
  });

  test.each(['.cursor', '.copilot'])(
    'stays a text where %s is there, whose agent reads the same file',
    async (folder) => {
      mkdirSync(join(home, folder));
      await install(context(withClaude('2.1.330')), 'claude', {}, () => undefined);
      expect(readFileSync(path, 'utf8')).toContain(" sh -- 'python3 guard.py'");
    },
  );

  test.each([
    ['2.1.139', true],
    ['2.1.138', false],
    ['2.2.0', true],
    ['3.0.0', true],
    ['1.9.999', false],
  ])('version %s: %j', (version, isEnough) => {
    expect(isAtLeast(version, '2.1.139')).toBe(isEnough);
  });
});

describe('scripts that ask for the terminal or for who started them are left', () => {
  const settingsWith = (command: string, file = path) =>
    writeFileSync(file, JSON.stringify({ hooks: { Stop: [{ hooks: [{ type: 'command', command }] }] } }));
  const tellsOf = async (command: string) => {
    settingsWith(command);
    expect(await install(context(), 'claude', { dryRun: true }, never)).toBe(0);
    return said;
  };
  const script = (text: string) => writeFileSync(join(home, 'hook'), text);

  test.each([
    ['import os\nprint(os.getppid())\n', 'it asks who started it, which is ours then'],
    ['console.log(process.ppid)', 'it asks who started it, which is ours then'],
    ['#!/bin/sh\nps -p "${PPID}"\n', 'it asks who started it, which is ours then'],
    ['#!/bin/sh\nread answer < /dev/tty\n', 'it asks for the terminal'],
  ])('%j', async (text, reason) => {
    script(text);
    expect(await tellsOf(`python3 "${home}/hook"`)).toContain(`left as it is; ${reason} (${home}/hook)\n`);
  });

  test('by every way to name them', async () => {
    script('getppid');
    for (const command of ['~/hook', '$HOME/hook x', 'python3 hook', 'cd / && "$CLAUDE_PROJECT_DIR"/hook', './hook']) {
      said = '';
      expect(await tellsOf(command)).toContain(`(${home}/hook)`);
    }
  });

  test('not what only sounds like it, stands behind 64 kB, or is no text', async () => {
    for (const text of ['$PPIDS; process.ppids; getppids', `${' '.repeat(65_536)}getppid`, 'ELF\0getppid']) {
      script(text);
      expect(await tellsOf(`${home}/hook`)).not.toContain('left as it is');
    }
  });

  test('what is no regular file is not waited for', async () => {
    expect(spawnSync('mkfifo', [join(home, 'hook')]).status).toBe(0);
    expect(await tellsOf(`${home}/hook`)).not.toContain('left as it is');
  });
});

test('a client that cannot be started is put before no hook', async () => {
  const files = { ...packageFiles(), hook: join(home, 'none') };
  expect(await install({ ...context(), files }, 'claude', { yes: true })).toBe(69);
  expect(isWrapped()).toBe(false);
});

test("a hook in somebody else's file is left", async () => {
  const end = await install({ ...context(), uid: (process.geteuid?.() ?? 0) + 1 }, 'claude', { yes: true });
  expect(end).toBe(69);
  expect(said).toContain('belongs to uid');
  expect(isWrapped()).toBe(false);
});
