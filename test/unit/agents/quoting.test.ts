/** A command text behind the client: real shells give the client the very bytes that the agent would have given a shell. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claude } from '../../../supervisor/agents/claude.js';
import { gemini } from '../../../supervisor/agents/gemini.js';
import { edited, encoded } from '../../../supervisor/agents/json/document.js';
import { entriesOf } from '../../../supervisor/agents/json/entries.js';
import { planInstall, unwrapped } from '../../../supervisor/agents/plan.js';
import { type ClientCall, clientText } from '../../../supervisor/agents/wrapping/client-words.js';
import { quotedRaw, unquotedRaw } from '../../../supervisor/agents/wrapping/shell-quoting.js';

let folder: string;
let call: ClientCall;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hs it's quoted-"));
  const client = join(folder, 'supervisor-hook');
  // Prints its words, each ended by a NUL.
  writeFileSync(client, '#!/bin/sh\nfor word; do printf "%s\\0" "$word"; done\n');
  chmodSync(client, 0o755);
  call = { client, shell: undefined, timeoutMs: 950, level: 'restricted', onUnavailable: undefined };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WORDS = ['sh', '--timeout', '950ms', '--level', 'restricted', '--'];
const WISHES = {
  scriptReason: () => undefined,
  scopes: ['user' as const],
  client: { path: '/c/supervisor-hook', name: 'c' },
  direct: [],
};
/** Any text that a command may be: no NUL, which no argument can hold, and whole characters. */
const commandText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom("'", '"', '\\', '$', '`', '!', ' ', '\n', '\t', '{', '}', 'a', '*', '~'), maxLength: 30 }),
).filter((text) => !text.includes('\0') && text !== ''); // biome-ignore format: two kinds
/** The spellings that JSON has for a character. */
const spelled = (text: string, seed: number) =>
  JSON.stringify(text)
    .slice(1, -1)
    .replace(/['/a$é]/g, (char, at: number) =>
      (seed + at) % 3 === 0 ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : char,
    );
const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

function heard(shell: string, command: string, env: Record<string, string> = {}): string[] {
  const { stdout, stderr } = spawnSync(shell, ['-c', command], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'], // bash reads ~/.bashrc where its stdin is a socket
  });
  expect(stderr).toBe('');
  return stdout.split('\0').slice(0, -1);
}

describe.each(['/bin/sh', 'bash'])('%s', (shell) => {
  test('any text arrives as it is', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(commandText, fc.nat(), (text, seed) => {
        const wrapped = JSON.parse(`"${spelledUtf8(text, seed)}"`) as string;
        expect(heard(shell, `${clientText(call)}${wrapped}`)).toEqual([...WORDS, text]);
      }),
      { numRuns: 150 },
    );
  });

  /** The quoted text as JSON in UTF-8. */
  function spelledUtf8(text: string, seed: number): string {
    return Buffer.from(quotedRaw(latin1(spelled(text, seed)), undefined), 'latin1').toString('utf8');
  }

  const contexts = (name: string) =>
    `python3 "${name}"/a.py ${name}/b 'c ${name}' "d '${name}'" 'e "'"${name}"'"' # ${name}`;
  const wrappedContexts = (name: string, placeholder: RegExp | undefined) =>
    `${clientText(call)}${JSON.parse(`"${quotedRaw(encoded(contexts(name)).slice(1, -1), placeholder)}"`)}`;

  test.each([
    ['a blank', '/home/me/a path'],
    ['a single quote', "/home/me/it's"],
    ['a double quote', '/home/me/"so" called'],
    ['a command', '/home/me/a$(echo run >&2)b'],
    ['a command in backquotes', '/home/me/a`echo run >&2`b'],
    ['a variable', '/home/me/$HOME${PATH}'],
    ['backslashes', '/home/me/\\\\a\\'],
    ['a pattern and a line', '/h*/\n~/!x'],
  ])(
    'a folder whose name holds %s arrives as the agent would have put it there, and nothing of it is run',
    (_what, path) => {
      const name = '${CLAUDE_PROJECT_DIR}';
      const asked = wrappedContexts(name, claude.placeholder).replaceAll(name, () => path);
      expect(heard(shell, asked, { CLAUDE_PROJECT_DIR: path })).toEqual([
        ...WORDS,
        contexts(name).replaceAll(name, () => path),
      ]);
    },
  );
});

