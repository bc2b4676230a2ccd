/** The `validators` of the configuration, with all that was not said, and what is wrong with them together. */
import { extname } from 'node:path';
import type { ConfigProblem } from '../contract/config.js';
import type { ValidatorDefaults } from '../contract/profiles.js';
import {
  type BatchRule,
  BUILTIN_PREFIX,
  BUILTIN_VALIDATORS,
  type CacheRule,
  type ValidatorRuntime,
  type ValidatorSpec,
} from '../contract/validating.js';
import { afterProblems } from './after.js';
import { givenAway, inHomeMaker, withoutEffect } from './held.js';
import type { UserSettings } from './schema.js';

type Given = NonNullable<UserSettings['validators']>[number];

const RUNTIME_OF: Readonly<Record<string, ValidatorRuntime>> = { '.py': 'python', '.mjs': 'node', '.js': 'node' };

/** @param home absolute, in its plain form. @param defaults of the profile. */
export function validatorSpecs(given: readonly Given[], home: string, defaults: ValidatorDefaults): ValidatorSpec[] {
  const inHome = inHomeMaker(home);
  return given.map((one) => {
    const isBuiltin = one.entry.startsWith(BUILTIN_PREFIX);
    return {
      name: one.name,
      runtime: one.runtime ?? (isBuiltin ? 'node' : (RUNTIME_OF[extname(one.entry)] ?? 'exec')),
      entry: isBuiltin ? one.entry : inHome(one.entry),
      args: one.args ?? [],
      agents: one.agents ?? [],
      events: one.events ?? [],
      matcher: one.matcher ?? '',
      level: one.level ?? (isBuiltin ? 'contained' : 'untrusted'),
      network: one.network,
      read: (one.read ?? []).map(inHome),
      write: (one.write ?? []).map(inHome),
      env: one.env ?? [],
      require: one.require ?? [],
      allowDegraded: one.allowDegraded ?? false,
      priority: one.priority ?? (one.after ? 'low' : 'normal'),
      timeoutMs: one.timeoutMs ?? 5_000,
      dependsOn: one.dependsOn ?? [],
      cache: one.cache === undefined ? null : cacheRule(one.cache, inHome),
      batch: one.batch === undefined ? null : batchRule(one.batch, defaults),
      idempotent: one.idempotent ?? false,
      onFailure: one.onFailure ?? (one.after ? 'continue' : 'block'),
      after: one.after ?? false,
      workersMax: one.workersMax ?? defaults.workersMax,
      settings: one.settings ?? {},
    };
  });
}

function cacheRule(given: NonNullable<Given['cache']>, inHome: (path: string) => string): CacheRule {
  const { ttlMs = 300_000, fields = [], files = [], env = [], scope = 'project', negative = false } = given;
  return {
    ttlMs,
    fields,
    files: files.map((one) => (one.startsWith('field:') ? one : inHome(one))),
    env,
    scope,
    negative,
  };
}

function batchRule(given: NonNullable<Given['batch']>, defaults: ValidatorDefaults): BatchRule {
  const { strategy = 'adaptive', maxBatchSize = defaults.maxBatchSize, maxWaitMs = defaults.maxWaitMs } = given;
  return { strategy, maxBatchSize, maxWaitMs };
}

export function validatorProblems(
  specs: readonly ValidatorSpec[],
  home: string,
  placeOf: (keyPath: string) => string,
): ConfigProblem[] {
  return specs.flatMap((spec, index) => {
    const at = (key: string) => placeOf(`validators.${index}.${key}`);
    const problems = [...withoutEffect(spec, at), ...givenAway(spec, home, at), ...afterProblems(spec, specs, at)];
    const first = specs.findIndex(({ name }) => name === spec.name);
    if (first !== index)
      problems.push({ where: at('name'), what: `there is another "${spec.name}"`, remedy: 'give each its own name' });
    if (spec.args.length > 0 && spec.runtime !== 'exec')
      problems.push({
        where: at('args'),
        what: 'only programs take arguments',
        remedy: 'use settings, or runtime exec',
      });
    const builtin = spec.entry.slice(BUILTIN_PREFIX.length);
    if (spec.entry.startsWith(BUILTIN_PREFIX) && !BUILTIN_VALIDATORS.some((known) => known === builtin))
      problems.push({
        where: at('entry'),
        what: `nothing of the name "${builtin}" is built in`,
        remedy: `give one of ${BUILTIN_VALIDATORS.join(', ')}`,
      });
    return problems;
  });
}
