/** Hooks that the agent is to ask for by HTTP: which, as what, and back. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Scope } from '../../../supervisor/agents/agent.js';
import { claude } from '../../../supervisor/agents/claude.js';
import { type HttpRecord, NO_RECORD, onlyUses, recordIn, recordText } from '../../../supervisor/agents/http/record.js';
import type { HttpWishes } from '../../../supervisor/agents/http/wrapping.js';
import { hooksIn } from '../../../supervisor/agents/listing.js';
import { type InstallWishes, type PlannedFile, planInstall, unwrapped } from '../../../supervisor/agents/plan.js';
import { type Past, planUninstall } from '../../../supervisor/agents/uninstall.js';
import { CORPUS } from '../../lib/settings-corpus.js';

const digestOf = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
const HTTP: HttpWishes = { port: 8377, blocks: false, digestOf };
const WISHES: InstallWishes = {
  scopes: ['user', 'local'],
  client: { path: '/c/supervisor-hook', name: 'supervisor-hook' },
  hasArgs: true,
  level: undefined,
  onUnavailable: 'allow',
  direct: [],
  scriptReason: () => undefined,
  http: HTTP,
};

const UNKNOWN: Past = { before: undefined, isUntouched: false };

type Planned = Extract<PlannedFile, { kind: 'planned' }>;

function planAll(files: [Scope, string][], wishes: Partial<InstallWishes> = {}): Planned[] {
  const texts = files.map(([scope, text]) => ({ file: { path: `/${scope}`, scope }, text }));
  return planInstall(claude, texts, { ...WISHES, ...wishes }).filter((one) => one.kind === 'planned');
}

function plan(text: string, wishes: Partial<InstallWishes> = {}): Planned {
  const [one] = planAll([['user', text]], wishes);
  if (one === undefined) throw new Error('nothing was planned');
  return one;
}

const command = (text: string, more: object = {}) => ({ type: 'command', command: text, ...more });
const settings = (hooks: object[], event = 'PreToolUse') => JSON.stringify({ hooks: { [event]: [{ hooks }] } });
const entry = (text: string, at = 0) => JSON.parse(text).hooks.PreToolUse[0].hooks[at] as Record<string, unknown>;
const urls = ({ after }: Planned) => [...after.matchAll(/"url": ?"([^"]*)"/g)].map(([, url]) => url);

test('what the agent is told, and what the daemon is', () => {
  const { after, http } = plan(settings([command('python3 "$X"/guard.py', { timeout: 10, if: 'Bash(git *)' })]));
  const [[name, recorded] = []] = [...http];
  expect(name).toMatch(/^guard-[0-9a-f]{12}$/);
  expect(entry(after)).toEqual({
    type: 'http',
    url: `http://127.0.0.1:8377/hook/${name}`,
    headers: { Authorization: 'Bearer $HOOK_SUPERVISOR_TOKEN' },
    allowedEnvVars: ['HOOK_SUPERVISOR_TOKEN'],
    timeout: 10,
    if: 'Bash(git *)',
  });
  expect(recorded?.hook).toEqual({
    ...{ command: 'python3 "$X"/guard.py', args: undefined, timeoutMs: 9_500 },
    ...{ level: undefined, onFailure: 'continue' },
  });
});

test('args go with the command, the level to the daemon', () => {
  const { after, http } = plan(settings([command('node', { args: ['a b.mjs'], once: true })]), { level: 'restricted' });
  expect(Object.keys(entry(after))).toEqual(['type', 'url', 'headers', 'allowedEnvVars', 'once']);
  expect([...http.values()][0]?.hook).toMatchObject({ command: 'node', args: ['a b.mjs'], level: 'restricted' });
});

test('block: said to the agent, for a daemon that is not there, unless the hook says otherwise', () => {
  const wishes = { http: { ...HTTP, blocks: true } };
  const { after, http } = plan(settings([command('a'), command('b', { onFailure: 'continue' })]), wishes);
  expect([entry(after).onFailure, entry(after, 1).onFailure]).toEqual(['block', 'continue']);
  expect([...http.values()].map(({ hook }) => hook.onFailure)).toEqual(['block', 'continue']);
  const own = plan(settings([command('a', { onFailure: 'block' })]));
  expect(entry(own.after).onFailure).toBe('block');
  expect([...own.http.values()][0]?.hook.onFailure).toBe('block');
});

describe('names', () => {
  test('equal hooks have one URL, in one file and in two; others have another', () => {
    const [user, local] = planAll([
      ['user', settings([command('a'), command('a', { timeout: 5 }), command('b'), command('a', { args: [] })])],
      ['local', settings([command('a')])],
    ]) as [Planned, Planned];
    const [one, same, other, withArgs] = urls(user);
    expect(same).toBe(one);
    expect(new Set([one, other, withArgs]).size).toBe(3);
    expect(urls(local)).toEqual([one]);
  });

  test('what no URL takes is no part of them', () => {
    const names = ['é ü', './-x- y', '"$(date)"', 'x'.repeat(200)].map(
      (text) => urls(plan(settings([command(text)])))[0],
    );
    for (const name of names) expect(name).toMatch(/^http:\/\/127\.0\.0\.1:8377\/hook\/[a-z0-9][a-z0-9-]{0,63}$/);
  });
});

describe('through the client instead', () => {
  const notHttp = (one: Planned) => one.hooks.map((hook) => hook.notHttp);

  test.each(['SessionStart', 'Setup', 'CwdChanged', 'WorktreeCreate', 'TeammateIdle', 'Unheard'])('on %s', (event) => {
    const planned = plan(settings([command('a')], event));
    expect(planned.after).toContain('/c/supervisor-hook');
    expect([planned.http.size, notHttp(planned)[0]?.length]).not.toEqual([0, 0]);
  });

  test.each([
    ['in the background', command('a', { async: true })],
    ['one that names its shell', command('a', { shell: 'bash' })],
    ['one that asks where its plugin lies', command('${CLAUDE_PLUGIN_ROOT}/a')],
    ['one that writes for later commands', command('echo X=1 >> "$CLAUDE_ENV_FILE"')],
    ['one with headers of its own', command('a', { headers: {} })],
  ])('%s', (_what, hook) => {
    const planned = plan(settings([hook]));
    expect(planned.after).toContain('/c/supervisor-hook');
    expect(notHttp(planned)[0]).not.toBe('');
    expect(planned.http.size).toBe(0);
  });

  test('what others share, and what is equal to it', () => {
    const files: [Scope, string][] = [
      ['project', settings([command('a')])],
      ['user', settings([command('a'), command('b')])],
      ['plugin', settings([command('c')])],
    ];
    const [project, user, plugin] = planAll(files, { scopes: ['project', 'user', 'plugin'] });
    expect([project?.http.size, user?.http.size, plugin?.http.size]).toEqual([0, 1, 0]);
    expect(user && notHttp(user).map((why) => why !== '')).toEqual([true, false]);
  });

  test('one that is left is left', () => {
    const planned = plan(settings([command('cat /dev/tty')]));
    expect([planned.after, planned.hooks[0]?.left]).toEqual([planned.before, 'it asks for the terminal']);
  });
});

describe.each([
  ['plain', {}],
  ['block', { http: { ...HTTP, blocks: true } }],
])('back, %s', (_variant, wishes) => {
  const files = CORPUS.filter(({ agent }) => agent === 'claude');

  test('of the corpus enough is written', () => {
    const written = files.filter(({ text }) => plan(text, wishes).http.size > 0);
    expect(written.length).toBeGreaterThan(15);
  });

  test.each(files)('$name comes back to the byte by the record alone, as its file keeps it', ({ text }) => {
    const { after, http } = plan(text, wishes);
    const record = recordIn(recordText(http));
    expect(record.size).toBe(http.size);
    expect(unwrapped(claude, after, record)).toEqual({ text, undecided: [] });
    expect(plan(after, { ...wishes, record })).toMatchObject({ without: text, after });
    expect(plan(after, { record, http: undefined }).after).toBe(plan(text, { http: undefined }).after);
  });

  test.each(files.filter(({ text }) => isJson(text)))('$name, laid out anew, says the same again', ({ text }) => {
    const { after, http } = plan(text, wishes);
    const anew = JSON.stringify(parsed(after), null, 3);
    const back = unwrapped(claude, anew, http);
    expect(back?.undecided).toEqual([]);
    expect(parsed(back?.text ?? '')).toEqual(parsed(text));
  });
});

test('another time-out stays, and what we have written goes', () => {
  const text = '{"hooks":{"Stop":[{"hooks":[{"timeout":3,"type":"command","args":[ "x" ],"command":"a"}]}]}}';
  const { after, http } = plan(text, { http: { ...HTTP, blocks: true } });
  const { text: back, undecided } = unwrapped(claude, after.replace('3', '4'), http) ?? {};
  expect(undecided).toEqual([]);
  expect(JSON.parse(back ?? '').hooks.Stop[0].hooks[0]).toEqual({
    ...{ timeout: 4, type: 'command', command: 'a', args: ['x'] },
  });
});

test('without a record, or behind a comment, it is told and stays', () => {
  const { after, http } = plan(settings([command('a')]));
  const lost = planUninstall(claude, '/f', after, UNKNOWN, NO_RECORD);
  expect(lost).toMatchObject({
    after,
    kept: [{ command: expect.stringContaining('/hook/a-'), why: expect.stringContaining('record') }],
  });
  const commented = after.replace('"allowedEnvVars"', '/* why */ "allowedEnvVars"');
  const unsure = planUninstall(claude, '/f', commented, UNKNOWN, http);
  expect(unsure).toMatchObject({ after: commented, undecided: 1 });
});

