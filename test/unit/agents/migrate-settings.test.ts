/** The optimization guide's `optimization` block as a configuration of ours: its own examples, keys that have no counterpart, and that
 *  whatever comes out is a configuration. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GUIDE_KEYS } from '../../../supervisor/agents/migrate/guide-keys.js';
import { settingsFromGuide } from '../../../supervisor/agents/migrate/guide-settings.js';
import { optimizationEntries } from '../../../supervisor/agents/migrate/optimization.js';
import { type Context, packageFiles } from '../../../supervisor/cli/context.js';
import { migrateSettings } from '../../../supervisor/cli/migrate-settings.js';
import { judgeLayer } from '../../../supervisor/config/layer.js';
import { loadConfig } from '../../../supervisor/config/load.js';

const MIB = 1024 * 1024;
/** As the guide has it, and the blocks of its four profiles. */
const GUIDE = {
  enabled: true,
  profile: 'balanced',
  async_orchestrator: {
    ...{ min_workers: 2, max_workers: 8, enable_shared_memory: true },
    ...{ scale_up_threshold: 0.8, scale_down_threshold: 0.2 },
  },
  subprocess_coordinator: { pool_size: 4, memory_limit_mb: 100, cpu_limit_percent: 50, enable_cgroups: false },
  intelligent_batcher: { max_batch_size: 100, max_wait_time_ms: 50, strategy: 'adaptive', enable_affinity: true },
  performance_monitor: { enable_tracing: true, metrics_interval_ms: 1000, anomaly_detection: true },
};
const LATENCY = {
  profile: 'latency',
  async_orchestrator: { min_workers: 4, max_workers: 16 },
  intelligent_batcher: { max_batch_size: 10, max_wait_time_ms: 10 },
};
const THROUGHPUT = {
  profile: 'throughput',
  async_orchestrator: { min_workers: 8, max_workers: 32 },
  intelligent_batcher: { max_batch_size: 1000, max_wait_time_ms: 100 },
};
const BALANCED = {
  ...LATENCY,
  profile: 'balanced',
  intelligent_batcher: { max_batch_size: 100, max_wait_time_ms: 50 },
};
const SCARCE = {
  profile: 'resource_constrained',
  async_orchestrator: { min_workers: 1, max_workers: 4 },
  subprocess_coordinator: { pool_size: 2, memory_limit_mb: 50 },
};

function translated(optimization: unknown) {
  const entries = optimizationEntries(JSON.stringify({ hooks: {}, optimization }));
  if (entries === undefined) throw new Error('no JSON');
  return settingsFromGuide(entries);
}

function fatesOf(optimization: unknown) {
  return Object.fromEntries(
    translated(optimization).told.map(({ entry, kind, word }) => [entry.key, `${kind}: ${word}`]),
  );
}

