/** Every settings file of the corpus: wrapped, then taken back, is the same bytes; wrapped twice, it is wrapped once. */
import { describe, expect, test } from 'vitest';
import { entriesOf } from '../../../supervisor/agents/json/entries.js';
import { AGENTS } from '../../../supervisor/agents/known.js';
import { type InstallWishes, planInstall, unwrapped } from '../../../supervisor/agents/plan.js';
import { planUninstall } from '../../../supervisor/agents/uninstall.js';
import { BIG, CORPUS, corpusText } from '../../lib/settings-corpus.js';

const WISHES: InstallWishes = {
  scopes: ['user'],
  client: { path: '/opt/hook supervisor/supervisor-hook', name: 'supervisor-hook' },
  hasArgs: false,
  level: undefined,
  onUnavailable: undefined,
  direct: [],
  scriptReason: () => undefined,
};

const VARIANTS: [string, Partial<InstallWishes>][] = [
  ['texts', {}],
  ['args', { hasArgs: true }],
  ['options', { level: 'restricted', onUnavailable: 'block', client: { path: '/c/supervisor-hook', name: 'x' } }],
];

function plan(agentName: string, text: string, wishes: Partial<InstallWishes> = {}) {
  const agent = AGENTS.find(({ name }) => name === agentName);
  if (agent === undefined) throw new Error(`no agent ${agentName}`);
  const file = { path: '/f', scope: 'user' } as const;
  const [planned] = planInstall(agent, [{ file, text }], { ...WISHES, ...wishes });
  if (planned === undefined) throw new Error('nothing was planned');
  return { agent, planned };
}

const valid = CORPUS.filter(({ agent }) => agent !== 'invalid');

test('there are at least 35 files that are valid, and of each agent some', () => {
  expect(valid.length).toBeGreaterThanOrEqual(35);
  expect(new Set(valid.map(({ agent }) => agent))).toEqual(new Set(AGENTS.map(({ name }) => name)));
  expect(BIG.text.length).toBeGreaterThan(1_000_000);
});

describe.each(VARIANTS)('as %s', (_variant, wishes) => {
  test.each([...valid, BIG])('$name comes back to the byte', ({ agent: name, text }) => {
    const { agent, planned } = plan(name, text, wishes);
    expect(planned).toMatchObject({ kind: 'planned', without: text });
    const after = planned.kind === 'planned' ? planned.after : '';
    expect(unwrapped(agent, after)).toEqual({ text, undecided: [] });
  });

  test.each([...valid, BIG])('$name wrapped twice is wrapped once', ({ agent: name, text }) => {
    const once = plan(name, text, wishes).planned;
    const after = once.kind === 'planned' ? once.after : '';
    expect(plan(name, after, wishes).planned).toMatchObject({ kind: 'planned', after, without: text });
  });

  test.each(valid)('of $name only commands and args are changed', ({ agent: name, text }) => {
    const { planned } = plan(name, text, wishes);
    const after = planned.kind === 'planned' ? planned.after : '';
    const [was, is] = [entriesOf(text), entriesOf(after)].map((read) => (read.ok ? read.entries : []));
    const rest = (entries: typeof was) =>
      entries?.map(({ event, matcher, type, timeout, shell, isAsync }) => [
        event,
        matcher,
        type,
        timeout,
        shell,
        isAsync,
      ]);
    expect(rest(is)).toEqual(rest(was));
    expect(after.split('\n').length).toBe(text.split('\n').length);
  });
});

/** What people and other tools do to a settings file. */
const HANDS: [string, (text: string) => string][] = [
  ['a key is added at its top', (text) => text.replace('{', '{ "added": true,')],
  ['lines end as on Windows', (text) => text.replace(/\r?\n/g, '\r\n')],
  ['it is indented', (text) => text.replaceAll('\n', '\n  ')],
  ['lines are added at its end', (text) => `${text}\n\n`],
  [
    'a hook is added to each group',
    (text) => text.replace(/"hooks": ?\[(?=\s*\{ ?"type)/g, '$&{"type":"command","command":"new"},'),
  ],
  ['time-outs are taken out', (text) => text.replace(/, ?"timeout": ?[\d.]+/g, '')],
];

describe.each(HANDS)('after install %s', (_name, hand) => {
  test.each(VARIANTS)('uninstall leaves just that, as %s', (_variant, wishes) => {
    for (const { agent: name, text, name: file } of valid) {
      const { agent, planned } = plan(name, text, wishes);
      const after = planned.kind === 'planned' ? planned.after : '';
      const removal = planUninstall(agent, '/f', hand(after), { before: text, isUntouched: false });
      expect(removal, file).toMatchObject({ kind: 'planned', after: hand(text), undecided: 0 });
    }
  });
});

test('of each way to change a file by hand at least five files are another then', () => {
  for (const [, hand] of HANDS) expect(valid.filter(({ text }) => hand(text) !== text).length).toBeGreaterThan(5);
});

test.each(VARIANTS)('what was JSON without comments and commas at the end stays so, as %s', (_variant, wishes) => {
  const strict = valid.filter(({ text }) => isStrict(text));
  expect(strict.length).toBeGreaterThan(20);
  for (const { agent, text } of strict) {
    const { planned } = plan(agent, text, wishes);
    expect(isStrict(planned.kind === 'planned' ? planned.after : '')).toBe(true);
  }
});

function isStrict(text: string): boolean {
  try {
    JSON.parse(text.replace(/^\xef\xbb\xbf/, ''));
    return true;
  } catch {
    return false;
  }
}

test('of keys that stand twice the last is wrapped, which is the one that the agent reads', () => {
  const { planned } = plan('claude', corpusText('claude/11-duplicate-keys'));
  const after = planned.kind === 'planned' ? planned.after : '';
  expect(planned.kind === 'planned' && planned.hooks.map(({ command }) => command)).toEqual(['echo last']);
  expect(JSON.stringify(JSON.parse(after))).toContain("sh -- 'echo last'");
});

test('other options change what an earlier install has written', () => {
  const text = corpusText('claude/01-one-hook');
  const first = plan('claude', text).planned;
  const second = plan('claude', first.kind === 'planned' ? first.after : '', { level: 'restricted' }).planned;
  expect(second).toMatchObject({ without: text, after: expect.stringContaining(' --level restricted -- ') });
});

describe('invalid JSON is told with its place', () => {
  test.each([
    ['invalid/comma', '/f:3:48', 'is not valid JSON (comma expected)'],
    ['invalid/cut-off', '/f:1:69', 'is not valid JSON (unexpected end of string)'],
    ['invalid/empty', '/f:1:1', 'is not valid JSON (value expected)'],
    ['invalid/two-values', '/f:1:4', 'is not valid JSON (end of file expected)'],
    ['invalid/raw-newline', '/f:1:69', 'is not valid JSON (unexpected end of string)'],
    ['invalid/not-json', '/f:1:1', 'is not valid JSON (invalid symbol)'],
    ['invalid/deep', '/f:1:201', 'is nested deeper than 200'],
  ])('%s', (name, where, what) => {
    expect(plan('claude', corpusText(name)).planned).toMatchObject({ kind: 'unreadable', where, what });
  });

  test('each such file is in this list', () => {
    expect(CORPUS.filter(({ agent }) => agent === 'invalid')).toHaveLength(7);
  });
});
