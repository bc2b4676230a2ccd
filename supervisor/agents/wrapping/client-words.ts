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
const TEXT_WORDS = `(?:(?:${PLAIN}*/)?${NAME}|'(?:(?:[^']|'\\\\'')*/)?${NAME}') sh(?: ${FLAG})?(?: (?:${OPTIONS.join('|')}) ${PLAIN}+)* -- `;
const TEXT_FRONT = new RegExp(`^${TEXT_WORDS}(?=')`);

/** `aside`: the hook stands behind it as a comment of bash, just as the agent has it run, which bash knows by a name. What the agent
 *  has put into it then stands in no quotes of ours. The front is executed, so bash reads no second line. */
export type Front = TextForm | 'aside';
const COMMENT = '# ';
/** With the mark spelled so that it does not stand here itself. */
const ASIDE = `"\${BASH_EXECUTION_STRING#*[#] }" ${COMMENT}`;
const ASIDE_FRONT = new RegExp(`^exec ${TEXT_WORDS}${ASIDE.replace(/[${}*[\]]/g, '\\$&')}`);
const BY_HAND = /^\s*(?:\S*\/)?supervisor(?:-hook)?['"]?\s+(?:(?:run|sh)\s|event(?:\s|$))/;

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

/** For a shell; behind it stands the text, quoted, or as it is. */
export function clientText(call: ClientCall, front: Front = 'quoted'): string {
  const words = [call.client, ...clientWords(front === 'words' ? 'run' : 'sh', call)].map(shellWord).join(' ');
  return front === 'aside' ? `exec ${words} ${ASIDE}` : `${words} `;
}

/** The mark stands once. */
export function canStandAside(call: ClientCall): boolean {
  return !clientText(call).includes(COMMENT);
}

export function standsAside(commandText: string): boolean {
  return ASIDE_FRONT.test(commandText);
}

/** How many characters of a command text are the client's; undefined where it was not written by us. */
export function clientTextLength(commandText: string, textForm: TextForm): number | undefined {
  const fronts = textForm === 'quoted' ? [TEXT_FRONT, ASIDE_FRONT] : [WORDS_FRONT];
  return fronts.map((front) => front.exec(commandText)?.[0].length).find((length) => length !== undefined);
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