describe("the guide's own examples", () => {
  test('its configuration: what each key becomes, and why others become nothing', () => {
    const { settings, eachValidator } = translated(GUIDE);
    expect(settings).toEqual({
      profile: 'balanced',
      parked: { exec: { min: 4, max: 12 }, python: { min: 2, max: 4 }, node: { min: 1, max: 4 } },
      ...{ slotsPerPool: 16, validatorTasksAtOnce: 32 },
      parkedMemoryMaxBytes: 100 * MIB,
      limits: { cpuMax: '50000 100000' },
    });
    expect(eachValidator).toEqual({});
    expect(fatesOf(GUIDE)).toEqual({
      enabled: 'same: it is on while the daemon runs',
      profile: 'moved: profile',
      'async_orchestrator.min_workers': 'moved: parked',
      'async_orchestrator.max_workers': 'moved: parked, slotsPerPool, validatorTasksAtOnce',
      'async_orchestrator.enable_shared_memory': 'same: calls always go through shared memory',
      'async_orchestrator.scale_up_threshold': expect.stringMatching(/^left: pools follow calls, memory/),
      'async_orchestrator.scale_down_threshold': expect.stringMatching(/^left: pools follow calls, memory/),
      'subprocess_coordinator.pool_size': 'moved: parked.python, parked.node',
      'subprocess_coordinator.memory_limit_mb': 'moved: parkedMemoryMaxBytes',
      'subprocess_coordinator.cpu_limit_percent': 'moved: limits.cpuMax',
      'subprocess_coordinator.enable_cgroups': expect.stringMatching(/^left: limits would be looser/),
      'intelligent_batcher.max_batch_size': 'same: it is so where a validator has `batch`',
      'intelligent_batcher.max_wait_time_ms': 'same: it is so where a validator has `batch`',
      'intelligent_batcher.strategy': 'same: it is so where a validator has `batch`',
      'intelligent_batcher.enable_affinity': expect.stringMatching(/^left: affinity is a strategy/),
      'performance_monitor.enable_tracing': expect.stringMatching(/^left: there are no traces/),
      'performance_monitor.metrics_interval_ms': expect.stringMatching(/^left: figures are counted/),
      'performance_monitor.anomaly_detection': expect.stringMatching(/^left: slow hooks/),
    });
  });

  test.each([LATENCY, THROUGHPUT, BALANCED, SCARCE])(
    'the block of profile $profile is that profile, nothing more',
    (block) => {
      const { settings, eachValidator, told } = translated(block);
      expect(settings).toEqual({ profile: block.profile });
      expect(eachValidator).toEqual({});
      expect(told.filter(({ kind }) => kind === 'left')).toEqual([]);
    },
  );

  test('numbers of one profile under another are settings', () => {
    const { settings, eachValidator } = translated({ ...THROUGHPUT, profile: 'latency' });
    expect(settings).toMatchObject({ profile: 'latency', slotsPerPool: 64, validatorTasksAtOnce: 128 });
    expect(eachValidator).toEqual({ batch: { maxBatchSize: 1000, maxWaitMs: 100 } });
  });

  test('the names of its first implementation, and what it says of cache and breaker', () => {
    const block = {
      async_orchestration: { enabled: true, max_workers: 4 },
      intelligent_batching: { min_batch_size: 5, max_batch_size: 50, batch_timeout_ms: 25, strategy: 'deadline_aware' },
      circuit_breakers: { failure_threshold: 5, recovery_timeout: 30.0, success_threshold: 2 },
      caching: { validator_cache_ttl: 60, validator_cache_size: 500, metrics_write_interval: 5.0 },
      adaptive_optimization: { optimization_interval: 30 },
    };
    const { settings, eachValidator, told } = translated(block);
    expect(settings).toMatchObject({ slotsPerPool: 8, cache: { entriesMax: 500 }, records: { batchDelayMs: 5_000 } });
    expect(eachValidator).toEqual({
      batch: { maxBatchSize: 50, maxWaitMs: 25, strategy: 'deadline' },
      cache: { ttlMs: 60_000 },
    });
    expect(told.filter(({ kind }) => kind === 'left').map(({ entry, word }) => [entry.key, word])).toEqual([
      ['intelligent_batching.min_batch_size', 'a batch has no least size: it leaves when it is due'],
      ['circuit_breakers.success_threshold', 'breakers of validators are fixed: 3 successes close it'],
      ['adaptive_optimization.optimization_interval', 'profile "adaptive" looks every five seconds'],
    ]);
  });
});

describe('left, with the reason', () => {
  test.each<[object | string, string, string]>([
    [
      { profile: 'fast' },
      'profile',
      'only latency, throughput, balanced, resource_constrained, adaptive have a counterpart',
    ],
    [{ async_orchestrator: { max_workers: 33 } }, 'async_orchestrator.max_workers', 'only whole numbers from 1 to 32'],
    [{ async_orchestrator: { min_workers: '4' } }, 'async_orchestrator.min_workers', 'only whole numbers from 0 to 32'],
    [
      { async_orchestrator: { min_workers: 9, max_workers: 8 } },
      'async_orchestrator.max_workers',
      'at least 9 and at most 8 workers',
    ],
    [{ subprocess_coordinator: { pool_size: 33 } }, 'subprocess_coordinator.pool_size', 'a pool has 32 slots'],
    [
      { subprocess_coordinator: { pool_size: [] } },
      'subprocess_coordinator.pool_size',
      'only whole numbers from 1 to 64',
    ],
    [{ enabled: false }, 'enabled', 'supervisor uninstall turns it off'],
    [{ gpu: { cuda: true } }, 'gpu.cuda', 'neither the guide nor its first version has it'],
    [{ constructor: 1 }, 'constructor', 'neither the guide nor its first version has it'],
    ['fast', '', 'neither the guide nor its first version has it'],
  ])('%j', (block, key, why) => {
    const { settings, told } = translated(block);
    expect(settings).toEqual({});
    const found = told.find(({ entry }) => entry.key === key);
    expect(found?.kind).toBe('left');
    expect(found?.word.slice(0, why.length)).toBe(why);
  });

  test('of a key that is set twice, the earlier one', () => {
    const [first, second] = ['latency', 'throughput'].map((profile) => ({ key: 'profile', value: profile, line: 1 }));
    if (first === undefined || second === undefined) throw new Error();
    const { settings, told } = settingsFromGuide([first, second]);
    expect(settings).toEqual({ profile: 'throughput' });
    expect(told.map(({ kind, word }) => [kind, word])).toEqual([
      ['left', 'it is set again'],
      ['moved', 'profile'],
    ]);
  });
});

