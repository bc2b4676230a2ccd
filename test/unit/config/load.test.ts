import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { judgeLayer } from '../../../supervisor/config/layer.js';
import type { ConfigFlags, ConfigSources } from '../../../supervisor/config/load.js';
import { keysSet, loadConfig } from '../../../supervisor/config/load.js';

const GIB = 1024 ** 3;
const uid = process.geteuid?.() ?? 0;
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hs-config-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function sources(env: NodeJS.ProcessEnv = {}, flags: ConfigFlags = {}): ConfigSources {
  return {
    env: { SUPERVISOR_RUNTIME_DIR: join(home, 'run'), ...env },
    flags,
    uid,
    homeFolder: home,
    runUserFolder: join(home, 'no-run-user'),
    temporaryFolder: join(home, 'tmp'),
    memoryTotalBytes: 16 * GIB,
  };
}

function writeUserFile(content: unknown): string {
  const folder = join(home, '.config', 'hook-supervisor');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'config.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
  return path;
}

function load(env: NodeJS.ProcessEnv = {}, flags: ConfigFlags = {}) {
  const result = loadConfig(sources(env, flags), judgeLayer);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result;
}

function problemsOf(env: NodeJS.ProcessEnv = {}, flags: ConfigFlags = {}) {
  const result = loadConfig(sources(env, flags), judgeLayer);
  return result.ok ? [] : result.problems;
}

/** As many at any time. */
function parked(exec: number, python: number, node?: number): object {
  const of = (count: number) => ({ min: count, max: count });
  return { exec: of(exec), python: of(python), ...(node !== undefined && { node: of(node) }) };
}

