/** The client in front of a hook: its words as we write them, and by which we know them again. */
import type { TextForm } from '../agent.js';

export interface ClientCall {
  /** The program. */
  client: string;
  shell: string | undefined;
  timeoutMs: number | undefined;
  level: string | undefined;
  onUnavailable: string | undefined;
  isAutostart?: boolean | undefined;
}

const NAME = 'supervisor-hook';
const PLAIN = '[\\w@%+=:,./-]';
const OPTIONS = ['--shell', '--timeout', '--level', '--on-unavailable'];
const FLAG = '--autostart';
const TEXT_FRONT = new RegExp(
  `^(?:(?:${PLAIN}*/)?${NAME}|'(?:(?:[^']|'\\\\'')*/)?${NAME}') sh(?: ${FLAG})?(?: (?:${OPTIONS.join('|')}) ${PLAIN}+)* -- (?=')`,
);
const BY_HAND = /^\s*(?:\S*\/)?supervisor(?:-hook)?['"]?\s+(?:run|sh)\s/;

/** As words that every shell reads alike. With the policy spelled out, or it could be what somebody has written by hand. */
const WORDS_FRONT = new RegExp(
  `^${PLAIN}*/?${NAME} run(?: ${FLAG})?(?: (?:${OPTIONS.join('|')}) ${PLAIN}+)* --on-unavailable ${PLAIN}+ -- (?=${PLAIN})`,
);

/** Behind these stands the hook itself. */
export function clientWords(verb: 'sh' | 'run', call: ClientCall): string[] {
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value]);
  return [
    verb,
    ...(call.isAutostart ? [FLAG] : []),
    ...option('--shell', verb === 'sh' ? call.shell : undefined),
    ...option('--timeout', call.timeoutMs === undefined ? undefined : `${call.timeoutMs}ms`),
    ...option('--level', call.level),
    ...option('--on-unavailable', call.onUnavailable),
    '--',
  ];
}

/** For a shell; behind it stands the text, quoted, or as it is where it is words. */
export function clientText(call: ClientCall, textForm: TextForm = 'quoted'): string {
  return `${[call.client, ...clientWords(textForm === 'quoted' ? 'sh' : 'run', call)].map(shellWord).join(' ')} `;
}

/** How many characters of a command text are the client's; undefined where it was not written by us. */
export function clientTextLength(commandText: string, textForm: TextForm): number | undefined {
  return (textForm === 'quoted' ? TEXT_FRONT : WORDS_FRONT).exec(commandText)?.[0].length;
}

/** How many of the args are the client's; undefined where they were not written by us. */
export function clientWordCount(command: string, args: readonly string[]): number | undefined {
  const end = args.indexOf('--');
  if (!isClient(command) || end < 0 || (args[0] !== 'sh' && args[0] !== 'run')) return undefined;
  const options = args.slice(args[1] === FLAG ? 2 : 1, end);
  const arePairs = options.length % 2 === 0 && options.every((word, at) => at % 2 === 1 || OPTIONS.includes(word));
  const behind = args.length - end - 1;
  return arePairs && (args[0] === 'sh' ? behind === 1 : behind >= 1) ? end + 1 : undefined;
}

/** The value of an option of ours. */
export function optionIn(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name);
  return at < 0 ? undefined : words[at + 1];
}

/** It starts the client, in whatever way. */
export function startsClient(command: string, args: readonly string[] | undefined): boolean {
  return args === undefined ? BY_HAND.test(command) : isClient(command) || /(^|\/)supervisor$/.test(command);
}

/** Its name stands somewhere among the words. */
export function namesProgram(words: string): boolean {
  return new RegExp(`(?:^|[\\s/'"])${NAME}(?=['"\\s]|$)`).test(words);
}

function isClient(program: string): boolean {
  return program === NAME || program.endsWith(`/${NAME}`);
}

function shellWord(word: string): string {
  return new RegExp(`^${PLAIN}+$`).test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
