import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { RULES } from '../../../workers/validators/builtin/path-policy/rules.mjs';
import realPathPolicy, { pathPolicy } from '../../../workers/validators/builtin/path-policy.mjs';
import { contextOf, onlyRule, toolEvent, verdictOn } from './events.js';

const IDS = [...RULES.map(({ id }) => id), 'unresolved'];

/** Folders are those of the keys; a value is what a link leads to. */
function policyOver(links: Record<string, string> = {}) {
  const folders = new Set(['/', '/proj', '/proj/src', '/home/u', '/tmp']);
  return pathPolicy({
    exists: (path) => path === '/proj/.git',
    home: '/home/u',
    async realpath(path) {
      if (path === '/secret-door') throw new Error('EACCES');
      const link = Object.keys(links).find((one) => path === one || path.startsWith(`${one}/`));
      const place = link === undefined ? path : (links[link] ?? '') + path.slice(link.length);
      return folders.has(place) || link === path ? place : undefined;
    },
  });
}

interface Cases {
  decision: string;
  settings?: Record<string, unknown>;
  hits: readonly (readonly [tool: string, path: string])[];
  misses: readonly (readonly [tool: string, path: string])[];
}

const CASES: Record<string, Cases> = {
  'outside-project': {
    decision: 'deny',
    hits: [
      ['Write', '/etc/motd'],
      ['Edit', '/proj/../other/x'],
      ['MultiEdit', '../x'],
      ['NotebookEdit', '/project/x.ipynb'],
      ['write_file', '/tmp/x'],
      ['replace', '/home/u/x'],
      ['create', '/proj2'],
      ['Write', '/proj/out/x'],
    ],
    misses: [
      ['Write', '/proj/src/x'],
      ['Edit', 'src/../README.md'],
      ['Write', '/proj/src/new/deep/file'],
      ['Read', '/etc/motd'],
      ['Write', '/scratch/x'],
      ['Write', '/elsewhere/x'],
    ],
  },
  'denied-write': {
    decision: 'deny',
    settings: { denyWrite: ['*.lock', 'generated/**', '/proj/docs/*.md'] },
    hits: [
      ['Write', '/proj/src/yarn.lock'],
      ['Edit', 'generated/deep/.x'],
      ['Write', '/proj/docs/a.md'],
    ],
    misses: [
      ['Read', '/proj/yarn.lock'],
      ['Write', '/proj/src/generated.ts'],
      ['Write', '/proj/docs/deep/a.md'],
    ],
  },
  'denied-read': {
    decision: 'deny',
    settings: { denyRead: ['private/**'] },
    hits: [
      ['Read', '/proj/private/x'],
      ['view', 'private/x'],
    ],
    misses: [
      ['Read', '/proj/src/x'],
      ['Edit', '/proj/private/x'],
    ],
  },
  'secret-place': {
    decision: 'deny',
    hits: [
      ['Read', '/home/u/.ssh/id_ed25519'],
      ['Read', '/home/u/.aws/credentials'],
      ['Grep', '/home/u/.gnupg'],
      ['read_file', '/home/u/.config/gcloud/x/y'],
      ['Read', '/etc/shadow'],
      ['Read', '/proc/1/environ'],
      ['Read', '/proj/../home/u/.netrc'],
      ['Read', '/proj/keys/id'],
      ['Write', '/home/u/.ssh/authorized'],
    ],
    misses: [
      ['Read', '/home/u/.ssh/id_ed25519.pub'],
      ['Read', '/home/u/.ssh/config'],
      ['Read', '/proj/src/ssh/x'],
      ['Read', '/proj/docs/aws/credentials.md'],
      ['Read', '/proc/1/status'],
    ],
  },
  'secret-maybe': {
    decision: 'ask',
    hits: [
      ['Read', '/proj/.env'],
      ['Read', '/proj/.env.production'],
      ['Read', '/proj/server.key'],
      ['Read', '/proj/deploy/id_rsa'],
    ],
    misses: [
      ['Read', '/proj/.env.example'],
      ['Read', '/proj/src/env.ts'],
      ['Read', '/proj/src/keys.ts'],
      ['Write', '/proj/.env'],
    ],
  },
  'runs-by-itself': {
    decision: 'ask',
    hits: [
      ['Write', '/proj/.git/hooks/pre-commit'],
      ['Edit', '/proj/.claude/settings.json'],
      ['Edit', '/proj/.claude/hooks/guard.py'],
      ['Write', '/proj/.envrc'],
      ['Write', '/proj/.vscode/tasks.json'],
    ],
    misses: [
      ['Read', '/proj/.git/hooks/pre-commit'],
      ['Write', '/proj/.gitignore'],
      ['Write', '/proj/.claude/commands/x.md'],
    ],
  },
  unresolved: {
    decision: 'ask',
    hits: [
      ['Write', '/secret-door'],
      ['Read', '/secret-door'],
    ],
    misses: [['Read', '/proj/nothing/here']],
  },
};
const LINKS = { '/proj/out': '/tmp', '/elsewhere': '/proj/src', '/proj/keys': '/home/u/.ssh' };

