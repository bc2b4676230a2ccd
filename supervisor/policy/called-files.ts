/** The files that a call runs, as far as its words tell: what a policy goes by. */
import { basename } from 'node:path';
import type { Call, Plan } from '../contract/call.js';
import { LIMITS } from '../contract/limits.js';
import { isWithin } from '../contract/secrets.js';
import { plainPath } from './paths.js';

/** Programs of the system may run any of their arguments: `timeout 5 guard.sh`, `bash guard.sh`, `xargs guard.sh`. One of
 *  the user's own takes its arguments for data. */
const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/opt', '/nix', '/gnu', '/snap'];
const QUOTED = /'([^']*)'|"([^"]*)"/g;
const BETWEEN_WORDS = /[\s;&|()<>`={}]+/;
const EXPANSION = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?-([^{}]*))?\})/g;

/** Absolute and in their plain form; the one that is meant to run first. Undefined: more than are looked at. */
export function calledFiles(call: Call, plan: Plan, home: string): string[] | undefined {
  const words = wordsOf(call, plan, home);
  const files = words.flatMap((word) => plainPath(word, call.cwd) ?? []);
  const found = [...new Set(files)];
  return found.length > LIMITS.calledFilesMax ? undefined : found;
}

/** @param file absolute and in its plain form. */
export function isSystems(file: string): boolean {
  return SYSTEM_FOLDERS.some((folder) => isWithin(file, folder));
}

/** Node runs that first, with what is only meant to be shown to the script. */
const LOADS_BEFORE = /^(?:-r|--(?:require|import)(?:=.*)?)$/;
/** Programs that take a script, and those of their options that take nothing: what stands behind any other may be a mere
 *  argument of that. */
const TAKE_SCRIPT: readonly [program: RegExp, lone: RegExp][] = [
  [/^(?:ba|da|z|k)?sh$/, /^(?:-[abefhiklmnpruvxBCEHPT]+|--(?:login|norc|noprofile|posix))$/],
  [/^python[\d.]*$/, /^-[bBdEiIOPqsSuvx]+$/],
  [
    /^node(?:js)?$/,
    /^--(?:inspect(?:-brk)?(?:=.*)?|watch|no-warnings|enable-source-maps|max-[a-z-]+=\d+|trace-[a-z]+)$/,
  ],
  [/^(?:ruby|perl)$/, /^-[wW]$/],
  [/^(?:php|deno|bun|tsx|lua)$/, /^$/],
];

/** The one file that the call is about: a sandbox shows it with its folder. Never a mere argument, or the text of a hook
 *  could have any folder shown to itself. */
export function scriptOf(call: Call, plan: Plan): string | undefined {
  const named = (word: string | undefined) => (word === undefined ? undefined : plainPath(word, call.cwd));
  if (plan.kind === 'interpreter') {
    const isScript = plan.program.mode === 'script' && !plan.flags.some((flag) => LOADS_BEFORE.test(flag));
    return isScript ? named(plan.argv[plan.program.index]) : undefined;
  }
  const taken = TAKE_SCRIPT.find(([program]) => program.test(basename(plan.path)));
  if (taken === undefined) return named(plan.path);
  const [, lone] = taken;
  const first = plan.argv.slice(1).find((word) => !lone.test(word));
  return first?.startsWith('-') === true ? undefined : named(first);
}

function wordsOf(call: Call, plan: Plan, home: string): string[] {
  if (plan.kind === 'interpreter') {
    const { program, argv, interpreter } = plan;
    return [program.mode === 'script' ? (argv[program.index] ?? interpreter) : interpreter, plan.fallback.path];
  }
  const file = plainPath(plan.path, call.cwd);
  if (file !== undefined && !isSystems(file)) return [plan.path];
  const words = plan.argv.slice(1).filter((word) => word !== '' && !word.startsWith('-'));
  // Any of them may be a text for a shell, which can be anything: every word of it that could be a file counts.
  return [plan.path, ...words, ...plan.argv.slice(1).flatMap((word) => wordsOfText(word, call.env, home))];
}

/** Not a parser: what it takes for a word too much can only make a policy stricter. */
export function wordsOfText(text: string, env: readonly string[], home: string): string[] {
  const expanded = text.replace(EXPANSION, (_all, plain?: string, braced?: string, otherwise = '') => {
    const start = `${plain ?? braced}=`;
    return env.find((entry) => entry.startsWith(start))?.slice(start.length) ?? otherwise;
  });
  const quoted = [...expanded.matchAll(QUOTED)].map(([, single, double]) => single ?? double ?? '');
  const plain = expanded.replace(/["'\\]/g, '').split(BETWEEN_WORDS);
  return [...plain, ...quoted]
    .map((word) => word.replace(/^~(?=\/)/, () => home))
    .filter((word) => word.includes('/') || word.includes('.'));
}
