/** The daemon's own environment as a layer of settings. Values that are not numbers (for `parked`: one, or two with a dash)
 *  stay texts: the schema refuses them and the problem names the variable. The environment of a client never comes here. */
import type { Layer } from './layer.js';
import { suggest } from './suggest.js';

type Kind = 'number' | 'range' | 'text' | 'boolean';

const VARIABLES: Record<string, { keyPath: string; kind: Kind }> = {
  SUPERVISOR_LOG_LEVEL: { keyPath: 'logLevel', kind: 'text' },
  SUPERVISOR_PROFILE: { keyPath: 'profile', kind: 'text' },
  SUPERVISOR_PARKED_EXEC: { keyPath: 'parked.exec', kind: 'range' },
  SUPERVISOR_PARKED_NODE: { keyPath: 'parked.node', kind: 'range' },
  SUPERVISOR_PARKED_PYTHON: { keyPath: 'parked.python', kind: 'range' },
  SUPERVISOR_PARKED_MEMORY_MAX_BYTES: { keyPath: 'parkedMemoryMaxBytes', kind: 'number' },
  SUPERVISOR_SLOTS_PER_POOL: { keyPath: 'slotsPerPool', kind: 'number' },
  SUPERVISOR_INTERPRETER_POOLS_MAX: { keyPath: 'interpreterPoolsMax', kind: 'number' },
  SUPERVISOR_MEMORY_MAX_BYTES: { keyPath: 'limits.memoryMaxBytes', kind: 'number' },
  SUPERVISOR_PIDS_MAX: { keyPath: 'limits.pidsMax', kind: 'number' },
  SUPERVISOR_CPU_TIME_MAX_MS: { keyPath: 'limits.cpuTimeMaxMs', kind: 'number' },
  SUPERVISOR_OUTPUT_MAX_BYTES: { keyPath: 'outputMaxBytes', kind: 'number' },
  SUPERVISOR_TIMEOUT_MS: { keyPath: 'timeoutMs', kind: 'number' },
  SUPERVISOR_CGROUP: { keyPath: 'cgroup', kind: 'text' },
  SUPERVISOR_CGROUP_PATH: { keyPath: 'cgroupPath', kind: 'text' },
  SUPERVISOR_PYTHON_WARM: { keyPath: 'pythonWarm', kind: 'boolean' },
  SUPERVISOR_HTTP: { keyPath: 'http.on', kind: 'boolean' },
  SUPERVISOR_HTTP_PORT: { keyPath: 'http.port', kind: 'number' },
  SUPERVISOR_CACHE_ENTRIES_MAX: { keyPath: 'cache.entriesMax', kind: 'number' },
  SUPERVISOR_CACHE_MAX_BYTES: { keyPath: 'cache.bytesMax', kind: 'number' },
  SUPERVISOR_VALIDATOR_TASKS_AT_ONCE: { keyPath: 'validatorTasksAtOnce', kind: 'number' },
  SUPERVISOR_RECORDS: { keyPath: 'records.on', kind: 'boolean' },
};

/** Read elsewhere, or by people's tools: not unknown. */
const NOT_SETTINGS = ['SUPERVISOR_RUNTIME_DIR'];

const GUIDE_CACHE_SIZE = 'CLAUDE_HOOKS_CACHE_SIZE';
const GUIDE_ON = 'CLAUDE_HOOKS_OPTIMIZATION';

export interface EnvironmentLayers {
  /** Weakest first. */
  layers: Layer[];
  notes: string[];
}

export function environmentLayers(env: NodeJS.ProcessEnv): EnvironmentLayers {
  return { layers: [guideLayer(env), ownLayer(env)], notes: environmentNotes(env) };
}

function ownLayer(env: NodeJS.ProcessEnv): Layer {
  const values: Record<string, unknown> = {};
  for (const [variable, { keyPath, kind }] of Object.entries(VARIABLES)) {
    const text = env[variable];
    if (text !== undefined && text !== '') setAt(values, keyPath, read(text, kind));
  }
  // Of `parked`, the two ends have places of their own.
  const isFor = (name: string, keyPath: string) => `${keyPath}.`.startsWith(`${VARIABLES[name]?.keyPath}.`);
  const variableOf = (keyPath: string) => Object.keys(VARIABLES).find((name) => isFor(name, keyPath));
  return { values, placeOf: (keyPath) => `variable ${variableOf(keyPath) ?? keyPath}` };
}

/** Kept for people who follow the optimization guide. */
function guideLayer(env: NodeJS.ProcessEnv): Layer {
  const values: Record<string, unknown> = {};
  const poolSize = env.CLAUDE_HOOKS_POOL_SIZE;
  if (poolSize !== undefined && poolSize !== '') {
    setAt(values, 'parked.exec', read(poolSize, 'number'));
    setAt(values, 'parked.python', read(poolSize, 'number'));
    setAt(values, 'parked.node', read(poolSize, 'number'));
  }
  const batchSize = env.CLAUDE_HOOKS_ASYNC_BATCH_SIZE;
  if (batchSize !== undefined && batchSize !== '') setAt(values, 'records.batchRows', read(batchSize, 'number'));
  const cacheSize = env[GUIDE_CACHE_SIZE];
  if (cacheSize !== undefined && cacheSize !== '') setAt(values, 'cache.entriesMax', read(cacheSize, 'number'));
  const isDebug = env.CLAUDE_HOOKS_DEBUG;
  if (isDebug === 'true' || isDebug === '1') values.logLevel = 'debug';
  const variables: Record<string, string> = { records: 'CLAUDE_HOOKS_ASYNC_BATCH_SIZE', cache: GUIDE_CACHE_SIZE };
  const variableOf = (keyPath: string) => variables[keyPath.split('.', 1)[0] ?? ''] ?? 'CLAUDE_HOOKS_POOL_SIZE';
  return { values, placeOf: (keyPath) => `variable ${variableOf(keyPath)}` };
}

function environmentNotes(env: NodeJS.ProcessEnv): string[] {
  const names = Object.keys(env);
  const known = [...Object.keys(VARIABLES), ...NOT_SETTINGS];
  const notes: string[] = [];
  // It is on: what the guide means by it is what the daemon does. Who turns it off is told what would.
  if (!['', 'true', '1'].includes(env[GUIDE_ON] ?? ''))
    notes.push(
      `variable ${GUIDE_ON} turns nothing off; without the daemon hooks run as they are: supervisor uninstall`,
    );
  for (const name of names) {
    if (!name.startsWith('SUPERVISOR_') || known.includes(name)) continue;
    // Only a near miss is ours: supervisord gives its children SUPERVISOR_ENABLED and others.
    const meant = suggest(
      name.slice('SUPERVISOR_'.length),
      known.map((full) => full.slice('SUPERVISOR_'.length)),
    );
    if (meant !== undefined) notes.push(`variable ${name} is not known; did you mean SUPERVISOR_${meant}?`);
  }
  return notes;
}

function read(text: string, kind: Kind): unknown {
  const range = kind === 'range' ? /^(\d{1,16})-(\d{1,16})$/.exec(text) : null;
  if (range !== null) return { min: Number(range[1]), max: Number(range[2]) };
  if ((kind === 'number' || kind === 'range') && /^\d{1,16}$/.test(text)) return Number(text);
  if (kind === 'boolean') return { true: true, '1': true, false: false, '0': false }[text] ?? text;
  return text;
}

function setAt(values: Record<string, unknown>, keyPath: string, value: unknown): void {
  const [first = '', second] = keyPath.split('.');
  if (second === undefined) values[first] = value;
  else values[first] = { ...(values[first] as object | undefined), [second]: value };
}