test('without a record, but with a backup: undecided, and told what it may have been', () => {
  const own = { type: 'http', url: 'https://example.com/x' };
  const before = settings([own, command('a')]);
  const { after } = plan(before);
  const written = after.replace('{"hooks":{', '{"hooks": {');
  expect(planUninstall(claude, '/f', written, { before, isUntouched: false }, NO_RECORD)).toMatchObject({
    after: written,
    kept: [
      { why: expect.stringMatching(/no record any more of what it was; of this event the backup has `a` in line 1$/) },
    ],
    undecided: 1,
  });
});

test('of two texts that differ the backup says nothing of hooks of which there is a record', () => {
  const before = settings([command('a'), command('b')]);
  const { after, http } = plan(before);
  const written = after.replace('{"hooks":{', '{"hooks": {');
  expect(planUninstall(claude, '/f', written, { before, isUntouched: false }, http)).toEqual({
    ...{ kind: 'planned', after: before.replace('{"hooks":{', '{"hooks": {') },
    ...{ how: 'merged', kept: [], undecided: 0 },
  });
});

test("an http hook of the user's own stays as it is, also when it goes to us", () => {
  const own = { type: 'http', url: 'http://127.0.0.1:8377/hook/own' };
  const text = settings([own, { type: 'http', url: 'https://example.com/x' }, command('a')]);
  const { after, http } = plan(text);
  expect(entry(after)).toEqual(own);
  expect(unwrapped(claude, after, http)?.text).toBe(text);
});

