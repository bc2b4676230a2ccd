/** Pools on a real cgroup v2, in a guest of its own: one that cannot start for want of memory, and pools whose limits change while
 *  a hook runs. The guest runs pools.py, which collects; what it collected is judged here. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Explanation } from '../../supervisor/contract/outcome.js';
import type { PoolStatus, WorkerStatus } from '../../supervisor/contract/status.js';
import { inGuest } from './in-guest.js';

const GUEST_TIMEOUT_S = 500; // 50 on a quiet machine without KVM; a loaded one takes several times that

interface Answer {
  exitCode: number;
  stdout: string;
  stderr: string;
  explained: Explanation;
}

interface Starved {
  first: Answer;
  pool: PoolStatus;
  rest: { watchedS: number; cpuS: number; before: PoolStatus['deaths']; after: PoolStatus['deaths'] };
  why: string;
  status: string;
  meanwhile: Answer;
  other: Answer;
  exit: number;
}

/** memory.max and pids.max of each group, by its path below that of all workers. */
type Groups = Record<string, [string, string]>;

interface Replaced {
  worker: WorkerStatus;
  told: { ok: boolean };
  before: Groups;
  meanwhile: Groups;
  after: Groups;
  hook: Answer;
  next: Answer;
}

interface Facts {
  limits: [number, number][];
  shown: {
    pid: number;
    group: string;
    json: { process: { pid: number; cgroupPath: string }; leaf: Record<string, unknown>; limits: object };
    text: string;
    files: Record<string, string>;
  };
  reload: Replaced;
  restart: Replaced;
  exit: number;
}

type Told = Record<string, { exitCode: number; stdout: string; stderr: string }>;

const guest = inGuest('guest/pools.py', GUEST_TIMEOUT_S);
let told: Told = {};

beforeAll(async () => {
  told = JSON.parse((await guest.boot()) ?? '{}') as Told;
}, guest.timeoutMs);

beforeEach(guest.skipWithout);

