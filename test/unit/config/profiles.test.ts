import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { onlyForCalls } from '../../../supervisor/config/changes.js';
import { judgeLayer } from '../../../supervisor/config/layer.js';
import { loadConfig } from '../../../supervisor/config/load.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { PROFILE_SETTINGS, PROFILES } from '../../../supervisor/contract/profiles.js';

const GIB = 1024 ** 3;
const VALIDATOR = { name: 'v', entry: '/v.mjs', batch: {} };
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-profiles-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(settings: object = {}, env: NodeJS.ProcessEnv = {}, profile?: string) {
  const configFile = join(folder, 'config.json');
  writeFileSync(configFile, JSON.stringify(settings), { mode: 0o600 });
  const flags = { configFile, ...(profile !== undefined && { profile }) };
  const loaded = loadConfig(
    {
      ...{ env: { SUPERVISOR_RUNTIME_DIR: folder, ...env }, flags, uid: process.geteuid?.() ?? 0, homeFolder: folder },
      ...{ runUserFolder: '/run/user', temporaryFolder: folder, memoryTotalBytes: 16 * GIB },
    },
    judgeLayer,
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded;
}

describe("the guide's numbers", () => {
  test.each([
    ['latency', 4, 16, 10, 10],
    ['throughput', 8, 32, 1000, 100],
    ['balanced', 4, 16, 100, 50],
    ['resource_constrained', 1, 4, 100, 50],
  ] as const)('%s', (name, workersMin, workersMax, maxBatchSize, maxWaitMs) => {
    const { parked, slotsPerPool, validatorTasksAtOnce, validators } = PROFILE_SETTINGS[name];
    expect(parked.python.min).toBe(workersMin);
    expect({ slotsPerPool, validatorTasksAtOnce }).toEqual({
      slotsPerPool: 2 * workersMax,
      validatorTasksAtOnce: 4 * workersMax,
    });
    expect(validators).toMatchObject({ maxBatchSize, maxWaitMs });
  });

  test.each(PROFILES)('%s stays within the bounds of the product', (profile) => {
    const { config } = load({ profile, validators: [VALIDATOR] });
    for (const { min, max } of Object.values(config.parked))
      expect(min <= max && max <= config.slotsPerPool).toBe(true);
    expect(config.slotsPerPool).toBeLessThanOrEqual(LIMITS.slotsPerPoolMax);
    expect(config.validatorTasksAtOnce).toBeLessThanOrEqual(LIMITS.validatorTasksAtOnceMax);
    expect(config.cache.entriesMax).toBeLessThanOrEqual(LIMITS.cacheEntriesMax);
    expect(config.validators[0]?.batch?.maxBatchSize).toBeLessThanOrEqual(LIMITS.batchMaxEvents);
    expect(config.interpreterPoolsMax).toBeLessThan(LIMITS.poolsMax);
  });
});

describe('order of layers', () => {
  test('nothing said: balanced, by default, and nothing in it differs from the defaults', () => {
    const loaded = load();
    expect([loaded.config.profile, loaded.profileFrom]).toEqual(['balanced', 'default']);
    expect(loaded.under('balanced')).toEqual(loaded.config);
  });

  test('a profile sets what the user has not, in the file and by variables', () => {
    const own = { parked: { exec: 3 }, cache: { entriesMax: 7 }, validators: [{ ...VALIDATOR, workersMax: 5 }] };
    const { config } = load({ profile: 'throughput', ...own }, { SUPERVISOR_VALIDATOR_TASKS_AT_ONCE: '9' });
    expect(config).toMatchObject({
      parked: { exec: { min: 3, max: 3 }, python: { min: 8, max: 48 } },
      cache: { entriesMax: 7, bytesMax: 8 * 1024 ** 2 },
      validatorTasksAtOnce: 9,
    });
    expect(config.validators[0]).toMatchObject({ workersMax: 5, batch: { maxBatchSize: 1000, maxWaitMs: 100 } });
  });

  test('the variable over the file, the operator over both; each is named', () => {
    const file = { profile: 'latency' };
    expect(load(file).profileFrom).toBe(`${join(folder, 'config.json')}: profile`);
    const env = { SUPERVISOR_PROFILE: 'throughput' };
    const byVariable = load(file, env);
    expect([byVariable.config.profile, byVariable.profileFrom]).toEqual(['throughput', 'variable SUPERVISOR_PROFILE']);
    const byOperator = load(file, env, 'resource_constrained');
    expect(byOperator.config).toMatchObject({ profile: 'resource_constrained', slotsPerPool: 8 });
    expect(byOperator.profileFrom).toBe('supervisor profile set');
  });

  test("the guide's size of the cache counts more than the profile", () => {
    const { config } = load(
      { profile: 'latency' },
      { CLAUDE_HOOKS_CACHE_SIZE: '12', CLAUDE_HOOKS_OPTIMIZATION: 'true' },
    );
    expect(config.cache.entriesMax).toBe(12);
  });
});

describe('adaptive', () => {
  test('begins as balanced', () => {
    const { config, under } = load({ profile: 'adaptive' });
    expect(config).toEqual({ ...under('balanced'), profile: 'adaptive' });
  });

  test('what changes at run time is what needs no new pools, and none of what the user has set', () => {
    const { config, under } = load({ profile: 'adaptive', cache: { bytesMax: 5 }, validators: [VALIDATOR] });
    const next = onlyForCalls(config, under('resource_constrained'));
    expect(next).toEqual({
      ...config,
      validatorTasksAtOnce: 16,
      cache: { entriesMax: 500, bytesMax: 5 },
    });
    expect(onlyForCalls(config, under('latency')).validators[0]).toMatchObject({
      ...{ workersMax: 2, batch: { maxBatchSize: 10 } },
    });
  });
});