describe('layers', () => {
  test('nothing said: the documented defaults, frozen', () => {
    const { config, notes } = load();
    expect(config).toEqual({
      runtimeFolder: join(home, 'run'),
      stateFolder: join(home, '.local/state/hook-supervisor'),
      logLevel: 'info',
      profile: 'balanced',
      parked: { exec: { min: 8, max: 24 }, python: { min: 4, max: 24 }, node: { min: 2, max: 24 } },
      parkedMemoryMaxBytes: GIB / 2,
      slotsPerPool: 32,
      interpreterPoolsMax: 6,
      limits: {
        memoryMaxBytes: 4 * GIB,
        swapMaxBytes: 0,
        pidsMax: 512,
        cpuMax: null,
        cpuBurstUs: 0,
        cpuWeight: 0,
        cpuTimeMaxMs: 0,
        memoryHighBytes: 0,
        ioMax: null,
        cpuset: null,
        totalMemoryMaxBytes: 0,
        totalPidsMax: 0,
      },
      outputMaxBytes: 64 * 1024 ** 2,
      timeoutMs: 0,
      cancelGraceMs: 1000,
      outputGraceMs: 500,
      cgroup: 'auto',
      cgroupPath: null,
      pythonWarm: true,
      records: { on: true, batchRows: 50, batchDelayMs: 1000, ageMaxDays: 30, sizeMaxBytes: 32 * 1024 ** 2 },
      http: { on: false, port: 0, hooks: {} },
      homeFolder: home,
      handlers: [],
      validators: [],
      hooks: [],
      validatorTasksAtOnce: 64,
      cache: { entriesMax: 1000, bytesMax: 8 * 1024 ** 2 },
      pluginLevel: 'restricted',
    });
    expect(notes).toEqual([]);
    expect(Object.isFrozen(config) && Object.isFrozen(config.parked) && Object.isFrozen(config.limits)).toBe(true);
  });

  test('a small machine: memory is never limited below 2 GiB by default', () => {
    const result = loadConfig({ ...sources(), memoryTotalBytes: 3 * GIB }, judgeLayer);
    expect(result.ok && result.config.limits.memoryMaxBytes).toBe(2 * GIB);
  });

  test.each([
    [1, 96],
    [6, 192],
    [24, 512],
  ])('%i GiB of memory: %i MiB of parked processes', (memoryGib, parkedMib) => {
    const result = loadConfig({ ...sources(), memoryTotalBytes: memoryGib * GIB }, judgeLayer);
    expect(result.ok && result.config.parkedMemoryMaxBytes).toBe(parkedMib * 1024 ** 2);
  });

  test('environment over file, flag over environment, guide variables weakest of the environment', () => {
    writeUserFile({ logLevel: 'warn', parked: { exec: 1, python: 2 }, limits: { cpuMax: '200000 100000' } });
    expect(load().config).toMatchObject({ logLevel: 'warn', parked: parked(1, 2), limits: { pidsMax: 512 } });
    const guide = { CLAUDE_HOOKS_POOL_SIZE: '6', CLAUDE_HOOKS_DEBUG: 'true' };
    expect(load(guide).config).toMatchObject({ logLevel: 'debug', parked: parked(6, 6, 6) });
    expect(load({ CLAUDE_HOOKS_ASYNC_BATCH_SIZE: '200' }).config.records).toMatchObject({ on: true, batchRows: 200 });
    const both = { ...guide, SUPERVISOR_PARKED_PYTHON: '8', SUPERVISOR_LOG_LEVEL: 'error' };
    expect(load(both).config).toMatchObject({ logLevel: 'error', parked: parked(6, 8, 6) });
    expect(load(both, { logLevel: 'trace' }).config.logLevel).toBe('trace');
  });

  test.each([
    ['both ends', { min: 1, max: 6 }, { min: 1, max: 6 }],
    ['the least alone', { min: 3 }, { min: 3, max: 24 }],
    ['the least alone, above our own most', { min: 30 }, { min: 30, max: 30 }],
    ['the most alone', { max: 12 }, { min: 2, max: 12 }],
    ['the most alone, below our own least', { max: 1 }, { min: 1, max: 1 }],
    ['a number: so many at any time', 5, { min: 5, max: 5 }],
  ])('parked as calls ask for it: %s', (_name, node, expected) => {
    writeUserFile({ parked: { node } });
    expect(load().config.parked.node).toEqual(expected);
    expect(load({ SUPERVISOR_PARKED_NODE: '2-9' }).config.parked.node).toEqual({ min: 2, max: 9 });
    expect(Object.isFrozen(load().config.parked.node)).toBe(true);
  });

  test('parked: what is no number and no such object, or the wrong way round, is named', () => {
    const path = writeUserFile({ parked: { node: { min: 9, max: 4 } } });
    expect(problemsOf()).toEqual([
      {
        where: `${path}: parked.node`,
        what: 'at least 9 and at most 4 processes',
        remedy: 'give a max that is not below min',
      },
    ]);
    const typo = writeUserFile({ parked: { node: { mni: 1 } } });
    expect(problemsOf()).toEqual([
      { where: `${typo}: parked.node.mni`, what: 'there is no such key', remedy: 'did you mean "min"?' },
    ]);
    const remedy = expect.stringContaining('a whole number of processes from 0 to 64');
    for (const [node, key] of [
      [{ min: -1 }, 'node.min'],
      [1.5, 'node'],
      [65, 'node'],
      ['four', 'node'],
    ]) {
      const where = `${writeUserFile({ parked: { node } })}: parked.${key}`;
      expect(problemsOf()).toEqual([expect.objectContaining({ where, remedy })]);
    }
    writeUserFile({});
    for (const text of ['4-', '-4', '4-x', '1-65']) {
      expect(problemsOf({ SUPERVISOR_PARKED_NODE: text })[0]?.where).toBe('variable SUPERVISOR_PARKED_NODE');
    }
  });

  test('a guide variable that is out of range is named', () => {
    const where = (env: Record<string, string>) => problemsOf(env).map((problem) => problem.where);
    expect(where({ CLAUDE_HOOKS_ASYNC_BATCH_SIZE: '0' })).toEqual(['variable CLAUDE_HOOKS_ASYNC_BATCH_SIZE']);
    expect(where({ CLAUDE_HOOKS_POOL_SIZE: 'x' })[0]).toBe('variable CLAUDE_HOOKS_POOL_SIZE');
  });

  test('variables without effect and near misses are said, those of supervisord are not', () => {
    const { notes } = load({
      CLAUDE_HOOKS_OPTIMIZATION: 'false',
      SUPERVISOR_PARKED_PYTHN: '1',
      SUPERVISOR_ENABLED: '1',
    });
    expect(notes).toEqual([
      expect.stringContaining('CLAUDE_HOOKS_OPTIMIZATION turns nothing off'),
      'variable SUPERVISOR_PARKED_PYTHN is not known; did you mean SUPERVISOR_PARKED_PYTHON?',
    ]);
  });

  test('a home that cannot be written: state goes to the runtime folder, and is said', () => {
    writeFileSync(join(home, 'file'), '');
    const { config, notes } = load({ XDG_STATE_HOME: join(home, 'file') });
    expect(config.stateFolder).toBe(config.runtimeFolder);
    expect(notes).toHaveLength(1);
  });
});

