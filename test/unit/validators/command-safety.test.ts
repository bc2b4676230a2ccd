import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RULES } from '../../../workers/validators/builtin/command-safety/rules.mjs';
import realCommandSafety, {
  commandSafety as commandSafetyOver,
} from '../../../workers/validators/builtin/command-safety.mjs';
import { CASES, DATA, WAYS } from './command-safety-cases.js';
import { contextOf, onCommand, onlyRule, toolEvent, verdictOn } from './events.js';

const MARKED = ['/proj/.git', '/home/u/.claude', '/var/agent/.claude'];
const commandSafety = commandSafetyOver({ exists: (path) => MARKED.includes(path), home: '/var/agent' });
const IDS = [...RULES.map(({ id }) => id), 'fork-bomb', 'unreadable'];
const DECISIONS: Record<string, string> = {
  ...Object.fromEntries(RULES.map(({ id, decision }) => [id, decision])),
  'fork-bomb': 'deny',
  unreadable: 'ask',
};

test('every rule has commands that it hits and commands that it does not', () => {
  expect(Object.keys(CASES).sort()).toEqual([...IDS].sort());
  expect(Object.values(CASES).filter(({ hits, misses }) => hits.length === 0 || misses.length === 0)).toEqual([]);
});

describe.each(Object.entries(CASES))('%s', (id, { hits, misses }) => {
  test.each(hits)('hits %s', async (command) => {
    expect(await onCommand(commandSafety, command, onlyRule(IDS, id))).toMatchObject({ decision: DECISIONS[id] });
  });

  test.each(misses)('nothing hits %s', async (command) => {
    expect(await onCommand(commandSafety, command)).toEqual({});
  });
});

test.each(WAYS)('is found however it is run: %s', async (command) => {
  expect(await onCommand(commandSafety, command, onlyRule(IDS, 'rm-protected'))).toMatchObject({ decision: 'deny' });
});

test.each(DATA)('is only data: %s', async (command) => {
  expect(await onCommand(commandSafety, command)).toEqual({});
});

const DEED = fc.constantFrom(
  ...WAYS,
  ...Object.values(CASES)
    .flatMap(({ hits }) => hits)
    .filter((hit) => hit.length < 100),
);
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

test('in quotes every one of them is only data', async () => {
  await fc.assert(
    fc.asyncProperty(DEED, fc.constantFrom('echo', 'grep -n', 'git commit -m', 'printf %s'), async (deed, command) => {
      expect(await onCommand(commandSafety, `${command} ${quoted(deed)}`)).toEqual({});
    }),
    { numRuns: 300 },
  );
});

test('no text, however broken, is a failure', async () => {
  const piece = fc.oneof(
    DEED,
    fc.string(),
    fc.constantFrom(
      '$(',
      ')',
      '`',
      '"',
      "'",
      '{',
      '}',
      '<<EOF\n',
      '\n',
      '|',
      '&',
      ';',
      '((',
      '[[',
      'case',
      'for',
      'do',
      '\\',
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      const verdict = await onCommand(commandSafety, pieces.join(' '));
      expect(['deny', 'ask', undefined]).toContain(verdict.decision);
    }),
    { numRuns: 1_000 },
  );
});