test('the listing has the hook as it was', () => {
  const { after, http } = plan(settings([command('guard', { args: ['x'] })]), { level: 'restricted' });
  expect(hooksIn(claude, after, http)).toMatchObject({
    hooks: [{ state: 'installed', command: 'guard', args: ['x'], level: 'restricted' }],
  });
  expect(hooksIn(claude, after)).toMatchObject({ hooks: [{ state: 'other', type: 'http' }] });
});

test('of the record what a file names no more goes, and with it a name that nobody uses', () => {
  const [user, local] = planAll([
    ['user', settings([command('a'), command('b')])],
    ['local', settings([command('a')])],
  ]) as [Planned, Planned];
  const usesOf = (record: HttpRecord) =>
    [...record.values()].map(({ hook, uses }) => [hook.command, uses.map(({ path }) => path)]);
  const both = new Map(
    [...user.http].map(([name, { hook, uses }]) => [
      name,
      { hook, uses: [...uses, ...(local.http.get(name)?.uses ?? [])] },
    ]),
  );
  expect(usesOf(onlyUses(both, '/user', NO_RECORD))).toEqual([['a', ['/local']]]);
  expect(usesOf(onlyUses(both, '/user', user.http))).toEqual(usesOf(both));
});

function isJson(text: string): boolean {
  try {
    return parsed(text) !== undefined;
  } catch {
    return false;
  }
}

function parsed(text: string): unknown {
  return JSON.parse(text.replace(/^\xef\xbb\xbf/, ''));
}
