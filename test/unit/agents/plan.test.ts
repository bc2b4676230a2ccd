/** What is wrapped and how, what is left and why. */
import { describe, expect, test } from 'vitest';
import type { Agent, Scope } from '../../../supervisor/agents/agent.js';
import { claude } from '../../../supervisor/agents/claude.js';
import { codex } from '../../../supervisor/agents/codex.js';
import { gemini } from '../../../supervisor/agents/gemini.js';
import { entriesOf } from '../../../supervisor/agents/json/entries.js';
import { type InstallWishes, type PlannedFile, planInstall, unwrapped } from '../../../supervisor/agents/plan.js';
import { corpusText } from '../../lib/settings-corpus.js';

const WISHES: InstallWishes = {
  scopes: ['user', 'local'],
  client: { path: '/c/supervisor-hook', name: 'supervisor-hook' },
  hasArgs: false,
  level: undefined,
  onUnavailable: undefined,
  direct: [],
  scriptReason: () => undefined,
};

const settings = (...hooks: object[]) => JSON.stringify({ hooks: { PreToolUse: [{ hooks }] } });
const command = (text: string, more: object = {}) => ({ type: 'command', command: text, ...more });

function planned(agent: Agent, files: [Scope, string][], wishes: Partial<InstallWishes> = {}) {
  const texts = files.map(([scope, text]) => ({ file: { path: `/${scope}`, scope }, text }));
  return planInstall(agent, texts, { ...WISHES, ...wishes });
}

/** Command and args of each hook as they are to be. */
function words(file: PlannedFile | undefined) {
  const read = entriesOf(file?.kind === 'planned' ? file.after : '');
  return (read.ok ? read.entries : []).map(({ commandText, args, argTexts }) =>
    args === undefined ? commandText : [commandText, ...argTexts],
  );
}

function leftIn(file: PlannedFile | undefined): string[] {
  return file?.kind === 'planned' ? file.hooks.map(({ left }) => left) : [];
}

const one = (agent: Agent, hook: object, wishes: Partial<InstallWishes> = {}) =>
  words(planned(agent, [['user', settings(hook)]], wishes)[0])[0];

describe('form', () => {
  test('a text stays a text for an agent that runs texts only', () => {
    expect(one(claude, command("echo 'a'"))).toBe("/c/supervisor-hook sh -- 'echo '\\''a'\\'''");
  });

  test('a text becomes args where the agent starts programs itself', () => {
    expect(one(claude, command("echo 'a'"), { hasArgs: true })).toEqual(['/c/supervisor-hook', 'sh', '--', "echo 'a'"]);
  });

  test('a hook with args is run without a shell, in either case', () => {
    const run = ['/c/supervisor-hook', 'run', '--', 'node', 'a.mjs'];
    expect(one(claude, command('node', { args: ['a.mjs'] }))).toEqual(run);
    expect(one(claude, command('node', { args: ['a.mjs'] }), { hasArgs: true })).toEqual(run);
    expect(one(claude, command('guard', { args: [] }))).toEqual(['/c/supervisor-hook', 'run', '--', 'guard']);
  });

  test('one that names its shell stays a text', () => {
    expect(one(claude, command('echo', { shell: 'bash' }), { hasArgs: true })).toBe("/c/supervisor-hook sh -- 'echo'");
  });

  test('agents that use bash have their texts run by bash', () => {
    expect(one(gemini, command('echo'))).toBe("/c/supervisor-hook sh --shell bash -- 'echo'");
    expect(one(codex, command('echo'))).toBe("/c/supervisor-hook sh --shell bash -- 'echo'");
  });

  test('level and policy are words of the client', () => {
    const wishes = { level: 'untrusted', onUnavailable: 'allow' };
    const text = "/c/supervisor-hook sh --level untrusted --on-unavailable allow -- 'echo'";
    expect(one(claude, command('echo'), wishes)).toBe(text);
  });

  test('so is the start of a daemon, in every form, and it is taken back', () => {
    const wishes = { isAutostart: true, level: 'untrusted' };
    const front = ['/c/supervisor-hook', 'sh', '--autostart', '--level', 'untrusted', '--'];
    expect(one(claude, command('echo'), wishes)).toBe([...front, "'echo'"].join(' '));
    expect(one(claude, command('echo'), { ...wishes, hasArgs: true })).toEqual([...front, 'echo']);
    const text = settings(command('echo'), command('node', { args: ['a.mjs'] }));
    for (const hasArgs of [false, true]) {
      const [file] = planned(claude, [['user', text]], { ...wishes, hasArgs });
      expect(file?.kind === 'planned' && unwrapped(claude, file.after)).toEqual({ text, undecided: [] });
      expect(words(file)[1]?.slice(0, 4)).toEqual(['/c/supervisor-hook', 'run', '--autostart', '--level']);
    }
  });
});