test('of any block each key is told once, and what comes out is a configuration', () => {
  const value = fc.oneof(
    fc.integer({ min: -1, max: 130 }),
    fc.constantFrom(
      0,
      0.5,
      1_000,
      1_001,
      100_001,
      true,
      false,
      null,
      'latency',
      'resource_constrained',
      'adaptive',
      'time_based',
    ),
  );
  const entry = fc.record({ key: fc.constantFrom(...Object.keys(GUIDE_KEYS)), value, line: fc.constant(1) });
  const folder = mkdtempSync(join(tmpdir(), 'hs-migrate-'));
  const configFile = join(folder, 'config.json');
  try {
    fc.assert(
      fc.property(fc.array(entry, { size: 'max', maxLength: 40 }), (entries) => {
        const { settings, eachValidator, told } = settingsFromGuide(entries);
        expect(told.map((one) => one.entry)).toEqual(entries);
        const validators = [{ name: 'v', entry: '/v.mjs', ...eachValidator }];
        writeFileSync(configFile, JSON.stringify({ ...settings, validators }), { mode: 0o600 });
        const env = { SUPERVISOR_RUNTIME_DIR: folder };
        const places = { homeFolder: folder, runUserFolder: '/run/user', temporaryFolder: folder };
        const sources = { env, ...places, flags: { configFile }, uid: process.geteuid?.() ?? 0 };
        const loaded = loadConfig({ ...sources, memoryTotalBytes: 16 * 1024 * MIB }, judgeLayer);
        expect(loaded.ok ? [] : loaded.problems).toEqual([]);
      }),
      { numRuns: 200 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('the verb', () => {
  let home: string;
  let out: string;
  let err: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'hs-migrate-'));
    [out, err] = ['', ''];
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const context = (): Context => ({
    env: { HOME: home, CLAUDE_CONFIG_DIR: join(home, 'claude') },
    uid: process.geteuid?.() ?? 0,
    cwd: () => join(home, 'project'),
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    errIsTerminal: false,
    screen: { width: 80, height: Number.POSITIVE_INFINITY, isTerminal: false, isColoured: false },
    ticks: async function* () {},
    stopSignal: () => new AbortController().signal,
    files: packageFiles(),
  });
  const target = () => join(home, '.config/hook-supervisor/config.json');
  const settingsIn = (folder: string, optimization: object) => {
    mkdirSync(join(home, folder), { recursive: true });
    writeFileSync(join(home, folder, 'settings.json'), JSON.stringify({ optimization }, null, 2));
  };

  test('shows the settings, tells every key with its place, and writes nothing', async () => {
    settingsIn('claude', { profile: 'latency', intelligent_batcher: { max_batch_size: 20, colour: 1 } });
    expect(await migrateSettings(context(), 'claude', {})).toBe(0);
    expect(JSON.parse(out)).toEqual({ profile: 'latency' });
    const file = join(home, 'claude/settings.json');
    expect(err.split('\n')).toEqual([
      `${file}:3: optimization.profile: becomes profile`,
      `${file}:5: optimization.intelligent_batcher.max_batch_size: becomes batch.maxBatchSize of each validator`,
      `${file}:6: optimization.intelligent_batcher.colour: neither the guide nor its first version has it`,
      'supervisor: for each of `validators` that it is meant for: {"batch":{"maxBatchSize":20}}',
      `supervisor: settings for ${target()}`,
      '',
    ]);
    expect(() => readFileSync(target())).toThrow('ENOENT');
  });

  test('--write: a file that is not there, and none that is', async () => {
    settingsIn('claude', { profile: 'latency' });
    expect(await migrateSettings(context(), 'claude', { write: true })).toBe(0);
    expect(JSON.parse(readFileSync(target(), 'utf8'))).toEqual({ profile: 'latency' });
    expect(await migrateSettings(context(), 'claude', { write: true })).toBe(69);
    expect(err).toContain(`${target()}: is there already`);
  });

  test("--project: a project's file is shown, and never written into what holds for all", async () => {
    settingsIn('project/.claude', { profile: 'throughput' });
    expect(await migrateSettings(context(), 'claude', { project: true, write: true })).toBe(69);
    expect(JSON.parse(out)).toEqual({ profile: 'throughput' });
    expect(() => readFileSync(target())).toThrow('ENOENT');
  });

  test('--json: all of it in one document', async () => {
    settingsIn('claude', { enabled: true, cache: { ttl_seconds: 60 } });
    expect(await migrateSettings(context(), 'claude', { json: true })).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ...{
        schema: 'supervisor.migration/v1',
        file: target(),
        settings: {},
        eachValidator: { cache: { ttlMs: 60_000 } },
      },
      keys: [
        { key: 'enabled', value: true, line: 3, kind: 'same' },
        { key: 'cache.ttl_seconds', value: 60, line: 5, kind: 'moved' },
      ],
    });
  });

  test('without a block, and from a file that is no JSON: told', async () => {
    expect(await migrateSettings(context(), 'claude', {})).toBe(0);
    expect(err).toContain('Claude Code has no `optimization` block there');
    settingsIn('claude', {});
    writeFileSync(join(home, 'claude/settings.json'), '{');
    expect(await migrateSettings(context(), 'claude', {})).toBe(69);
    expect(err).toContain('is not valid JSON');
  });
});