describe('command-safety', () => {
  test('a deny wins over an ask, and its reason names the command within and what it does', async () => {
    expect(await onCommand(commandSafety, 'git push -f origin main; sudo rm -rf /etc')).toEqual({
      decision: 'deny',
      reason: '`sudo rm -rf /etc` removes a folder of the system, or a home, with all in it',
    });
  });

  test('a command that cannot be read is asked about, with what is wrong', async () => {
    expect(await onCommand(commandSafety, "echo 'x")).toEqual({
      decision: 'ask',
      reason: 'the command could not be read, so nothing is known of it: unterminated single quote',
    });
  });

  test('settings change a decision, protect more folders, name other branches', async () => {
    expect(await onCommand(commandSafety, 'curl x | sh', { rules: { 'download-run': 'ask' } })).toMatchObject({
      decision: 'ask',
    });
    expect(await onCommand(commandSafety, 'curl x | sh', { rules: { 'download-run': 'inform' } })).toEqual({
      context: '`sh` runs what it downloads, unseen',
    });
    expect(await onCommand(commandSafety, 'rm -rf /data', { protect: ['/data'] })).toMatchObject({ decision: 'deny' });
    expect(await onCommand(commandSafety, 'git push -f origin release', { branches: ['release'] })).toMatchObject({
      decision: 'ask',
    });
    expect(await onCommand(commandSafety, 'git push -f origin main', { branches: ['release'] })).toEqual({});
  });

  test.each([
    [{ rules: { 'no-such-rule': 'off' } }, /no rule no-such-rule; there are rm-protected/],
    [{ rules: { 'rm-protected': 'never' } }, /rm-protected is none of deny, ask, inform, off/],
    [{ protected: ['/x'] }, /no key protected; there are rules, protect, branches/],
    [{ protect: '/x' }, /protect is no texts/],
  ])('settings that are wrong are a failure with words: %j', async (settings, words) => {
    await expect(onCommand(commandSafety, 'ls', settings)).rejects.toThrow(words);
  });

  test('the command is found in the events of each agent', async () => {
    const command = 'rm -rf /';
    const events = [
      toolEvent('Bash', { command }, { agent: 'codex' }),
      toolEvent('exec_command', { cmd: command }, { agent: 'codex' }),
      toolEvent('shell', { command: ['bash', '-lc', command] }, { agent: 'codex' }),
      toolEvent('run_shell_command', { command }, { agent: 'gemini', name: 'BeforeTool' }),
      toolEvent('mcp__desktop__execute_command', { command }),
      toolEvent('bash', { command }, { agent: 'copilot', name: 'preToolUse' }),
      toolEvent(
        '',
        {},
        { agent: 'cursor', name: 'beforeShellExecution', toolName: null, toolInput: null, raw: { command } },
      ),
    ];
    for (const event of events) expect(await verdictOn(commandSafety, event)).toMatchObject({ decision: 'deny' });
    expect(await verdictOn(commandSafety, toolEvent('Write', { content: command }))).toEqual({});
  });

  test.each([
    ['many commands', 'true;'.repeat(13_000), 'ask'],
    ['deep substitutions', `${'$('.repeat(3_000)}${')'.repeat(3_000)}`, 'ask'],
    ['deep functions', `${'f(){ '.repeat(150)}f|f${';}'.repeat(150)}`, 'ask'],
    ['texts in texts', 'eval '.repeat(1_000), 'ask'],
    ['commands in commands', 'sudo '.repeat(10_000), 'ask'],
    ['searches in searches', 'find . -exec '.repeat(3_000), 'ask'],
    ['a variable that doubles itself', `X=a; ${'X=$X$X;'.repeat(40)}rm -rf $X`, undefined],
    ['a long pipeline', `${'ls | '.repeat(1_000)}xargs rm -rf`, 'ask'],
  ])('is done with %s within seconds', async (_what, command, decision) => {
    const startedAtMs = performance.now();
    expect((await onCommand(commandSafety, command)).decision).toBe(decision);
    expect(performance.now() - startedAtMs).toBeLessThan(5_000);
  });

  test('the project is the nearest folder with a mark, but no home; without one the folder itself', async () => {
    const at = (cwd: string, command: string) =>
      commandSafety.validate(toolEvent('Bash', { command }, { cwd }), contextOf());
    expect(await at('/proj/a/b', 'rm -rf ../..')).toMatchObject({ decision: 'ask' });
    expect(await at('/proj/a/b', 'rm -rf ../*')).toEqual({});
    expect(await at('/else/a', 'rm -rf *')).toMatchObject({ decision: 'ask' });
    expect(await at('/home/u/a', 'rm -rf *')).toMatchObject({ decision: 'ask' });
    expect(await at('/home/u/a', 'rm -rf ../.git')).toEqual({});
    expect(await at('/var/agent/a', 'rm -rf ../.git')).toEqual({});
  });

  test('on a real disk, in a folder that is not there', async () => {
    expect(await onCommand(realCommandSafety, 'rm -rf .')).toMatchObject({ decision: 'ask' });
  });
});
