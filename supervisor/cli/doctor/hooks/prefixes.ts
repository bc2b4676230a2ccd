/** What stands before the command that a hook really is: assignments, `timeout 5`, `env`, `sh -c`, ourselves. */
import { basename } from 'node:path';
import { simpleCommands } from './shell-text.js';

/** A shell in a shell in a shell: deeper is nobody's hook. */
const NESTING_MAX = 4;
const ASSIGNMENT = /^[A-Za-z_]\w*=/;
const KEYWORDS = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '!', '{', 'time']);
const SHELLS = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh']);
export const OURS = new Set(['supervisor', 'supervisor-hook']);

interface Prefix {
  /** Options whose value is the next word. */
  valued: readonly string[];
  operands: number;
}
const PREFIXES = new Map<string, Prefix>([
  ['env', { valued: ['-u', '--unset', '-C', '--chdir'], operands: 0 }],
  ['exec', { valued: ['-a'], operands: 0 }],
  ['command', { valued: [], operands: 0 }],
  ['nohup', { valued: [], operands: 0 }],
  ['setsid', { valued: [], operands: 0 }],
  ['nice', { valued: ['-n', '--adjustment'], operands: 0 }],
  ['stdbuf', { valued: ['-i', '-o', '-e'], operands: 0 }],
  ['sudo', { valued: ['-u', '--user', '-g', '--group'], operands: 0 }],
  ['timeout', { valued: ['-s', '--signal', '-k', '--kill-after'], operands: 1 }],
  ['xargs', { valued: ['-a', '-d', '-E', '-I', '-L', '-n', '-P', '-s'], operands: 0 }],
]);

/** A command without what stands before it. */
export interface PlainCommand {
  words: readonly string[];
  /** Of the assignments before it. */
  variables: readonly string[];
}

export function commandsOfText(text: string, nesting = 0): PlainCommand[] {
  if (nesting >= NESTING_MAX) return [];
  return simpleCommands(text).flatMap((words) => commandsOfWords(words, nesting));
}

export function commandsOfWords(words: readonly string[], nesting = 0): PlainCommand[] {
  const variables: string[] = [];
  let rest = words;
  for (;;) {
    const [first = '', ...behind] = rest;
    const name = basename(first);
    const prefix = PREFIXES.get(name);
    if (ASSIGNMENT.test(first)) {
      variables.push(first.slice(0, first.indexOf('=')));
      rest = behind;
    } else if (KEYWORDS.has(first)) rest = behind;
    else if (prefix !== undefined) rest = splitOptions(behind, prefix.valued).operands.slice(prefix.operands);
    else if (SHELLS.has(name)) return commandsOfText(textOfShell(behind), nesting + 1);
    else if (OURS.has(name) && behind[0] === 'run') rest = behind.slice(behind.indexOf('--') + 1);
    else if (OURS.has(name) && behind[0] === 'sh') return commandsOfText(behind.at(-1) ?? '', nesting + 1);
    else return first === '' ? [] : [{ words: rest, variables }];
  }
}

function textOfShell(words: readonly string[]): string {
  const at = words.findIndex((word) => /^-[a-z]*c$/.test(word));
  return at === -1 ? '' : (words[at + 1] ?? '');
}

export interface SplitWords {
  /** The options, `--name=value` taken apart; '' for the value of one that has none. */
  options: readonly [name: string, value: string][];
  operands: readonly string[];
}

/** Options up to the first operand, or to `--`. */
export function splitOptions(words: readonly string[], valued: readonly string[]): SplitWords {
  const options: [string, string][] = [];
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') return { options, operands: words.slice(at + 1) };
    if (!word.startsWith('-')) break;
    const sign = word.indexOf('=');
    if (sign !== -1) options.push([word.slice(0, sign), word.slice(sign + 1)]);
    else options.push([word, valued.includes(word) ? (words[++at] ?? '') : '']);
  }
  return { options, operands: words.slice(at) };
}