/** As Gemini CLI quotes the folder. */
function quotedByGemini(path: string): string {
  if (/["\s]/.test(path) && !/'/.test(path)) return `'${path.replace(/(['\\])/g, '\\$1')}'`;
  if (/["'\s]/.test(path)) return `"${path.replace(/(["\\$`!])/g, '\\$1')}"`;
  return path.replace(/[#!"$&'()*,:;<=>?@[\\\]^`{|}]/g, '\\$&');
}

/** The command that install makes of another. */
function wrappedByInstall(agent: typeof gemini, command: string): string {
  const text = latin1(JSON.stringify({ hooks: { BeforeTool: [{ hooks: [{ type: 'command', command }] }] } }));
  const wishes = { ...WISHES, client: { path: call.client, name: 'c' }, hasArgs: false, level: 'restricted' };
  const [planned] = planInstall(agent, [{ file: { path: '/f', scope: 'user' }, text }], {
    ...wishes,
    onUnavailable: undefined,
  });
  if (planned?.kind !== 'planned') throw new Error('not planned');
  expect(unwrapped(agent, planned.after)).toEqual({ text, undecided: [] });
  return JSON.parse(Buffer.from(planned.after, 'latin1').toString('utf8')).hooks.BeforeTool[0].hooks[0].command;
}

describe('Gemini CLI', () => {
  test.each([
    ...[
      '/home/me/a path',
      "/home/me/it's",
      "/home/me/it's a path",
      '/home/me/"so" called',
      '/home/me/a$(echo run >&2) b',
    ],
    ...[
      '/home/me/a`echo run >&2`b',
      '/home/me/$HOME${PATH}',
      '/home/me/\\\\a\\',
      '/h*/\n~/!x',
      '/home/me/# a',
      '/home/me/x',
    ],
  ])('in the folder %j a hook gets the text of a direct run, and nothing else of it is run', (path) => {
    const name = '$GEMINI_PROJECT_DIR';
    const text = `python3 "${name}"/a.py ${name}/b # 'c ${name}'\nd '${name}' # $CLAUDE_PROJECT_DIR\n`;
    const filled = (command: string) =>
      command.replaceAll(/\$(?:GEMINI|CLAUDE)_PROJECT_DIR/g, () => quotedByGemini(path));
    expect(heard('bash', filled(wrappedByInstall(gemini, text)))).toEqual([
      ...['sh', '--shell', 'bash', '--level', 'restricted', '--'],
      filled(text),
    ]);
  });

  test('what has no placeholder stands in quotes, as does what is behind a client whose path has the mark', () => {
    expect(wrappedByInstall(gemini, 'echo $HOME')).toMatch(/ -- 'echo \$HOME'$/);
    call = { ...call, client: '/c# d/supervisor-hook' };
    expect(wrappedByInstall(gemini, 'x $GEMINI_PROJECT_DIR')).toMatch(/ -- 'x '"\$GEMINI_PROJECT_DIR"''$/);
  });
});

test('any spelling of any text comes back to the byte', () => {
  fc.assert(
    fc.property(commandText, fc.nat(), (text, seed) => {
      const raw = latin1(spelled(text.replace('b', '${CLAUDE_PLUGIN_ROOT}'), seed));
      expect(unquotedRaw(quotedRaw(raw, claude.placeholder), claude.placeholder)).toBe(raw);
    }),
    { numRuns: 2_000 },
  );
});

test('two hooks that differ are never wrapped alike', () => {
  fc.assert(
    fc.property(commandText, commandText, fc.boolean(), (one, other, hasArgs) => {
      fc.pre(one !== other);
      const hooks = [one, other].map((command) => ({ type: 'command', command }));
      const text = latin1(JSON.stringify({ hooks: { Stop: [{ hooks }] } }));
      const file = { path: '/f', scope: 'user' as const };
      const more = { hasArgs, level: undefined, onUnavailable: undefined };
      const [planned] = planInstall(claude, [{ file, text }], { ...WISHES, ...more });
      const read = entriesOf(planned?.kind === 'planned' ? planned.after : '');
      const [first, second] = read.ok ? read.entries : [];
      expect([first?.commandText, first?.argTexts]).not.toEqual([second?.commandText, second?.argTexts]);
      if (planned?.kind === 'planned') expect(unwrapped(claude, planned.after)?.text).toBe(text);
    }),
    { numRuns: 300 },
  );
});

test('a text that was changed after wrapping is no longer taken for one of ours', () => {
  const quoted = quotedRaw("echo 'a'", undefined);
  for (const changed of [`${quoted} ; rm x`, quoted.replace('echo', "echo' x '"), `"${quoted}"`, `${quoted} b`]) {
    expect(unquotedRaw(changed, undefined)).toBeUndefined();
  }
});

test('edits apply from the front, whatever their order', () => {
  const edits = [
    { start: 3, end: 4, text: 'D' },
    { start: 0, end: 0, text: '>' },
  ];
  expect(edited('abcd', edits)).toBe('>abcD');
});
