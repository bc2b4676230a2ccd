/** Agents that nobody of us has run: where their hooks are looked for, and which texts are safe to change whatever runs them. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Agent } from '../../../supervisor/agents/agent.js';
import { copilot, cursor, kiro, windsurf } from '../../../supervisor/agents/by-documentation.js';
import { hooksIn } from '../../../supervisor/agents/listing.js';
import { type InstallWishes, planInstall, unwrapped } from '../../../supervisor/agents/plan.js';
import { corpusText } from '../../lib/settings-corpus.js';

const WISHES: InstallWishes = {
  scopes: ['user'],
  client: { path: '/c/supervisor-hook', name: 'supervisor-hook' },
  hasArgs: false,
  level: undefined,
  onUnavailable: undefined,
  direct: [],
  scriptReason: () => undefined,
};
const FRONT = '/c/supervisor-hook run --on-unavailable run --';

function planned(agent: Agent, text: string, wishes: Partial<InstallWishes> = {}) {
  const [one] = planInstall(agent, [{ file: { path: '/f', scope: 'user' }, text }], { ...WISHES, ...wishes });
  if (one?.kind !== 'planned') throw new Error('not planned');
  return one;
}

const oneHook = (command: string) => JSON.stringify({ version: 1, hooks: { stop: [{ command }] } });

function wrapped(command: string, wishes: Partial<InstallWishes> = {}): string {
  const { after } = planned(cursor, oneHook(command), wishes);
  return (JSON.parse(after) as { hooks: { stop: { command: string }[] } }).hooks.stop[0]?.command ?? '';
}

const leftOf = (command: string) => planned(cursor, oneHook(command)).hooks[0]?.left ?? '';

describe('what is wrapped', () => {
  test.each(['python3 hooks/guard.py', './b.sh --a=b c,d', '/opt/x/lint @scope/name', 'npx -y tool@1.2'])(
    '%s',
    (command) => {
      expect(wrapped(command)).toBe(`${FRONT} ${command}`);
      expect(leftOf(command)).toBe('');
    },
  );

  test('the words that were wrapped are the same to every shell there is, and to a program that splits at blanks', () => {
    const command = wrapped('printenv FOO', { client: { path: 'printf', name: 'printf' } }).replace(
      'printf',
      'printf %s|',
    );
    const heard = ['sh', 'bash', 'dash', 'zsh', 'fish', 'ksh']
      .filter((shell) => ['/bin', '/usr/bin'].some((folder) => existsSync(`${folder}/${shell}`)))
      .map((shell) => spawnSync(shell, ['-c', command.replace('%s|', "'%s|'")], { encoding: 'utf8' }).stdout);
    expect(heard.length).toBeGreaterThanOrEqual(2);
    for (const words of heard) expect(words.split('|').slice(0, -1)).toEqual(command.split(' ').slice(2));
  });
});

describe('what is left, since shells differ in it or it is no program', () => {
  test.each([
    ...[
      'python3 "a b.py"',
      "echo 'x'",
      'a; b',
      'a && b',
      'a | b',
      'x > y',
      'x $HOME',
      'x `y`',
      '~/x.sh',
      'x *.py',
      'x ~/y',
    ],
    ...[
      'A=1 x',
      '=x y',
      'x =y',
      'x {a,b}',
      'x #y',
      'x !y',
      'a  b',
      ' a',
      'a ',
      'x\ny',
      'x\\y',
      'x é',
      'x %1',
      'x [a]',
      'x ?',
    ],
  ])('%j', (command) => {
    expect(leftOf(command)).toContain('by which shell Cursor runs it is not documented');
  });

  test.each(['true', 'exit 2', 'cd x', '. ./env', 'source x', 'test -f x', 'time x', 'while x'])('%s', (command) => {
    expect(leftOf(command)).toContain('by which shell Cursor runs it is not documented');
  });

  test('one with args, of which nothing is documented', () => {
    const text = JSON.stringify({ hooks: { stop: [{ command: 'x', args: ['y'] }] } });
    expect(planned(cursor, text).hooks[0]?.left).toContain('of which the documentation of Cursor says nothing');
  });

  test('all, where the path of our client is not plain', () => {
    const { hooks, after, before } = planned(cursor, oneHook('x'), {
      client: { path: '/a b/supervisor-hook', name: 'n' },
    });
    expect([hooks[0]?.left, after]).toEqual([expect.stringContaining('every shell reads alike'), before]);
  });
});

describe('in the words of its own documentation', () => {
  test.each([
    [cursor, 'cursor/01-hooks', ['run --timeout 9500ms --on-unavailable run -- ./b.sh audit']],
    [
      copilot,
      'copilot/01-hooks',
      ['"bash": "/c/supervisor-hook run --timeout 14500ms', '"command": "/c/supervisor-hook run'],
    ],
    [
      windsurf,
      'windsurf/01-hooks',
      ['"command": "/c/supervisor-hook run --on-unavailable run -- python3 guard.py pre"'],
    ],
    [kiro, 'kiro/01-agent', ['run --timeout 8550ms --on-unavailable run -- python3 guard.py']],
  ])('$name: only the text is changed, and the time-out read in its unit', (agent, name, texts) => {
    const { after, before } = planned(agent, corpusText(name));
    for (const text of texts) expect(after).toContain(text);
    expect(after.replace(/\/c\/supervisor-hook run [^"]*?-- /g, '')).toBe(before);
    expect(unwrapped(agent, after)).toEqual({ text: before, undecided: [] });
  });

  test('the policy is spelled out: by it the words are known for ours', () => {
    expect(wrapped('x', { level: 'restricted' })).toContain('--level restricted --on-unavailable block -- x');
    expect(wrapped('x', { onUnavailable: 'allow' })).toContain('--on-unavailable allow -- x');
    const byHand = oneHook('/c/supervisor-hook run --timeout 3s -- x');
    expect(planned(cursor, byHand)).toMatchObject({
      after: byHand,
      hooks: [{ left: 'goes through the supervisor already' }],
    });
    expect(unwrapped(cursor, byHand)).toEqual({ text: byHand, undecided: [] });
  });

  test('with --autostart, too', () => {
    const before = corpusText('cursor/01-hooks');
    const { after } = planned(cursor, before, { isAutostart: true });
    expect(after).toContain('run --autostart --timeout 9500ms --on-unavailable run -- ./b.sh audit');
    expect(unwrapped(cursor, after)).toEqual({ text: before, undecided: [] });
  });

  test('status lists its hooks: what they are without us, and the level that they were given', () => {
    const { after } = planned(cursor, corpusText('cursor/01-hooks'), { level: 'restricted' });
    const listing = hooksIn(cursor, after);
    expect(listing.ok && listing.hooks.map(({ command, state, level }) => [command, state, level])).toEqual([
      ['./b.sh audit', 'installed', 'restricted'],
      ['python3 guard.py --agent=cursor', 'installed', 'restricted'],
      ['python3 guard.py --agent=cursor', 'installed', 'restricted'],
      ['node check.mjs', 'installed', 'restricted'],
      ['', 'other', undefined],
      ['echo a; echo b', 'direct', undefined],
    ]);
    expect(listing.ok && listing.hooks[0]).toMatchObject({ event: 'beforeShellExecution', matcher: 'curl|wget' });
  });
});

describe('its files', () => {
  const names = (folder: string) => (/\/(hooks|agents)$/.test(folder) ? ['a.json', 'README.md'] : []);
  const where = { env: { HOME: '/h' }, folders: ['/h/p/sub', '/h/p'], names };
  const filesOf = (agent: Agent, env = {}) =>
    agent.files({ ...where, env: { ...where.env, ...env } }).map(({ path, scope }) => `${scope} ${path}`);

  test('Cursor and Windsurf: user, project, and what the organisation manages', () => {
    expect(filesOf(cursor)).toEqual([
      'user /h/.cursor/hooks.json',
      ...['project /h/p/sub/.cursor/hooks.json', 'project /h/p/.cursor/hooks.json'],
      'managed /etc/cursor/hooks.json',
    ]);
    expect(filesOf(windsurf)[0]).toBe('user /h/.codeium/windsurf/hooks.json');
  });

  test('Copilot: the user alone; those of a repository are told of, since the cloud agent runs them too', () => {
    expect(filesOf(copilot)).toEqual(['user /h/.copilot/hooks/a.json']);
    expect(filesOf(copilot, { COPILOT_HOME: '/c' })).toEqual(['user /c/hooks/a.json']);
    const told = copilot.elsewhere(where).map(({ path }) => path);
    expect(told).toEqual(['/h/.copilot/settings.json', '/h/p/sub/.github/hooks/a.json', '/h/p/.github/hooks/a.json']);
  });

  test('Kiro: agents of user and project; the files of its third version are told of', () => {
    expect(filesOf(kiro)).toEqual([
      'user /h/.kiro/agents/a.json',
      ...['project /h/p/sub/.kiro/agents/a.json', 'project /h/p/.kiro/agents/a.json'],
    ]);
    expect(kiro.elsewhere(where).map(({ path }) => path)).toContain('/h/p/.kiro/hooks/a.json');
  });

  test('in the home folder nothing is a project', () => {
    const inHome = { ...where, folders: ['/h'] };
    for (const agent of [cursor, windsurf, kiro, copilot]) {
      expect(agent.files(inHome).some(({ scope }) => scope === 'project')).toBe(false);
    }
  });
});
