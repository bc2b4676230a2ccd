/** Which calls may share a zygote: those whose interpreter would have started the same. */
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import type { Plan } from '../contract/call.js';
import type { FileLookup } from './file-facts.js';

export type InterpreterPlan = Extract<Plan, { kind: 'interpreter' }>;

/** NAME= of a variable that counts. One expression, since every entry of every call is held against it.
 *  SETUPTOOLS_USE_DISTUTILS and COVERAGE_* are read by .pth files that setuptools and coverage install. */
const START_VARIABLE = new RegExp(
  '^(?:(?:PYTHON|LD_|LC_|MALLOC_|SSL_CERT_|OPENSSL_|COVERAGE_)[^=]*|' +
    'LANG|LANGUAGE|LOCPATH|GCONV_PATH|TZ|TZDIR|HOME|GLIBC_TUNABLES|VIRTUAL_ENV|__PYVENV_LAUNCHER__|' +
    'SETUPTOOLS_USE_DISTUTILS)=',
);

const START_VARIABLES_MAX = 256;

/** Variables under which a start reports on itself or ends differently: no zygote for them. */
const UNSUPPORTED = new Set([
  'PYTHONINSPECT',
  'PYTHONCOERCECLOCALE', // its `warn` speaks on stderr at the start
  'PYTHONDUMPREFS',
  'PYTHONDUMPREFSFILE',
  'PYTHONMALLOCSTATS',
  'PYTHONTRACEMALLOC',
  'PYTHONPROFILEIMPORTTIME',
  'PYTHONVERBOSE',
  'PYTHONDEBUG',
  'PYTHONPERFSUPPORT',
  'PYTHON_PERF_JIT_SUPPORT',
  'PYTHON_PRESITE',
]);

/** Sorted; of a name that is there twice the first, which is the one getenv finds. */
export function startEnvironment(env: readonly string[]): readonly string[] | { unsupported: string } {
  const picked = new Map<string, string>();
  for (const entry of env) {
    if (!START_VARIABLE.test(entry)) continue;
    const name = entry.slice(0, entry.indexOf('='));
    if (UNSUPPORTED.has(name)) return { unsupported: `${name} is set` };
    if (!picked.has(name)) picked.set(name, entry);
  }
  if (picked.size > START_VARIABLES_MAX) return { unsupported: 'too many variables that change its start' };
  return [...picked.values()].sort();
}

/** Name of the pool that serves the plan. Hashed, since the variables may hold secrets and the name is shown. */
export function poolKey(plan: InterpreterPlan, facts: { file: FileLookup }): string {
  const { runtime, interpreter, flags, startEnv } = plan;
  const identity = [interpreter, ...settingsOf(interpreter)].map((path) => facts.file(path)?.stamp ?? '');
  const parts = [interpreter, ...identity, String(flags.length), ...flags, ...startEnv];
  const hash = createHash('sha256').update(parts.join('\0'), 'latin1').digest('hex');
  return `${runtime}-${hash.slice(0, SHOWN_HEX_DIGITS)}`;
}
/** 64 bits: two pools of one name would mix their calls. */
const SHOWN_HEX_DIGITS = 16;

/** Where the interpreter looks for the settings of a virtual environment. */
function settingsOf(interpreter: string): string[] {
  const folder = dirname(interpreter);
  return [`${folder}/pyvenv.cfg`, `${dirname(folder)}/pyvenv.cfg`];
}
