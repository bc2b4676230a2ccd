/** Which calls may share a zygote: those whose interpreter would have started the same. */
import { dirname } from 'node:path';
import type { FileLookup } from './file-facts.js';
import { type InterpreterPlan, poolName, type StartVariables, startVariables } from './start-key.js';

/** NAME= of a variable that counts. One expression, since every entry of every call is held against it.
 *  SETUPTOOLS_USE_DISTUTILS and COVERAGE_* are read by .pth files that setuptools and coverage install. */
const START_VARIABLE = new RegExp(
  '^(?:(?:PYTHON|LD_|LC_|MALLOC_|SSL_CERT_|OPENSSL_|COVERAGE_)[^=]*|' +
    'LANG|LANGUAGE|LOCPATH|GCONV_PATH|TZ|TZDIR|HOME|GLIBC_TUNABLES|VIRTUAL_ENV|__PYVENV_LAUNCHER__|' +
    'SETUPTOOLS_USE_DISTUTILS)=',
);

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

export function startEnvironment(env: readonly string[]): StartVariables {
  return startVariables(env, START_VARIABLE, (name) => (UNSUPPORTED.has(name) ? `${name} is set` : undefined));
}

type StartOfInterpreter = Pick<InterpreterPlan, 'runtime' | 'interpreter' | 'flags' | 'startEnv'>;

/** Name of the pool that serves the plan. */
export function poolKey(plan: StartOfInterpreter, facts: { file: FileLookup }): string {
  const { runtime, interpreter, flags, startEnv } = plan;
  const identity = [interpreter, ...settingsOf(interpreter)].map((path) => facts.file(path)?.stamp ?? '');
  const parts = [interpreter, ...identity, String(flags.length), ...flags, ...startEnv];
  return poolName(runtime, parts);
}

/** Where the interpreter looks for the settings of a virtual environment. */
function settingsOf(interpreter: string): string[] {
  const folder = dirname(interpreter);
  return [`${folder}/pyvenv.cfg`, `${dirname(folder)}/pyvenv.cfg`];
}
