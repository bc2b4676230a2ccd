import { beforeEach, describe, expect, test } from 'vitest';
import type { Confinement } from '../../../supervisor/contract/confinement.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import { Forks, forkedPlan } from '../../../supervisor/validating/forks.js';
import { SPEC } from '../../lib/validators.js';

const PYTHON = { ...SPEC, runtime: 'python' as const };
const POOL = {} as Pool;
const PLAN = {
  ...{ kind: 'exec' as const, path: '/usr/bin/python3', argv: ['/usr/bin/python3', '/w/resident.py', '/p/guard.py'] },
  ...{ env: ['PATH=/bin'], reason: '', throughShell: false },
};
const HELD: Confinement = {
  ...{ level: 'untrusted', layers: ['landlock', 'seccomp'], network: 'none', read: ['/p'], write: [], protect: [] },
  ...{ project: '/p', without: '' },
};

let forks: Forks;
let asked: boolean[];
beforeEach(() => {
  asked = [];
  forks = new Forks((_plan, isConfined) => {
    asked.push(isConfined);
    return POOL;
  });
});

const ways = (spec = PYTHON as typeof SPEC, confinement: Confinement | undefined = HELD) =>
  forks.waysOf(spec, PLAN, confinement).map((ask) => ask());

test('a worker of Python is forked, in a sandbox and outside', () => {
  expect(ways()).toEqual([{ pool: POOL, plan: forkedPlan(PLAN, HELD) }]);
  expect(forks.waysOf(PYTHON, PLAN, undefined).map((ask) => ask())).toEqual([
    { pool: POOL, plan: forkedPlan(PLAN, undefined) },
  ]);
  expect(asked).toEqual([true, false]);
});

test('its pool is not made before it is come to', () => {
  forks.waysOf(PYTHON, PLAN, HELD);
  expect(asked).toEqual([]);
});

test.each(['node', 'exec'] as const)('one of %s is not', (runtime) => {
  expect(ways({ ...SPEC, runtime })).toEqual([]);
});

test('nor one whose sandbox needs its keeper: for files that are held, or a door', () => {
  expect(ways(PYTHON, { ...HELD, write: ['/p'], protect: ['/p/.git/hooks'] })).toEqual([]);
  expect(ways(PYTHON, { ...HELD, network: { allow: ['example.org'] } as never })).toEqual([]);
  expect(ways(PYTHON, { ...HELD, write: ['/tmp/x'], network: 'host' })).toHaveLength(1);
});

test('nor the next of a validator whose worker was gone before it was ready', () => {
  forks.goneUnready(PYTHON);
  expect(ways()).toEqual([]);
  expect(ways({ ...PYTHON, name: 'another' })).toHaveLength(1);
});

describe('its order', () => {
  test('holds all that a sandbox is entered by, before the words of the worker', () => {
    const { argv } = forkedPlan(PLAN, HELD);
    const at = argv.indexOf('--');
    expect(argv.slice(0, 2)).toEqual(PLAN.argv.slice(0, 2));
    expect(argv.slice(at)).toEqual(['--', '/p/guard.py']);
    expect(argv.slice(2, 8)).toEqual(['--level', 'untrusted', '--layers', 'landlock,seccomp', '--network', 'none']);
    expect(argv.slice(at - 2, at)).toEqual(['--read', '/p']);
  });

  test('holds nothing of the kind without one', () => {
    expect(forkedPlan(PLAN, undefined).argv).toEqual(['/usr/bin/python3', '/w/resident.py', '--', '/p/guard.py']);
  });
});
