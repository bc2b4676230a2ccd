/** From a command to the program that stays in the end: through #! lines, as the kernel reads them, `env` and shims. */
import { basename } from 'node:path';
import { parseEnvArgv } from './env-argv.js';
import type { Facts } from './facts.js';
import type { FileFacts } from './file-facts.js';
import { inFolder, resolveCommand } from './path.js';
import { loadsCode, recogniseShim } from './shims.js';

/** What execve is given, and the file that it finds. */
export interface Command {
  /** Absolute, or relative to the cwd. */
  path: string;
  file: FileFacts;
  argv: readonly string[];
  env: readonly string[];
}

const INTERPRETER_NAME = /^(?:python(?:3(?:\.\d+)?)?|node(?:js)?)$/;
/** The kernel itself ends with ELOOP after five scripts. */
const STEPS_MAX = 4;

/** The last command; a string says why it cannot be told. */
export function follow(command: Command, cwd: string, ignoresSignals: boolean, facts: Facts): Command | string {
  let at: Command = command;
  for (let steps = 0; steps <= STEPS_MAX; steps++) {
    const next = step(at, cwd, ignoresSignals, facts);
    if (next === undefined || typeof next === 'string') return next ?? at;
    at = next;
  }
  return 'too many #! lines';
}

/** undefined: there is none, `at` is the last. */
function step(at: Command, cwd: string, ignoresSignals: boolean, facts: Facts): Command | string | undefined {
  const name = basename(at.path);
  if (INTERPRETER_NAME.test(name)) {
    if (recogniseShim(at.path, at.file) !== undefined) return afterShim(at, cwd, ignoresSignals, facts);
    return at.file.format === 'script' ? `${name} is a script that starts an interpreter` : undefined;
  }
  return at.file.format === 'script' ? afterScript(at, cwd, facts) : afterEnv(at, cwd, ignoresSignals, facts);
}

function afterShim(at: Command, cwd: string, ignoresSignals: boolean, facts: Facts): Command | string {
  if (ignoresSignals) return 'a shim, and signals are ignored'; // it may not pass them on
  if (!cwd.startsWith('/')) return 'a shim, and the folder has no name';
  if (loadsCode(at.env)) return 'a shim, and a variable that loads code into it';
  const end = facts.shim(at, cwd);
  if (typeof end === 'string') return end;
  const file = facts.file(end.path);
  return file?.format === 'elf' ? { ...end, file } : 'a shim that leads to another script';
}

/** The path takes the place of argv[0]. */
function afterScript({ path, file, argv, env }: Command, cwd: string, facts: Facts): Command | string | undefined {
  const [interpreter, ...argument] = file.scriptWords;
  const absolute = interpreter === undefined ? undefined : inFolder(interpreter, cwd);
  const found = absolute === undefined ? undefined : facts.file(absolute);
  if (interpreter === undefined || !found?.executable) return 'the interpreter of its #! line is not there';
  return { path: interpreter, file: found, argv: [interpreter, ...argument, path, ...argv.slice(1)], env };
}

function afterEnv(at: Command, cwd: string, ignoresSignals: boolean, facts: Facts): Command | string | undefined {
  if (!at.path.endsWith('/env')) return undefined;
  if (!facts.isEnv(at.path)) return 'env is not one whose rules are known';
  if (ignoresSignals) return 'env, and signals are ignored'; // it may not pass them on
  const parsed = parseEnvArgv(at.argv, at.env);
  if ('unsupported' in parsed) return `env: ${parsed.unsupported}`;
  const { argv, env } = parsed;
  const { path, facts: file } = resolveCommand(argv[0] as string, variable(env, 'PATH'), cwd, facts.file);
  return file === undefined ? 'env: no such program' : { path, file, argv, env };
}

/** The first, as getenv finds it. */
export function variable(env: readonly string[], name: string): string | undefined {
  const start = `${name}=`;
  return env.find((entry) => entry.startsWith(start))?.slice(start.length);
}
