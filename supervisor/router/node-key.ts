/** Which calls may share parked processes of Node: those whose Node would have started the same. */
import { createHash } from 'node:crypto';
import type { FileLookup } from './file-facts.js';
import { unsupportedNodeOptions } from './node-argv.js';

export interface NodeStart {
  /** Absolute path of the interpreter. */
  interpreter: string;
  /** As the caller spelled it: process.argv0. */
  argv0: string;
  flags: readonly string[];
  startEnv: readonly string[];
}

/** NAME= of a variable that Node, its engine or a library reads when it starts. What is read later (FORCE_COLOR, NO_COLOR,
 *  TERM, PATH, TMPDIR) comes with the order. */
const START_VARIABLE = new RegExp(
  '^(?:(?:NODE_|LD_|LC_|MALLOC_|SSL_CERT_|OPENSSL_|ICU_|UV_)[^=]*|' +
    'LANG|LANGUAGE|LOCPATH|GCONV_PATH|TZ|TZDIR|HOME|GLIBC_TUNABLES)=',
);
const START_VARIABLES_MAX = 256;

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

/** Sorted; of a name that is there twice the first, which is the one getenv finds. */
export function nodeStartEnvironment(env: readonly string[]): readonly string[] | { unsupported: string } {
  const picked = new Map<string, string>();
  for (const entry of env) {
    if (!START_VARIABLE.test(entry)) continue;
    const [name, value] = split(entry);
    if (picked.has(name)) continue;
    if (UNSUPPORTED.has(name)) return { unsupported: `${name} is set` };
    const reason = name === 'NODE_OPTIONS' ? unsupportedNodeOptions(value) : undefined;
    if (reason !== undefined) return { unsupported: reason };
    if (FILE_VARIABLES.has(name) && value !== '' && !value.startsWith('/'))
      return { unsupported: `${name} is relative` };
    picked.set(name, entry);
  }
  if (picked.size > START_VARIABLES_MAX) return { unsupported: 'too many variables that change its start' };
  return [...picked.values()].sort();
}

/** Name of the pool that serves such starts. Hashed, since the variables may hold secrets and the name is shown. */
export function nodePoolKey(start: NodeStart, facts: { file: FileLookup }): string {
  const { interpreter, argv0, flags, startEnv } = start;
  const files = [
    interpreter,
    ...startEnv.map(split).flatMap(([name, value]) => (FILE_VARIABLES.has(name) ? value : [])),
  ];
  const stamps = files.map((path) => facts.file(path)?.stamp ?? '');
  const parts = [interpreter, argv0, String(stamps.length), ...stamps, String(flags.length), ...flags, ...startEnv];
  const hash = createHash('sha256').update(parts.join('\0'), 'latin1').digest('hex');
  return `node-${hash.slice(0, SHOWN_HEX_DIGITS)}`;
}
/** 64 bits: two pools of one name would mix their calls. */
const SHOWN_HEX_DIGITS = 16;

function split(entry: string): [name: string, value: string] {
  const at = entry.indexOf('=');
  return [entry.slice(0, at), entry.slice(at + 1)];
}
