/** Which files of which agent are looked at, and how a change is shown. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claude } from '../../../supervisor/agents/claude.js';
import { codex } from '../../../supervisor/agents/codex.js';
import { unifiedDiff } from '../../../supervisor/agents/diff.js';
import { gemini } from '../../../supervisor/agents/gemini.js';
import { findElsewhere, findFiles, surroundings } from '../../../supervisor/agents/install/find.js';
import { AGENT_NAMES } from '../../../supervisor/agents/known.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hs-find-'));
  mkdirSync(join(root, 'repo/.git'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, text = '{}'): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

const here = (env: NodeJS.ProcessEnv = {}) => surroundings({ HOME: join(root, 'home'), ...env }, join(root, 'repo/a'));
const found = (agent: typeof claude, env?: NodeJS.ProcessEnv) =>
  findFiles(agent, here(env)).map(({ file }) => [file.scope, file.path.slice(root.length + 1)]);

test('Claude Code: user, each folder of the repository, plugins', () => {
  write('home/.claude/settings.json');
  write('repo/.claude/settings.json');
  write('repo/a/.claude/settings.local.json');
  write('home/.claude/plugins/cache/market/name/1.0/hooks/hooks.json');
  expect(found(claude)).toEqual([
    ['user', 'home/.claude/settings.json'],
    ['local', 'repo/a/.claude/settings.local.json'],
    ['project', 'repo/.claude/settings.json'],
    ['plugin', 'home/.claude/plugins/cache/market/name/1.0/hooks/hooks.json'],
  ]);
});

test('Claude Code: CLAUDE_CONFIG_DIR moves the folder of the user', () => {
  write('elsewhere/settings.json');
  write('home/.claude/settings.json');
  expect(found(claude, { CLAUDE_CONFIG_DIR: join(root, 'elsewhere') })).toEqual([['user', 'elsewhere/settings.json']]);
});

test('Claude Code: frontmatter with hooks is told of, other frontmatter and text is not', () => {
  write('home/.claude/skills/deploy/SKILL.md', '---\nname: deploy\nhooks:\n  Stop: []\n---\ntext\n');
  write('home/.claude/skills/plain/SKILL.md', '---\nname: plain\n---\nhooks: are explained here\n');
  write('repo/.claude/agents/review.md', '---\r\nhooks:\r\n  Stop: []\r\n---\r\n');
  expect(findElsewhere(claude, here()).map(({ path }) => path.slice(root.length + 1))).toEqual([
    'home/.claude/skills/deploy/SKILL.md',
    'repo/.claude/agents/review.md',
  ]);
});

test('Claude Code: of plugins the manifest and the skills with hooks are told of, not the agents', () => {
  const plugin = 'home/.claude/plugins/cache/market/name/1.0';
  write(`${plugin}/.claude-plugin/plugin.json`, '{"name": "name", "hooks": "./more-hooks.json"}');
  write(`${plugin}/skills/deploy/SKILL.md`, '---\nhooks:\n  Stop: []\n---\n');
  write(`${plugin}/agents/review.md`, '---\nhooks:\n  Stop: []\n---\n');
  write('home/.claude/plugins/cache/market/plain/1.0/.claude-plugin/plugin.json', '{"name": "plain"}');
  expect(findElsewhere(claude, here()).map(({ path, what }) => [path.slice(root.length + 1), what])).toEqual([
    [`${plugin}/.claude-plugin/plugin.json`, 'manifest of a plugin'],
    [`${plugin}/skills/deploy/SKILL.md`, 'skill of a plugin'],
  ]);
});

test('Claude Code: what the organisation manages is found, as such', () => {
  const folder = '/etc/claude-code/managed-settings.d';
  const names = (of: string) => (of === folder ? ['10-base.json', 'README', '20-more.json'] : []);
  expect(claude.files({ env: {}, folders: [], names })).toEqual(
    ['/etc/claude-code/managed-settings.json', `${folder}/10-base.json`, `${folder}/20-more.json`].map((path) => {
      return { path, scope: 'managed' };
    }),
  );
});

test('Gemini and Codex: user and project', () => {
  for (const name of ['home/.gemini/settings.json', 'repo/.gemini/settings.json', 'repo/a/.codex/hooks.json'])
    write(name);
  write('home/.codex/config.toml', 'model = "x"\n[[hooks.PreToolUse]]\nmatcher = "Bash"\n');
  expect(found(gemini)).toEqual([
    ['user', 'home/.gemini/settings.json'],
    ['project', 'repo/.gemini/settings.json'],
  ]);
  expect(found(codex)).toEqual([['project', 'repo/a/.codex/hooks.json']]);
  expect(findElsewhere(codex, here()).map(({ path }) => path)).toEqual([join(root, 'home/.codex/config.toml')]);
});

test('Codex with another shell of the account is refused, with bash or none it is not', () => {
  expect(codex.refusal({ SHELL: '/usr/bin/fish' })).toContain('/usr/bin/fish');
  expect([codex.refusal({ SHELL: '/bin/bash' }), codex.refusal({})]).toEqual([undefined, undefined]);
});

test('no home, no folder: no files', () => {
  for (const agent of [gemini, codex]) expect(agent.files(surroundings({}, undefined))).toEqual([]);
  expect(claude.files(surroundings({}, undefined)).every(({ scope }) => scope === 'managed')).toBe(true);
});

test('every agent has one name', () => {
  expect(new Set(AGENT_NAMES).size).toBe(AGENT_NAMES.length);
});

describe('diff', () => {
  const lines = (...changed: number[]) =>
    Array.from({ length: 20 }, (_, at) => (changed.includes(at) ? `changed ${at}` : `line ${at}`)).join('\n');

  test('changes far from each other are hunks of their own, near ones share one', () => {
    const diff = unifiedDiff('/f', lines(), lines(1, 3, 15));
    expect(diff.match(/^@@.*$/gm)).toEqual(['@@ -1,7 +1,7 @@', '@@ -13,7 +13,7 @@']);
    expect(diff).toContain(' line 2\n-line 3\n+changed 3\n line 4');
  });

  test('nothing changed, nothing shown', () => {
    expect(unifiedDiff('/f', lines(), lines())).toBe('');
  });

  test('what comes with a repository does not steer the terminal, nor fill it', () => {
    const diff = unifiedDiff('/f', 'a', `b\x1b[2J${'x'.repeat(5_000)}`);
    expect(diff).not.toContain('\x1b');
    expect(diff.length).toBeLessThan(2_100);
  });
});