describe('problems', () => {
  test('all of them at once, each with place and remedy', () => {
    const path = writeUserFile({ parked: { exec: 'four' }, slotPerPool: 3, limits: { memoryMaxBytes: 1000.5, x: 1 } });
    const problems = problemsOf({ SUPERVISOR_CGROUP: 'v3', SUPERVISOR_PYTHON_WARM: 'perhaps' }, { logLevel: 'loud' });
    expect(problems).toEqual([
      {
        where: `${path}: parked.exec`,
        what: '"four" is not allowed here',
        remedy: 'give a whole number of processes from 0 to 64, or {"min": ..., "max": ...} with two of them',
      },
      {
        where: `${path}: limits.memoryMaxBytes`,
        what: '1000.5 is not allowed here',
        remedy: 'give a whole number of bytes from 16777216 to 1125899906842624',
      },
      {
        where: `${path}: limits.x`,
        what: 'there is no such key',
        remedy: expect.stringMatching(/^remove it; known here: memoryMaxBytes, swapMaxBytes, pidsMax, cpuMax, /),
      },
      { where: `${path}: slotPerPool`, what: 'there is no such key', remedy: 'did you mean "slotsPerPool"?' },
      {
        where: 'variable SUPERVISOR_CGROUP',
        what: '"v3" is not allowed here',
        remedy: 'give one of auto, v2, v1, none',
      },
      {
        where: 'variable SUPERVISOR_PYTHON_WARM',
        what: '"perhaps" is not allowed here',
        remedy: 'give true or false',
      },
      {
        where: 'flag --log-level',
        what: '"loud" is not allowed here',
        remedy: 'give one of trace, debug, info, warn, error',
      },
    ]);
  });

  test.each([
    ['a list', '[]'],
    ['null', 'null'],
    ['memory below 16 MiB', { limits: { memoryMaxBytes: 16 * 1024 ** 2 - 1 } }],
    ['a CPU period the kernel refuses', { limits: { cpuMax: '1000 2000000' } }],
    ['I/O of a device without a limit', { limits: { ioMax: '8:0' } }],
    ['a limit of I/O that the kernel does not know', { limits: { ioMax: '8:0 bps=1' } }],
    ['a processor list with a gap', { limits: { cpuset: '0-3,,5' } }],
    ['a burst without a quota', { limits: { cpuBurstUs: 1000 } }],
    ['a burst above the quota', { limits: { cpuMax: '10000 100000', cpuBurstUs: 10001 } }],
    ['slowing down where the task is ended anyway', { limits: { memoryMaxBytes: GIB, memoryHighBytes: GIB } }],
    ['a relative cgroup path', { cgroup: 'v2', cgroupPath: 'x' }],
    ['more pools than there may be', { interpreterPoolsMax: 16 }],
    ['__proto__ as a key', '{"__proto__": {"logLevel": "info"}}'],
  ])('%s is refused', (_name, content) => {
    writeUserFile(content);
    expect(problemsOf()).toHaveLength(1);
  });

  test('every limit may be given, in the form the kernel takes', () => {
    const limits = {
      memoryMaxBytes: GIB,
      swapMaxBytes: 0,
      pidsMax: 64,
      cpuMax: '10000 100000',
      cpuBurstUs: 10000,
      cpuWeight: 50,
      cpuTimeMaxMs: 5000,
      memoryHighBytes: GIB - 1,
      ioMax: '8:16 rbps=1048576 wiops=max',
      cpuset: '0-3,5',
      totalMemoryMaxBytes: 2 * GIB,
      totalPidsMax: 1000,
    };
    writeUserFile({ limits });
    expect(load().config.limits).toEqual(limits);
  });

  test('broken JSON: line and column', () => {
    const path = writeUserFile('{\n  "logLevel": "info",\n}');
    expect(problemsOf()[0]).toMatchObject({ where: `${path}:3:1`, what: 'is not valid JSON' });
  });

  test('impossible together: parked above slots, cgroup path without v2, with the places of both values', () => {
    const path = writeUserFile({ slotsPerPool: 8, cgroupPath: '/sys/fs/cgroup/x' });
    const problems = problemsOf({ SUPERVISOR_PARKED_EXEC: '9' });
    expect(problems.map(({ where }) => where)).toEqual(['variable SUPERVISOR_PARKED_EXEC', `${path}: cgroupPath`]);
    expect(problems[0]?.what).toContain(`${path}: slotsPerPool`);
    expect(problems[1]?.what).toContain('cgroup (default)');
  });

  test('few slots alone: our own numbers of parked processes give way', () => {
    writeUserFile({ slotsPerPool: 2, parked: { exec: 1 } });
    expect(load().config.parked).toEqual(parked(1, 2, 2));
  });

  test('the file asked for by --config must exist', () => {
    expect(problemsOf({}, { configFile: join(home, 'none.json') })[0]?.where).toContain('--config');
  });

  test('a runtime folder too long for a socket, or relative', () => {
    expect(problemsOf({ SUPERVISOR_RUNTIME_DIR: `/${'x'.repeat(95)}` })).toHaveLength(1);
    expect(problemsOf({ SUPERVISOR_RUNTIME_DIR: 'run' })[0]?.remedy).toBe('give an absolute path');
  });
});