function factsOf<T>(place: string): T {
  const { exitCode, stdout, stderr } = told[place] ?? { exitCode: -1, stdout: '', stderr: 'nothing told' };
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

describe('a Python that takes more memory at its start than a task may', () => {
  const CAUSE = 'out of memory';
  const starved = () => factsOf<Starved>('starved');

  it('is in quarantine after six starts, for half a minute', () => {
    const { pool } = starved();
    expect(pool).toMatchObject({ state: 'quarantined', parked: 0, deaths: [{ cause: CAUSE, count: 6 }] });
    expect(pool.nextStartInMs).toBeGreaterThan(0);
    expect(pool.nextStartInMs).toBeLessThanOrEqual(30_000);
  });

  it('is not tried meanwhile, and costs next to nothing', () => {
    const { before, after, cpuS, watchedS } = starved().rest;
    expect(after).toEqual(before);
    expect(cpuS).toBeLessThan(watchedS / 5);
  });

  it('status and why say that its memory did not do', () => {
    const { pool, why, status } = starved();
    expect(pool.why).toContain(`cannot be kept warm: ${CAUSE}: limits.memoryMaxBytes`);
    expect(why).toContain(pool.why);
    expect(why).toMatch(/died 6 times: out of memory/);
    expect(why).toMatch(/one start tries whether the cause is gone, in /);
    expect(status).toContain(pool.why);
  });

  it('its hooks answer as directly, before and in quarantine, and so do others', () => {
    const { first, meanwhile, other, pool, exit } = starved();
    for (const answer of [first, meanwhile]) {
      expect(answer).toMatchObject({ exitCode: 0, stdout: 'ran\n', stderr: '', explained: { path: 'exec' } });
    }
    expect(meanwhile.explained.why).toBe(pool.why);
    expect(other).toMatchObject({ exitCode: 0, stdout: 'served', explained: { outcome: 'answered' } });
    expect(exit).toBe(0);
  });
});

const isLeaf = (path: string) => path.includes('/slot-');
const leavesOf = (groups: Groups, pool: string) =>
  Object.entries(groups).filter(([path]) => isLeaf(path) && path.startsWith(`${pool}/`));

/** Of a path of a leaf as the kernel has it: its pool's group, below that of all workers. */
const poolOf = (cgroupPath: string) => cgroupPath.replace(/^.*\/w\//, '').replace(/\/slot-\d+\n?$/, '');

describe.each([
  ['reload', 1],
  ['restart', 2],
] as const)('%s with a hook that runs', (verb, index) => {
  const replaced = () => {
    const facts = factsOf<Facts>('replaced');
    const texts = facts.limits.map((pair) => pair.map(String));
    return { ...facts[verb], old: texts[index - 1], now: texts[index], count: 4000 + (verb === 'restart' ? index : 0) };
  };

  it('both groups are there while it runs, each with the limits of its own configuration', () => {
    const { told: reply, worker, before, meanwhile, next, old, now } = replaced();
    expect(reply).toMatchObject({ ok: true });
    const [was, is] = [poolOf(worker.cgroupPath ?? ''), poolOf(next.stdout)];
    expect(is).not.toBe(was);
    for (const [groups, pool, limits] of [
      [before, was, old],
      [meanwhile, was, old],
      [meanwhile, is, now],
    ] as const) {
      const leaves = leavesOf(groups, pool);
      expect(leaves.length, pool).toBeGreaterThanOrEqual(8);
      for (const [path, files] of leaves) expect(files, path).toEqual(limits);
    }
    expect(leavesOf(before, is)).toEqual([]);
  });

  it('it ends in the leaf in which it began', () => {
    const { hook, worker } = replaced();
    expect(hook).toMatchObject({ exitCode: 0, stdout: `0::${worker.cgroupPath}\nword\n`, stderr: '' });
  });

  it('afterwards no group of before is left, and all leaves have the new limits', () => {
    const { after, worker, now, next, count } = replaced();
    const was = poolOf(worker.cgroupPath ?? '');
    expect(Object.keys(after).filter((path) => path === was || path.startsWith(`${was}/`))).toEqual([]);
    const leaves = Object.entries(after).filter(([path]) => isLeaf(path));
    expect(leaves.length).toBeGreaterThanOrEqual(8);
    for (const [path, files] of leaves) expect(files, path).toEqual(now);
    expect(next).toMatchObject({ exitCode: 0, explained: { path: 'exec', outcome: 'answered' } });
    const daemons = Object.entries(after).filter(([path]) => !path.includes('/'));
    expect(daemons, 'one daemon').toEqual([[poolOf(next.stdout).split('/')[0], [String(1 << 30), String(count)]]]);
  });
});

it('the daemon that was replaced has ended well', () => {
  expect(factsOf<Facts>('replaced').exit).toBe(0);
});

describe('status POOL/WORKER', () => {
  it('has the path, the limits and the counters that the kernel has', () => {
    const { pid, group, json, files } = factsOf<Facts>('replaced').shown;
    expect(json.process.pid).toBe(pid);
    expect(`0::${json.process.cgroupPath}`).toBe(group);
    expect(files['cgroup.procs']).toBe(String(pid));
    expect(json.limits).toMatchObject({
      memoryMaxBytes: Number(files['memory.max']),
      pidsMax: Number(files['pids.max']),
    });
    expect(json.leaf).toEqual({
      memoryMax: files['memory.max'],
      memoryBytes: Number(files['memory.current']),
      memoryPeakBytes: Number(files['memory.peak']),
      pids: Number(files['pids.current']),
      pidsMax: files['pids.max'],
      cpuMs: expect.any(Number),
      throttledMs: 0,
      oomKills: 0,
    });
  });

  it('shows them to people', () => {
    const { json, text } = factsOf<Facts>('replaced').shown;
    expect(text).toContain(`cgroup    ${json.process.cgroupPath}\n`);
    expect(text).toMatch(/^limits {4}memory 96M, pids 40$/m);
    expect(text).toMatch(/^counted {3}memory \S+ of 96M, peak \S+, processes 1 of 40, CPU \S+$/m);
  });
});
