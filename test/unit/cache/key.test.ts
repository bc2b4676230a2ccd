/** What changes a key, and what does not. */
import { describe, expect, test } from 'vitest';
import { filesOf, keyOf } from '../../../supervisor/cache/key.js';
import type { AgentEvent, CacheRule, ValidatorSpec } from '../../../supervisor/contract/validating.js';
import { RULE, SPEC, toolEvent } from '../../lib/validators.js';

const EVENT = toolEvent('Bash', { command: 'ls', description: 'lists' });

interface Parts {
  event?: Partial<AgentEvent>;
  rule?: Partial<CacheRule>;
  spec?: Partial<ValidatorSpec>;
  code?: string;
  env?: Record<string, string>;
  files?: { path: string; digest: string }[];
}

function key({ event = {}, rule = {}, spec = {}, code = 'c', env = {}, files = [] }: Parts = {}): string | undefined {
  const question = {
    spec: { ...SPEC, ...spec },
    code,
    rule: { ...RULE, ...rule },
    event: { ...EVENT, ...event },
    env: (name: string) => env[name],
  };
  return keyOf(question, files);
}

const raw = (change: Record<string, unknown>) => ({ event: { raw: { ...EVENT.raw, ...change } } });

test.each<[string, Parts]>([
  ['its code', { code: 'd' }],
  ['its name', { spec: { name: 'other' } }],
  ['its settings', { spec: { settings: { a: 1 } } }],
  ['its level', { spec: { level: 'contained' } }],
  ['what it may read', { spec: { read: ['/x'] } }],
])('a validator of which %s has changed has another key', (_what, parts) => {
  expect(key(parts)).toBeDefined();
  expect(key(parts)).not.toBe(key());
});

test('one whose configuration is beyond the bound has none', () => {
  expect(key({ spec: { settings: { a: 'x'.repeat(2 ** 20) } } })).toBeUndefined();
});

describe('without declared fields', () => {
  test.each<[string, Parts]>([
    ['another agent', { event: { agent: 'codex' } }],
    ['another event', { event: { name: 'PostToolUse' } }],
    ['another tool', { event: { toolName: 'Shell' } }],
    ['another input of the tool', raw({ tool_input: { command: 'ls', description: 'shows' } })],
    ['a result of the tool', raw({ tool_response: 'x' })],
    ['another mode', raw({ permission_mode: 'plan' })],
    ['another folder', { event: { cwd: '/q' } }],
  ])('%s is another key', (_what, parts) => {
    expect(key(parts)).toBeDefined();
    expect(key(parts)).not.toBe(key());
  });

  test.each<[string, Parts]>([
    ['the same once more', {}],
    [
      'another session and its names',
      raw({ session_id: 's2', transcript_path: '/u', tool_use_id: 'toolu_2', timestamp: 'now' }),
    ],
    ['keys in another order', raw({ tool_input: { description: 'lists', command: 'ls' } })],
  ])('%s is the same key', (_what, parts) => {
    expect(key(parts)).toBe(key());
  });

  test('prompts, which have no tool, are told apart', () => {
    const prompt = (text: string) =>
      key({ event: { name: 'UserPromptSubmit', toolName: null, toolInput: null, raw: { prompt: text } } });
    expect(prompt('a')).not.toBe(prompt('b'));
  });
});

describe('declared fields', () => {
  const command = { fields: ['tool_input.command'] };

  test('count, the others do not', () => {
    const change = (tool_input: object) => key({ ...raw({ tool_input }), rule: command });
    expect(change({ command: 'ls', description: 'shows' })).toBe(key({ rule: command }));
    expect(change({ command: 'rm' })).not.toBe(key({ rule: command }));
  });

  test('lead into lists; one that is null is not one that is missing', () => {
    const at = (edits: unknown) =>
      key({
        ...raw({ tool_input: { command: 'ls', edits } }),
        rule: { fields: ['tool_input.command', 'tool_input.edits.0.a'] },
      });
    expect(at([{ a: 1 }])).not.toBe(at([{ a: 2 }]));
    expect(at([{ a: null }])).not.toBe(at([{}]));
    expect(at([{}])).toBe(at([]));
  });

  test('of which the event has none make no key: all events would share it', () => {
    for (const field of ['tool_input.comand', 'constructor.name', 'tool_input.__proto__', 'tool_input.toString.name']) {
      expect(key({ rule: { fields: [field] } })).toBeUndefined();
    }
  });
});

describe('the scope', () => {
  const elsewhere = { cwd: '/q' };
  const later = { sessionId: 's2' };

  test.each<[CacheRule['scope'], boolean, boolean]>([
    ['global', true, true],
    ['project', false, true],
    ['session', false, false],
  ])('%s: other folder the same %s, other session the same %s', (scope, folder, session) => {
    const before = key({ rule: { scope } });
    expect(key({ rule: { scope }, event: elsewhere }) === before).toBe(folder);
    expect(key({ rule: { scope }, event: later }) === before).toBe(session);
  });

  test('that the agent does not tell makes no key', () => {
    expect(key({ rule: { scope: 'project' }, event: { cwd: '' } })).toBeUndefined();
    expect(key({ rule: { scope: 'session' }, event: { sessionId: '' } })).toBeUndefined();
    expect(key({ rule: { scope: 'global' }, event: { cwd: '', sessionId: '' } })).toBeDefined();
  });
});

test('variables that are declared count by value, also whether they are there', () => {
  const rule = { env: ['MODE'] };
  expect(key({ rule, env: { MODE: 'a', OTHER: '1' } })).toBe(key({ rule, env: { MODE: 'a' } }));
  const all = [key({ rule }), key({ rule, env: { MODE: '' } }), key({ rule, env: { MODE: 'a' } })];
  expect(new Set(all).size).toBe(3);
});

test('content of files counts, and whose it is', () => {
  const file = (path: string, digest: string) => key({ files: [{ path, digest }] });
  expect(new Set([file('/a', '1'), file('/a', '2'), file('/b', '1'), key()]).size).toBe(4);
});

describe('declared files', () => {
  const found = (files: string[], event: Partial<AgentEvent> = {}) =>
    filesOf({ ...RULE, files }, { ...EVENT, ...event });
  const field = ['field:tool_input.file_path'];
  const naming = (file_path: unknown, event: Partial<AgentEvent> = {}) =>
    found(field, { raw: { tool_input: { file_path } }, ...event });

  test('are absolute, or named by a field, from the folder of the event', () => {
    expect(found(['/etc/x'])).toEqual(['/etc/x']);
    expect(naming('/a/b')).toEqual(['/a/b']);
    expect(naming('src/../b')).toEqual(['/p/b']);
    expect(found(field)).toEqual([]);
  });

  test('that cannot be told are none', () => {
    expect(naming(['/a'])).toBeUndefined();
    expect(naming('b', { cwd: '' })).toBeUndefined();
  });
});

test('an input beyond the bound makes no key', () => {
  expect(key(raw({ tool_input: { command: 'x'.repeat(2 ** 20) } }))).toBeUndefined();
});
