/** Reads a node command line as Node does: flags that become the parked process's, and what is to be run. */
import type { Program } from '../contract/call.js';

export type NodeCommandLine = { flags: readonly string[]; program: Program } | { unsupported: string };

/** Flags under which a parked process, started with them, then behaves as if started for the call. Others report on the
 *  start itself, listen for a debugger, write profiles at the end, or forbid what parking needs. */
const PLAIN_FLAGS = new Set([
  '--enable-source-maps',
  '--expose-gc',
  '--no-deprecation',
  '--no-experimental-detect-module',
  '--no-experimental-fetch',
  '--no-experimental-require-module',
  '--no-experimental-strip-types',
  '--no-global-search-paths',
  '--no-warnings',
  '--preserve-symlinks',
  '--preserve-symlinks-main',
  '--throw-deprecation',
  '--trace-deprecation',
  '--trace-uncaught',
  '--trace-warnings',
  '--use-bundled-ca',
  '--use-openssl-ca',
]);
/** With a value, in the same word or the next. */
const VALUE_FLAGS = new Set([
  '--conditions',
  '--disable-warning',
  '--dns-result-order',
  '--input-type',
  '--max-http-header-size',
  '--unhandled-rejections',
  '-C',
]);
/** With a value in the same word: what follows such a word is not its value. */
const ENGINE_FLAGS = new Set(['--max-old-space-size', '--max-semi-space-size', '--stack-size', '--stack-trace-limit']);
/** Code of the user's, loaded after the order has come. On the command line only: of NODE_OPTIONS it would be before. */
const LOADING_FLAGS = new Set(['--import', '--require', '-r']);
const TEXT_FLAGS = new Set(['--eval', '--print', '-e', '-p', '-pe']);
const PRINT_FLAGS = new Set(['--print', '-p']);

/** `argv[0]` is the interpreter. The flags are its words as they stand: process.execArgv shows them. A text (-e) is one of
 *  them, since Node takes it when it starts; the program then is its arguments, from `index` on. */
export function parseNodeArgv(argv: readonly string[]): NodeCommandLine {
  let hasText = false;
  let at = 1;
  for (; at < argv.length; at++) {
    const argument = argv[at] as string;
    if (argument === '' || argument === '-') return { unsupported: 'the program comes from stdin' };
    if (argument === '--') return { unsupported: '-- before the program' };
    if (!argument.startsWith('-')) break;
    const next = argv[at + 1];
    const nextIsValue = next !== undefined && next !== '' && !next.startsWith('-');
    if (TEXT_FLAGS.has(argument)) {
      if (nextIsValue) at++;
      else if (!PRINT_FLAGS.has(argument)) return { unsupported: `${argument} without a text` };
      hasText ||= nextIsValue;
    } else if (argument.startsWith('--eval=') && argument !== '--eval=') {
      hasText = true;
    } else {
      const kind = flagKind(argument);
      if (kind === 'unknown') return { unsupported: argument };
      if (kind === 'value in the next word') {
        if (!nextIsValue) return { unsupported: `${argument} without a value` };
        at++;
      }
    }
  }
  const flags = argv.slice(1, at);
  if (hasText) return { flags, program: { mode: 'command', index: at } };
  const script = argv[at];
  if (script === undefined) return { unsupported: 'the program comes from stdin' };
  if (script === 'inspect' || script === 'debug') return { unsupported: 'the debugger' };
  if (/^\/(dev\/(stdin|fd\/)|proc\/)/.test(script)) return { unsupported: 'the program is a descriptor' };
  return { flags, program: { mode: 'script', index: at } };
}

/** Why a parked process cannot be had under this value of NODE_OPTIONS; undefined where it can. */
export function unsupportedNodeOptions(value: string): string | undefined {
  if (/["\\]/.test(value)) return 'quotes in NODE_OPTIONS';
  const words = value.split(' ').filter((word) => word !== '');
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    const kind = flagKind(word);
    if (kind === 'unknown' || LOADING_FLAGS.has(nameOf(word))) return `${word} in NODE_OPTIONS`;
    if (kind === 'value in the next word') at++;
  }
  return undefined;
}

function flagKind(word: string): 'whole' | 'value in the next word' | 'unknown' {
  const name = nameOf(word);
  const takesValue = VALUE_FLAGS.has(name) || LOADING_FLAGS.has(name);
  const hasValue = word.startsWith('--') && word.includes('=');
  if (!hasValue && takesValue) return 'value in the next word';
  const isWhole = hasValue ? takesValue || ENGINE_FLAGS.has(name) : PLAIN_FLAGS.has(name);
  return isWhole ? 'whole' : 'unknown';
}

/** Without its value; Node reads an underscore as a dash. */
function nameOf(word: string): string {
  if (!word.startsWith('--')) return word;
  return (word.split('=', 1)[0] as string).replaceAll('_', '-');
}
