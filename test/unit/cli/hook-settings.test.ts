/** Which settings files doctor reads, and that no file can do it harm. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inspectHooks } from '../../../supervisor/cli/doctor/hooks/inspect.js';
import { readSettings, settingsFiles } from '../../../supervisor/cli/doctor/hooks/settings.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hs-settings-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function settings(...hooks: object[]): string {
  return JSON.stringify({ hooks: { PreToolUse: [{ matcher: 'Bash', hooks }] } });
}

const command = (text: string) => ({ type: 'command', command: text });

function inspect(folder: string, env: NodeJS.ProcessEnv = { HOME: join(root, 'home') }) {
  return inspectHooks({ env, cwd: () => join(root, folder) });
}

describe('the files', () => {
  const paths = (env: NodeJS.ProcessEnv, cwd: string | undefined) => settingsFiles(env, cwd).map(({ path }) => path);
  const both = (folder: string) => [join(folder, '.claude/settings.json'), join(folder, '.claude/settings.local.json')];

  test("the user's, and each from here to the root of the repository, no further", () => {
    mkdirSync(join(root, 'repo/.git'), { recursive: true });
    mkdirSync(join(root, 'repo/a/b'), { recursive: true });
    expect(paths({ HOME: '/h' }, join(root, 'repo/a/b'))).toEqual([
      '/h/.claude/settings.json',
      ...both(join(root, 'repo/a/b')),
      ...both(join(root, 'repo/a')),
      ...both(join(root, 'repo')),
    ]);
  });

  test('a worktree, whose .git is a file, is a root too', () => {
    write('tree/.git', 'gitdir: elsewhere');
    mkdirSync(join(root, 'tree/a'));
    expect(paths({}, join(root, 'tree/a'))).toEqual([...both(join(root, 'tree/a')), ...both(join(root, 'tree'))]);
  });

  test('no repository: this folder alone; no folder: the user alone', () => {
    expect(paths({}, root)).toEqual(both(root));
    expect(paths({ CLAUDE_CONFIG_DIR: '/c', HOME: '/h' }, undefined)).toEqual(['/c/settings.json']);
  });

  test("in the home folder its settings are read once, as the user's", () => {
    write('.claude/settings.json', settings(command('npx a')));
    expect(inspect('.', { HOME: root }).slow.map(({ remedy }) => remedy)).toEqual([
      '`npm install --global a` once, then write `a` in place of `npx a`',
    ]);
  });
});

test('a slow hook is told with file, event, command, cause and remedy', () => {
  const file = write('p/.claude/settings.json', settings(command('python3 x.py'), command('npx prettier --check .')));
  const { checks, slow } = inspect('p');
  const remedy =
    '`npm install --save-dev prettier` once, then write `"${CLAUDE_PROJECT_DIR}/node_modules/.bin/prettier"` in place of `npx prettier`';
  const why = 'npx looks up the package on each call';
  expect(slow).toEqual([
    { file, event: 'PreToolUse', command: 'npx prettier --check .', launcher: 'npx', why, remedy },
  ]);
  const what = `${why}: \`npx prettier --check .\`, PreToolUse in ${file}`;
  expect(checks).toEqual([{ name: 'hooks', verdict: 'WARN', what, remedy }]);
});

test('exec form: the words are the command, and the remedy has no quotes', () => {
  write('p/.claude/settings.json', settings({ type: 'command', command: 'npx', args: ['a', 'b c'] }));
  const [slow] = inspect('p').slow;
  expect(slow?.command).toBe("npx a 'b c'");
  expect(slow?.remedy).toContain('write `${CLAUDE_PROJECT_DIR}/node_modules/.bin/a` in place of `npx a`');
});

test('no slow hook: one line, that says what was looked at', () => {
  expect(inspect('p').checks).toEqual([
    {
      name: 'hooks',
      verdict: 'OK',
      what: '0 commands in 0 settings files, none looks up a package on each call',
      remedy: '',
    },
  ]);
  write('p/.claude/settings.json', settings(command('./guard'), { type: 'http', url: 'http://x' }));
  expect(inspect('p').checks).toMatchObject([
    { verdict: 'OK', what: expect.stringMatching(/^1 command in 1 settings file,/) },
  ]);
});

describe('files that are not what they should be', () => {
  test.each([
    ['{"hooks":', 'is not valid JSON'],
    ['', 'is not valid JSON'],
    [' '.repeat(1024 * 1024 + 1), 'is larger than 1 MiB'],
  ])('%# is told, and the others are read', (text, reason) => {
    const bad = write('p/.claude/settings.json', text);
    write('p/.claude/settings.local.json', settings(command('npx a')));
    const { checks, slow } = inspect('p');
    expect(checks.map(({ verdict }) => verdict)).toEqual(['WARN', 'WARN']);
    expect(checks[0]?.what).toContain(`${bad} ${reason}`);
    expect(slow).toHaveLength(1);
  });

  test.each([
    'null',
    '3',
    '[]',
    '{"hooks":[]}',
    '{"hooks":{"Stop":{}}}',
    '{"hooks":{"Stop":[null,{"hooks":[null,1,{"type":"command"}]}]}}',
  ])('%s: no hooks, no error', (text) => {
    expect(readSettings(write('s.json', text))).toEqual({ kind: 'read', hooks: [] });
  });

  test('a device, a pipe and a folder are not read: none of them ends', () => {
    symlinkSync('/dev/zero', join(root, 'device'));
    execFileSync('mkfifo', [join(root, 'pipe')]);
    mkdirSync(join(root, 'folder'));
    for (const name of ['device', 'pipe', 'folder'])
      expect(readSettings(join(root, name))).toEqual({ kind: 'unreadable', reason: 'is not a regular file' });
  });
});

test('what a repository holds does not steer the terminal', () => {
  const text = JSON.stringify({ hooks: { 'E\x1b[2J': [{ hooks: [command('npx a\x1b]0;title\x07\n\x9b2J')] }] } });
  write('p/.claude/settings.json', text);
  const { checks } = inspect('p');
  expect(checks).toHaveLength(1);
  expect(`${checks[0]?.what}${checks[0]?.remedy}`).not.toMatch(/\p{Cc}/u);
});

test('many slow hooks: the first twenty for people, all of them for programs', () => {
  write('p/.claude/settings.json', settings(...Array.from({ length: 25 }, (_, index) => command(`npx tool${index}`))));
  const { checks, slow } = inspect('p');
  expect(slow).toHaveLength(25);
  expect(checks).toHaveLength(21);
  expect(checks.at(-1)).toMatchObject({ what: '5 more like these', remedy: 'supervisor doctor --json lists all' });
});