describe('deadline', () => {
  test.each([
    [claude, 30, '29500ms'],
    [claude, 1, '950ms'],
    [claude, 0.5, '475ms'],
    [gemini, 5_000, '4750ms'],
    [gemini, 100, '95ms'],
    [codex, 600, '599500ms'],
  ])('ours comes a little before that of $name: %j -> %s', (agent, timeout, own) => {
    expect(one(agent, command('echo', { timeout }))).toContain(` --timeout ${own} -- `);
  });

  test('none where the entry has none, none above 0, or no number', () => {
    for (const timeout of [undefined, 0, -1, 'soon', null]) {
      expect(one(claude, command('echo', { timeout }))).not.toContain('--timeout');
    }
  });

  test('none in the background, and none where a time-out decides', () => {
    expect(one(claude, command('echo', { timeout: 5, async: true }))).not.toContain('--timeout');
    expect(one(claude, command('echo', { timeout: 5, asyncRewake: true }))).not.toContain('--timeout');
    const text = corpusText('claude/22-many-events');
    expect(words(planned(claude, [['user', text]])[0])[2]).toBe("/c/supervisor-hook sh -- 'python3 model.py'");
  });
});

describe('equal hooks, of which the agent runs one, stay equal', () => {
  test('with different time-outs', () => {
    const [a, b, c] = words(planned(claude, [['user', corpusText('claude/13-same-hook-twice')]])[0]);
    expect(a).toBe("/c/supervisor-hook sh -- 'python3 log.py'");
    expect(b).toBe(a);
    expect(c).toBe("/c/supervisor-hook sh -- 'python3 log.py '");
  });

  test('in two files, one of which others share', () => {
    const files: [Scope, string][] = [
      ['user', settings(command('a', { timeout: 5 }), command('b'))],
      ['project', settings(command('a', { timeout: 5 }))],
    ];
    const [user, project] = planned(claude, files, { scopes: ['user', 'project'], hasArgs: true }).map(words);
    expect(project).toEqual(["supervisor-hook sh --timeout 4750ms -- 'a'"]);
    expect(user).toEqual([project?.[0], ['/c/supervisor-hook', 'sh', '--', 'b']]);
  });

  test('one in a file that is not rewritten keeps the other as it is', () => {
    const files: [Scope, string][] = [
      ['user', settings(command('a'), command('b'))],
      ['managed', settings(command('a'))],
    ];
    const [user] = planned(claude, files);
    expect(words(user)).toEqual(['a', "/c/supervisor-hook sh -- 'b'"]);
    expect(leftIn(user)[0]).toMatch(/^the same hook stands in \/managed/);
  });

  test('one that was wrapped alike before is no hindrance', () => {
    const project = planned(claude, [['project', settings(command('a'))]], { scopes: ['project'] })[0];
    const wrapped = project?.kind === 'planned' ? project.after : '';
    const [user] = planned(claude, [['user', settings(command('a'))], ['project', wrapped]]); // biome-ignore format: short
    expect(words(user)).toEqual(["supervisor-hook sh -- 'a'"]);
  });

  test("a plugin's copy is a hook of its own", () => {
    const files: [Scope, string][] = [
      ['user', settings(command('a'))],
      ['plugin', settings(command('a'))],
    ];
    expect(leftIn(planned(claude, files)[0])).toEqual(['']);
  });

  test('an agent that runs both has both wrapped, each with its own deadline', () => {
    const hooks = settings(command('a', { timeout: 1 }), command('a', { timeout: 2 }));
    const [a, b] = words(planned(codex, [['user', hooks]])[0]);
    expect([a, b]).toEqual([expect.stringContaining('950ms'), expect.stringContaining('1900ms')]);
  });
});

describe('left as it is, with a reason', () => {
  const reasons = (name: string, wishes: Partial<InstallWishes> = {}) =>
    leftIn(planned(claude, [['user', corpusText(name)]], wishes)[0]);

  test('other types', () => {
    expect(reasons('claude/12-other-types')).toEqual([
      ...['http', 'prompt', 'agent', 'mcp_tool'].map((type) => `its type is ${type}: no process is started for it`),
      '',
    ]);
  });

  test('hooks that go through the supervisor by hand', () => {
    const already = 'goes through the supervisor already';
    expect(reasons('claude/14-by-hand')).toEqual([already, already, already, '']);
    const [event] = planned(claude, [['user', settings(command('supervisor-hook event'))]]);
    expect(leftIn(event)).toEqual([already]);
  });

  test('hooks that need the terminal or the process tree', () => {
    expect(reasons('claude/15-terminal')).toEqual([
      'it asks for the terminal',
      'it asks who started it, which is ours then',
      '',
    ]);
  });

  test('another shell', () => {
    expect(reasons('claude/17-shells')).toEqual(['its shell is powershell', '']);
  });

  test('named by --direct', () => {
    expect(reasons('claude/04-exec-form', { direct: ['a.mjs'] })).toEqual(['', '', 'named by --direct', '', '']);
  });

  test('a malformed entry costs only itself', () => {
    const left = reasons('claude/18-malformed-entries');
    expect(left.at(-1)).toBe('');
    expect(left.slice(0, -1)).not.toContain('');
  });
});
