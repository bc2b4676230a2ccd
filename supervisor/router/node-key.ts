/** Which calls may share parked processes of Node: those whose Node would have started the same. */
import type { FileLookup } from './file-facts.js';
import { unsupportedNodeOptions } from './node-argv.js';
import { type InterpreterPlan, poolName, type StartVariables, splitVariable, startVariables } from './start-key.js';

export type NodeStart = Pick<InterpreterPlan, 'interpreter' | 'argv' | 'flags' | 'startEnv'>;

/** NAME= of a variable that Node, its engine or a library reads when it starts. What is read later (FORCE_COLOR, NO_COLOR,
 *  TERM, PATH, TMPDIR) comes with the order. */
const START_VARIABLE = new RegExp(
  '^(?:(?:NODE_|LD_|LC_|MALLOC_|SSL_CERT_|OPENSSL_|ICU_|UV_)[^=]*|' +
    'LANG|LANGUAGE|LOCPATH|GCONV_PATH|TZ|TZDIR|HOME|GLIBC_TUNABLES)=',
);

/** Variables under which a start reports on itself, ends differently, or belongs to another process. */
const UNSUPPORTED = new Set([
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
  'NODE_COMPILE_CACHE', // our own files would be in it
  'NODE_DEBUG',
  'NODE_DEBUG_NATIVE',
  'NODE_PENDING_DEPRECATION',
  'NODE_UNIQUE_ID',
  'NODE_USE_ENV_PROXY', // takes the proxies' variables when it starts
  'NODE_V8_COVERAGE',
]);

/** Files that are read at the start: the processes parked before a change know the old content. */
const FILE_VARIABLES = new Set(['NODE_EXTRA_CA_CERTS', 'NODE_ICU_DATA', 'OPENSSL_CONF', 'SSL_CERT_FILE']);

export function nodeStartEnvironment(env: readonly string[]): StartVariables {
  return startVariables(env, START_VARIABLE, (name, value) => {
    if (UNSUPPORTED.has(name)) return `${name} is set`;
    if (name === 'NODE_OPTIONS') return unsupportedNodeOptions(value);
    return FILE_VARIABLES.has(name) && value !== '' && !value.startsWith('/') ? `${name} is relative` : undefined;
  });
}

/** Name of the pool that serves such starts: by argv[0] too, as the caller spelled it, since process.argv0 is that. */
export function nodePoolKey(start: NodeStart, facts: { file: FileLookup }): string {
  const { interpreter, argv, flags, startEnv } = start;
  const files = [
    interpreter,
    ...startEnv.map(splitVariable).flatMap(([name, value]) => (FILE_VARIABLES.has(name) ? value : [])),
  ];
  const stamps = files.map((path) => facts.file(path)?.stamp ?? '');
  const parts = [
    interpreter,
    argv[0] ?? '',
    String(stamps.length),
    ...stamps,
    String(flags.length),
    ...flags,
    ...startEnv,
  ];
  return poolName('node', parts);
}
