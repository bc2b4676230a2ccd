/** Reads a python command line as CPython does: flags that become the zygote's, and what is to be run. */
import type { Program } from '../contract/call.js';

export type PythonCommandLine = { flags: readonly string[]; program: Program } | { unsupported: string };

/** Flags a zygote can be started with and its children then behave as if started with them. */
const PLAIN_FLAGS = new Set('bBEIOPqsSu');
/** -X options of which the same holds. Others (importtime, tracemalloc, showrefcount, perf, ...) report on the start
 *  itself or count from it. */
const X_OPTIONS = new Set([
  'utf8',
  'dev',
  'faulthandler',
  'frozen_modules',
  'int_max_str_digits',
  'no_debug_ranges',
  'pycache_prefix',
  'warn_default_encoding',
]);
const HASH_CHECKS = new Set(['always', 'default', 'never']);
/** -P exists since. An older one ends with a usage message. */
const SAFE_PATH_SINCE_MINOR = 11;

/** `argv[0]` is the interpreter, 3.`minor`. The flags are its words as they stand: sys.orig_argv shows them. */
export function parsePythonArgv(argv: readonly string[], minor: number): PythonCommandLine {
  const flags: string[] = [];
  for (let at = 1; at < argv.length; at++) {
    const argument = argv[at] as string;
    if (argument === '-') return { unsupported: 'the program comes from stdin' };
    if (argument === '--') return { unsupported: '-- before the program' };
    if (!argument.startsWith('-')) return script(flags, argv, at);
    if (argument.startsWith('--')) {
      if (argument !== '--check-hash-based-pycs') return { unsupported: argument };
      const value = argv[++at] ?? '';
      if (!HASH_CHECKS.has(value)) return { unsupported: argument };
      flags.push(argument, value);
      continue;
    }
    flags.push(argument);
    for (let letterAt = 1; letterAt < argument.length; letterAt++) {
      const letter = argument[letterAt] as string;
      if (PLAIN_FLAGS.has(letter) && (letter !== 'P' || minor >= SAFE_PATH_SINCE_MINOR)) continue;
      const attached = argument.slice(letterAt + 1);
      if (letter === 'c' || letter === 'm') {
        // The order names the program by its index in argv: it must be an argument of its own.
        if (argument !== `-${letter}` || at + 1 >= argv.length) {
          return { unsupported: `-${letter} with more in its word` };
        }
        flags.pop();
        return { flags, program: { mode: letter === 'c' ? 'command' : 'module', index: at + 1 } };
      }
      if (letter !== 'W' && letter !== 'X') return { unsupported: `-${letter}` };
      const value = attached !== '' ? attached : argv[++at];
      if (value === undefined) return { unsupported: `-${letter} without a value` };
      if (letter === 'X' && !X_OPTIONS.has(value.split('=', 1)[0] as string)) return { unsupported: `-X ${value}` };
      if (attached === '') flags.push(value);
      break;
    }
  }
  return { unsupported: 'the program comes from stdin' };
}

function script(flags: readonly string[], argv: readonly string[], index: number): PythonCommandLine {
  const name = argv[index];
  // An empty name, `-`, and what stands for stdin are opened in ways of their own.
  if (name === undefined || name === '' || name === '-') return { unsupported: 'the program comes from stdin' };
  if (/^\/(dev\/(stdin|fd\/)|proc\/)/.test(name)) return { unsupported: 'the program is a descriptor' };
  return { flags, program: { mode: 'script', index } };
}
