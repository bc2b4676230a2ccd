/** What a pool consists of, per runtime. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan, Runtime } from '../contract/call.js';
import type { Config } from '../contract/config.js';
import type { Confinement } from '../contract/confinement.js';
import { LIMITS } from '../contract/limits.js';
import type { ParkedCounts } from './demand.js';
import type { PoolSpec } from './keeper-argv.js';

/** The exec keeper runs nothing but what an order says: it needs no environment. */
export function execSpec(config: Config, id = 'exec', confinement?: Confinement): PoolSpec {
  return {
    id,
    runtime: 'exec',
    describes: heldAs('', confinement),
    zygoteArgv: [],
    env: [],
    parked: parkedCounts('exec', config, confinement),
    slots: config.slotsPerPool,
    limits: config.limits,
    confinement,
  };
}

function heldAs(describes: string, confinement: Confinement | undefined): string {
  if (confinement === undefined) return describes;
  return `${describes || 'any command'}, ${confinement.level} in ${confinement.project}`;
}

/** What agents with a few hooks for one event need. */
const FIRST_PARKED: Record<Runtime, number> = { exec: 8, python: 8, node: 4 };

function parkedCounts(runtime: Runtime, config: Config, confinement: Confinement | undefined): ParkedCounts {
  const bound = confinement === undefined ? Number.POSITIVE_INFINITY : LIMITS.confinedParkedMax;
  const min = Math.min(config.parked[runtime].min, bound);
  const max = Math.min(config.parked[runtime].max, bound);
  return { min, max, first: Math.max(min, Math.min(FIRST_PARKED[runtime], max)) };
}

/** The same pool under another configuration; undefined where that keeps none of its kind. */
export function specUnder(config: Config, spec: PoolSpec): PoolSpec | undefined {
  const { runtime, confinement, isForResidents } = spec;
  if (isForResidents === true) return undefined; // workers end with their pools, and those that come want a new one
  const isOn = { exec: true, python: config.pythonWarm, node: config.parked.node.max > 0 }[runtime];
  if (!isOn) return undefined;
  const parked = parkedCounts(runtime, config, confinement);
  return { ...spec, parked, slots: config.slotsPerPool, limits: config.limits };
}

/** @param workerFolder holds boot.py, whose text is handed to `-c`: no file of ours needs to be on sys.path. */
export function pythonSpecMaker(config: Config, workerFolder: string) {
  const boot = readFileSync(join(workerFolder, 'boot.py'), 'latin1');
  // Argv are byte strings, like all that came from a caller; our own path is not yet one.
  const folder = Buffer.from(workerFolder).toString('latin1');
  return (id: string, plan: Extract<Plan, { kind: 'interpreter' }>): PoolSpec => ({
    id,
    runtime: 'python',
    describes: [plan.interpreter, ...plan.flags].join(' '),
    zygoteArgv: [plan.interpreter, ...plan.flags, '-c', boot, folder],
    env: plan.startEnv,
    parked: parkedCounts('python', config, undefined),
    slots: config.slotsPerPool,
    limits: config.limits,
    confinement: undefined,
  });
}

/** The zygote of resident workers; what holds one of them, its order says. */
export function residentSpecMaker(config: Config, workerFolder: string) {
  const zygote = Buffer.from(join(workerFolder, 'resident_zygote.py')).toString('latin1');
  return (id: string, interpreter: string, flags: readonly string[], env: readonly string[]): PoolSpec => ({
    id,
    runtime: 'python',
    describes: [interpreter, ...flags, 'for resident workers'].join(' '),
    zygoteArgv: [interpreter, ...flags, zygote],
    env,
    parked: { min: 0, max: 0, first: 0 },
    slots: config.slotsPerPool,
    limits: config.limits,
    confinement: undefined,
    isForResidents: true,
  });
}

/** Two dashes and a name with one: Node then asks nobody for a script of that name, see park.cjs. A text (-e) is a flag. */
const NODE_PLACEHOLDER = ['--', '-hook'];

/** @param workerFolder holds park.cjs; its path without symbolic links. */
export function nodeSpecMaker(config: Config, workerFolder: string) {
  const park = Buffer.from(join(workerFolder, 'park.cjs')).toString('latin1');
  return (id: string, plan: Extract<Plan, { kind: 'interpreter' }>, confinement?: Confinement): PoolSpec => {
    const placeholder = plan.program.mode === 'command' ? [] : NODE_PLACEHOLDER;
    return {
      id,
      runtime: 'node',
      describes: heldAs([plan.interpreter, ...plan.flags].join(' '), confinement),
      zygoteArgv: [plan.interpreter, plan.argv[0] ?? '', '--require', park, ...plan.flags, ...placeholder],
      env: plan.startEnv,
      parked: parkedCounts('node', config, confinement),
      slots: config.slotsPerPool,
      limits: config.limits,
      confinement,
    };
  };
}
