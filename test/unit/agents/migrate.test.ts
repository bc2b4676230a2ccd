/** The hooks of one agent in the form of another: what means the same there, and what is left with a reason. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claude } from '../../../supervisor/agents/claude.js';
import { codex } from '../../../supervisor/agents/codex.js';
import { gemini } from '../../../supervisor/agents/gemini.js';
import { recordText } from '../../../supervisor/agents/http/record.js';
import { entriesOf } from '../../../supervisor/agents/json/entries.js';
import { hooksOf, type MeasuredAgent, migrate } from '../../../supervisor/agents/migrate/migrate.js';
import { planInstall } from '../../../supervisor/agents/plan.js';
import { type Context, packageFiles } from '../../../supervisor/cli/context.js';
import { migrateHooks } from '../../../supervisor/cli/migrate.js';
import { HTTP_HOOKS_FILE } from '../../../supervisor/contract/http.js';
import { CORPUS } from '../../lib/settings-corpus.js';

function file(event: string, hook: object, matcher?: string): string {
  return JSON.stringify({ hooks: { [event]: [{ matcher, hooks: [{ type: 'command', command: 'x', ...hook }] }] } });
}

function one(from: MeasuredAgent, to: MeasuredAgent, text: string) {
  const found = migrate(from, to, text);
  return found?.moved[0] ?? found?.left[0]?.why;
}

describe('moved', () => {
  test.each([
    [claude, gemini, 'PreToolUse', 'Bash|Edit', 'BeforeTool', 'run_shell_command|replace'],
    [gemini, claude, 'AfterTool', 'write_file', 'PostToolUse', 'Write'],
    [gemini, codex, 'BeforeTool', 'run_shell_command', 'PreToolUse', 'Bash'],
    [codex, gemini, 'UserPromptSubmit', '', 'BeforeAgent', ''],
    [claude, codex, 'Stop', '*', 'Stop', '*'],
    [codex, claude, 'SubagentStop', '', 'SubagentStop', ''],
  ])('$0.name to $1.name: %s', (from, to, event, matcher, newEvent, newMatcher) => {
    expect(one(from, to, file(event, {}, matcher))).toMatchObject({
      event: newEvent,
      matcher: newMatcher,
      command: 'x',
    });
  });

  test('time-outs are told in the unit of the other', () => {
    expect(one(claude, gemini, file('Stop', { timeout: 5 }))).toMatchObject({ timeout: 5_000 });
    expect(one(gemini, codex, file('AfterAgent', { timeout: 500 }))).toMatchObject({ timeout: 0.5 });
    expect(one(claude, gemini, file('Stop', {}))).toMatchObject({ timeout: undefined });
  });

  test('of a wrapped hook what it is without us', () => {
    const wrapped = file('Stop', { command: "/c/supervisor-hook sh --timeout 950ms -- 'echo '\\''a'\\'''" });
    expect(one(claude, gemini, wrapped)).toMatchObject({ command: "echo 'a'" });
  });

  test('of one event and matcher in one group, in their order', () => {
    const hook = (command: string, matcher = '', timeout?: number) => ({ event: 'Stop', matcher, command, timeout });
    expect(hooksOf([hook('a'), hook('b', 'M', 7), hook('c')])).toEqual({
      Stop: [
        {
          hooks: [
            { type: 'command', command: 'a' },
            { type: 'command', command: 'c' },
          ],
        },
        { matcher: 'M', hooks: [{ type: 'command', command: 'b', timeout: 7 }] },
      ],
    });
  });

  test('what comes out of the whole corpus are hooks of the other', () => {
    const agents = [claude, gemini, codex];
    let count = 0;
    for (const { agent, text, name } of CORPUS) {
      const from = agents.find((known) => known.name === agent);
      for (const to of agents) {
        if (from === undefined || from === to) continue;
        const found = migrate(from, to, text);
        const json = JSON.stringify({ hooks: hooksOf(found?.moved ?? []) });
        const read = entriesOf(Buffer.from(json, 'utf8').toString('latin1'), to.shape);
        expect(read.ok && read.entries.length, name).toBe(found?.moved.length);
        count += found?.moved.length ?? 0;
      }
    }
    expect(count).toBeGreaterThan(40);
  });
});

describe('left, with the reason', () => {
  test.each<[string, object, string, string]>([
    ['PreCompact', {}, '', 'Gemini CLI has no such event, or none that we have seen'],
    ['PreToolUse', {}, 'Bash|Task', 'its matcher, Bash|Task, cannot be said in the words of Gemini CLI'],
    ['PreToolUse', {}, 'Edit.*', 'its matcher, Edit.*, cannot be said in the words of Gemini CLI'],
    ['SessionStart', {}, 'Bash', 'its matcher, Bash, cannot be said in the words of Gemini CLI'],
    ['SessionStart', {}, 'startup', 'its matcher, startup, cannot be said in the words of Gemini CLI'],
    ['Stop', { args: ['a'] }, '', 'it has args, and Gemini CLI runs texts only'],
    ['Stop', { shell: 'bash' }, '', 'it names its shell, and Gemini CLI has one for all'],
    ['Stop', { type: 'prompt' }, '', 'it is no command'],
    ['Stop', { command: 'cat "$CLAUDE_ENV_FILE"' }, '', 'Gemini CLI does not set CLAUDE_ENV_FILE'],
    ...['if', 'once', 'async', 'asyncRewake', 'onFailure'].map((key): [string, object, string, string] => [
      'Stop',
      { [key]: 'x' },
      '',
      `its \`${key}\` has no counterpart`,
    ]),
  ])('%s %j %s', (event, hook, matcher, why) => {
    expect(one(claude, gemini, file(event, hook, matcher))).toBe(why);
  });

  test('variables that only the one sets', () => {
    expect(one(claude, codex, file('Stop', { command: '"$CLAUDE_PROJECT_DIR"/x' }))).toBe(
      'Codex CLI does not set CLAUDE_PROJECT_DIR',
    );
    expect(one(gemini, claude, file('AfterAgent', { command: '$GEMINI_PROJECT_DIR/x' }))).toBe(
      'Claude Code does not set GEMINI_PROJECT_DIR',
    );
  });
});

describe('the verb', () => {
  let home: string;
  let out: string;
  let err: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'hs-migrate-'));
    mkdirSync(join(home, '.claude'));
    writeFileSync(join(home, '.claude/settings.json'), file('Stop', { timeout: 5 }));
    [out, err] = ['', ''];
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const context = (): Context => ({
    env: { HOME: home },
    uid: process.geteuid?.() ?? 0,
    cwd: () => home,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    errIsTerminal: false,
    screen: { width: 80, height: Number.POSITIVE_INFINITY, isTerminal: false, isColoured: false },
    ticks: async function* () {},
    stopSignal: () => new AbortController().signal,
    files: packageFiles(),
  });
  const HOOKS = { AfterAgent: [{ hooks: [{ type: 'command', command: 'x', timeout: 5_000 }] }] };
  const target = () => join(home, '.gemini/settings.json');

  test('shows them and writes nothing', async () => {
    expect(await migrateHooks(context(), 'claude', 'gemini', {})).toBe(0);
    expect(JSON.parse(out)).toEqual({ hooks: HOOKS });
    expect(err).toContain(`1 hooks for ${target()}; a refusal that every agent understands is exit 2`);
    expect(() => readFileSync(target())).toThrow('ENOENT');
  });

  test('hooks that are asked for by HTTP are moved as they were', async () => {
    const settings = join(home, '.claude/settings.json');
    const digestOf = () => '0'.repeat(64);
    const [planned] = planInstall(
      claude,
      [{ file: { path: settings, scope: 'user' }, text: file('Stop', { timeout: 5 }) }],
      {
        ...{ scopes: ['user'], client: { path: '/c/supervisor-hook', name: 'supervisor-hook' }, hasArgs: true },
        ...{ level: undefined, onUnavailable: 'allow', direct: [], scriptReason: () => undefined },
        http: { port: 8377, blocks: false, digestOf },
      },
    );
    if (planned?.kind !== 'planned') throw new Error('nothing was planned');
    expect(planned.after).toContain('"type":"http"');
    writeFileSync(settings, planned.after);
    const state = join(home, '.local/state/hook-supervisor');
    mkdirSync(state, { recursive: true });
    writeFileSync(join(state, HTTP_HOOKS_FILE), recordText(planned.http), { mode: 0o600 });
    expect(await migrateHooks(context(), 'claude', 'gemini', {})).toBe(0);
    expect(JSON.parse(out)).toEqual({ hooks: HOOKS });
  });

  test('a block of the optimization guide beside them: said that it stays, and what shows it', async () => {
    const settings = join(home, '.claude/settings.json');
    const { hooks } = JSON.parse(readFileSync(settings, 'utf8'));
    const toGemini = () => migrateHooks(context(), 'claude', 'gemini', {});
    writeFileSync(settings, JSON.stringify({ hooks, optimization: {} }));
    expect(await toGemini()).toBe(0);
    expect(err).not.toContain('optimization');
    writeFileSync(settings, JSON.stringify({ hooks, optimization: { profile: 'fast' } }));
    expect(await toGemini()).toBe(0);
    expect(err).toContain(`${settings}: its \`optimization\` block is for no agent and stays`);
    expect(err).toContain('`supervisor migrate claude supervisor` shows');
  });

  test('--json: with what is left and why', async () => {
    writeFileSync(join(home, '.claude/settings.json'), file('PreCompact', {}));
    expect(await migrateHooks(context(), 'claude', 'gemini', { json: true })).toBe(0);
    const left = [{ line: 1, event: 'PreCompact', command: 'x', file: join(home, '.claude/settings.json') }];
    expect(JSON.parse(out)).toMatchObject({ schema: 'supervisor.migration/v1', file: target(), hooks: {}, left });
  });

  test('--write: a file that is not there, and none that is', async () => {
    expect(await migrateHooks(context(), 'claude', 'gemini', { write: true })).toBe(0);
    expect(JSON.parse(readFileSync(target(), 'utf8'))).toEqual({ hooks: HOOKS });
    writeFileSync(target(), '{}');
    expect(await migrateHooks(context(), 'claude', 'gemini', { write: true })).toBe(69);
    expect(err).toContain(`${target()}: is there already`);
    expect(readFileSync(target(), 'utf8')).toBe('{}');
  });

  test('from one to itself, and from a file that is no JSON: told', async () => {
    expect(await migrateHooks(context(), 'claude', 'claude', {})).toBe(69);
    writeFileSync(join(home, '.claude/settings.json'), '{');
    expect(await migrateHooks(context(), 'claude', 'gemini', {})).toBe(69);
    expect(err).toContain('is not valid JSON');
  });
});