const ask = async (tool: string, path: string, settings: Record<string, unknown> = {}) => {
  const field = { NotebookEdit: 'notebook_path', Grep: 'path', create: 'path', view: 'path' }[tool] ?? 'file_path';
  const event = toolEvent(tool, { [field]: path }, { raw: { scratchpad_dir: '/scratch' } });
  return (await policyOver(LINKS).validate(event, contextOf(settings))) ?? {};
};

test('every rule has files that it hits and files that it does not', () => {
  expect(Object.keys(CASES).sort()).toEqual([...IDS].sort());
});

describe.each(Object.entries(CASES))('%s', (id, { decision, settings, hits, misses }) => {
  test.each(hits)('hits %s of %s', async (tool, path) => {
    expect(await ask(tool, path, { ...onlyRule(IDS, id), ...settings })).toMatchObject({ decision });
  });

  test.each(misses)('does not hit %s of %s', async (tool, path) => {
    expect(await ask(tool, path, { ...onlyRule(IDS, id), ...settings })).toEqual({});
  });
});

describe('path-policy', () => {
  test('each file of a patch is looked at', async () => {
    const patch = '*** Begin Patch\n*** Update File: src/a\n@@\n*** Move to: /etc/b\n*** End Patch';
    expect(await verdictOn(policyOver(), toolEvent('apply_patch', { command: patch }))).toEqual({
      decision: 'deny',
      reason: '/etc/b lies outside the project',
    });
  });

  test('tools of servers that do files are known by their last part', async () => {
    const write = (tool: string, path: string) =>
      verdictOn(policyOver(), toolEvent(`mcp__files__${tool}`, { path, destination: path }));
    for (const tool of ['write_file', 'edit_file', 'move_file', 'create_directory']) {
      expect([tool, (await write(tool, '/etc/x')).decision]).toEqual([tool, 'deny']);
    }
    expect(await write('read_text_file', '/home/u/.netrc')).toMatchObject({ decision: 'deny' });
    expect(await write('write_file', '/proj/src/x')).toEqual({});
  });

  test('each file of a list is looked at', async () => {
    const event = toolEvent('read_many_files', { paths: ['src/a', '/home/u/.ssh/id_rsa'] });
    expect(await verdictOn(policyOver(), event)).toMatchObject({ decision: 'deny' });
  });

  test('an event that is about reading names no tool', async () => {
    const event = toolEvent(
      '',
      {},
      { name: 'beforeReadFile', toolName: null, toolInput: null, raw: { file_path: '/home/u/.netrc' } },
    );
    expect(await verdictOn(policyOver(), event)).toMatchObject({ decision: 'deny' });
  });

  test('further folders may be written where settings say so, their links followed', async () => {
    expect(await ask('Write', '/tmp/x', { writable: ['/tmp'] })).toEqual({});
    expect(await ask('Write', '/tmp2/x', { writable: ['/tmp'] })).toMatchObject({ decision: 'deny' });
  });

  test('a project that is reached by a link is still the project', async () => {
    const policy = policyOver({ '/work-link': '/proj' });
    const context = contextOf({}, { projectFolder: '/work-link' });
    expect(
      await policy.validate(toolEvent('Write', { file_path: '/work-link/src/x' }, { cwd: '/work-link' }), context),
    ).toEqual({});
    expect(
      await policy.validate(toolEvent('Write', { file_path: '/tmp/x' }, { cwd: '/work-link' }), context),
    ).toMatchObject({ decision: 'deny' });
  });

  test('the project is found from a folder within it', async () => {
    const event = toolEvent('Write', { file_path: '../README.md' }, { cwd: '/proj/src' });
    expect(await policyOver().validate(event, contextOf())).toEqual({});
  });

  test('without a project a write is asked about', async () => {
    const event = toolEvent('Write', { file_path: 'x' }, { cwd: '' });
    expect(await policyOver().validate(event, contextOf({}, { cwd: '' }))).toMatchObject({
      decision: 'ask',
    });
  });

  test('other tools are nothing to it', async () => {
    expect(await verdictOn(policyOver(), toolEvent('Bash', { command: 'cat /etc/shadow' }))).toEqual({});
    expect(await verdictOn(policyOver(), toolEvent('constructor', { file_path: '/etc/shadow' }))).toEqual({});
  });
});

describe('on a real disk', () => {
  const root = mkdtempSync(join(tmpdir(), 'hook-supervisor-paths-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'proj'));
  mkdirSync(join(root, 'outside'));
  symlinkSync(join(root, 'outside'), join(root, 'proj', 'link'));
  symlinkSync(join(root, 'proj', 'loop'), join(root, 'proj', 'loop'));
  symlinkSync(join(root, 'not-yet'), join(root, 'proj', 'dangling'));
  writeFileSync(join(root, 'proj', 'file'), '');
  const write = (path: string) =>
    realPathPolicy.validate(
      toolEvent('Write', { file_path: `${root}/proj/${path}` }),
      contextOf({}, { projectFolder: join(root, 'proj') }),
    );

  test.each([
    ['file', undefined],
    ['new/deep/file', undefined],
    ['file/below-a-file', undefined],
    ['link/x', 'deny'],
    ['link/../x', 'deny'],
    ['new/../x', undefined],
    ['new/../../x', 'deny'],
    ['loop/x', 'ask'],
    ['dangling', 'ask'],
  ])('%s', async (path, decision) => {
    expect((await write(path))?.decision).toBe(decision);
  });
});
