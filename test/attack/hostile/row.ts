/** One row of the table: an attack, and what comes of it at each level. */
import type { Level } from '../../../supervisor/contract/call.js';
import type { HookEnd } from '../../lib/hook.js';
import type { Extras, Scene } from './scene.js';

/** What the attack told, as the pattern of the whole word: "done" is an attack that succeeds, and where nothing stops it this
 *  is a gap that docs/security.md names. */
export type Expected = Record<Level, string>;

export interface Row extends Extras {
  name: string;
  argv: (scene: Scene, level: Level) => readonly string[];
  expected: Expected;
}

/** Ends of calls that the kernel itself answers, with rights or without: the sandbox had no part in it. */
export const KERNEL = 'done|E[A-Z0-9]+';

/** At `contained` nothing of ours stands in the way: what comes of it is a matter of the user. */
export const byUser = (root: string, others: string): string => (process.getuid?.() === 0 ? root : others);

export function at(contained: string, restricted: string, untrusted = restricted): Expected {
  return { contained, restricted, untrusted };
}

export const everywhere = (word: string): Expected => at(word, word);

type Words = (scene: Scene, level: Level) => readonly (string | number)[];

/** The C program's attack of that name. */
export function tries(
  name: string,
  expected: Expected,
  words: Words = () => [],
  title = name,
  extras: Extras = {},
): Row {
  const argv: Row['argv'] = (scene, level) => [scene.program, name, ...words(scene, level).map(String)];
  return { name: title, argv, expected, ...extras };
}

export const SAY = '>/dev/null 2>&1 && echo \'{"got":"done"}\' || echo \'{"got":"refused"}\'';

/** A text of the shell in the project; done if its last command succeeds. `$1` and so on are the words. */
export function shell(name: string, text: string, expected: Expected, words: Words = () => []): Row {
  const argv: Row['argv'] = (scene, level) => [
    ...['/bin/sh', '-c', `( ${text} ) ${SAY}`, 'sh'],
    ...words(scene, level).map(String),
  ];
  return { name, argv, expected };
}

/** What the attack told; else how the hook ended. */
export function got({ stdout, signal, code, explained }: HookEnd): string {
  const told = /^\{"got":"([^"]*)"\}$/m.exec(stdout)?.[1];
  if (explained !== undefined && explained.outcome !== 'answered') return explained.outcome;
  return told ?? signal ?? `exit ${code}`;
}