describe('the user file is refused', () => {
  test.each(['620', '602', '666'])('with mode %s', (mode) => {
    const path = writeUserFile({});
    chmodSync(path, mode);
    expect(problemsOf()).toEqual([
      { where: path, what: 'can be written by other users', remedy: `run: chmod go-w '${path}'` },
    ]);
  });

  test('when it belongs to somebody else', () => {
    writeUserFile({});
    const result = loadConfig({ ...sources(), uid: uid + 1 }, judgeLayer);
    // Root owns the file if the tests run as root; root's files are accepted, so only other owners can be shown.
    expect(result.ok).toBe(uid === 0);
  });

  test('when it is a folder', () => {
    mkdirSync(join(home, '.config/hook-supervisor/config.json'), { recursive: true });
    expect(problemsOf()[0]?.what).toBe('is not a regular file');
  });

  test('a link to a good file is followed', () => {
    writeFileSync(join(home, 'real.json'), '{"logLevel":"error"}', { mode: 0o600 });
    mkdirSync(join(home, '.config/hook-supervisor'), { recursive: true });
    symlinkSync(join(home, 'real.json'), join(home, '.config/hook-supervisor/config.json'));
    expect(load().config.logLevel).toBe('error');
  });
});

describe('whether anything is set, which alone needs the schema', () => {
  test.each([
    ['nothing', {}, {}, false],
    ['a variable', { SUPERVISOR_PIDS_MAX: '9' }, {}, true],
    ['a variable that is no setting', { SUPERVISOR_RUNTIME_DIR: '/run/x' }, {}, false],
    ['a flag', {}, { logLevel: 'debug' }, true],
  ])('%s', (_what, env, flags, isSet) => {
    expect(keysSet(sources(env, flags)).size > 0).toBe(isSet);
  });

  test('a file', () => {
    writeUserFile({ timeoutMs: 5 });
    expect(keysSet(sources()).size).toBeGreaterThan(0);
  });

  test('without the schema what is not set has its default', () => {
    const [without, judged] = [undefined, judgeLayer].map((judge) => loadConfig(sources(), judge));
    expect(without?.ok && without.config).toEqual(judged?.ok && judged.config);
  });
});

describe('http', () => {
  test('hooks by name, with all that was not said; on and port by variables', () => {
    writeUserFile({
      http: { hooks: { guard: { command: 'g', args: ['a'] }, other: { command: 'o', onFailure: 'block' } } },
    });
    const { config } = load({ SUPERVISOR_HTTP: 'true', SUPERVISOR_HTTP_PORT: '8377' });
    expect(config.http).toEqual({
      on: true,
      port: 8377,
      hooks: {
        guard: { command: 'g', args: ['a'], timeoutMs: 0, level: undefined, onFailure: 'continue' },
        other: { command: 'o', args: undefined, timeoutMs: 0, level: undefined, onFailure: 'block' },
      },
    });
    expect(Object.isFrozen(config.http)).toBe(true);
  });

  test.each([
    [{ port: 65_536 }, 'give a port from 0 to 65535'],
    [{ hooks: { 'A/b': { command: 'g' } } }, 'give names of small letters'],
    [{ hooks: { guard: { command: '' } } }, 'give a text of'],
    [{ hooks: { guard: { command: 'a\0b' } } }, 'give a text of'],
    [{ hooks: { guard: {} } }, 'give a text of'],
    [{ prt: 1 }, 'did you mean "port"?'],
  ])('%j is told', (http, remedy) => {
    writeUserFile({ http });
    expect(problemsOf().map((problem) => problem.remedy)).toEqual([expect.stringContaining(remedy)]);
  });
});
