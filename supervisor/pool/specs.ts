/** What a pool consists of, per runtime. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../contract/call.js';
import type { Config } from '../contract/config.js';
import type { PoolSpec } from './keeper-argv.js';

/** The exec keeper runs nothing but what an order says: it needs no environment. */
export function execSpec(config: Config): PoolSpec {
  return {
    id: 'exec',
    runtime: 'exec',
    describes: '',
    zygoteArgv: [],
    env: [],
    parked: config.parked.exec,
    slots: config.slotsPerPool,
    limits: config.limits,
  };
}

/** @param workerFolder holds boot.py, whose text is handed to `-c`: no file of ours needs to be on sys.path. */
export function pythonSpecMaker(config: Config, workerFolder: string) {
  const boot = readFileSync(join(workerFolder, 'boot.py'), 'utf8');
  return (id: string, plan: Extract<Plan, { kind: 'interpreter' }>): PoolSpec => ({
    id,
    runtime: 'python',
    describes: [plan.interpreter, ...plan.flags].join(' '),
    zygoteArgv: [plan.interpreter, ...plan.flags, '-c', boot, workerFolder],
    env: plan.startEnv,
    parked: config.parked.python,
    slots: config.slotsPerPool,
    limits: config.limits,
  });
}
