/** The product on a real cgroup v2, in a guest of its own: as root and as an ordinary user in a delegated group, and where
 *  the group cannot be written. The guest runs places.py, which collects; what it collected is judged here. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Explanation } from '../../supervisor/contract/outcome.js';
import type { RunningStatus } from '../../supervisor/contract/status.js';
import { inGuest } from './in-guest.js';

const GUEST_TIMEOUT_S = 500; // 85 on a quiet machine without KVM; a loaded one takes several times that

// As collect.py sets them.
const MEMORY_MAX_BYTES = 96 * 1024 * 1024;
const PIDS_MAX = 40;

interface Seen {
  pid: number;
  told: string | null;
  group: string;
  files: Record<string, string>;
}

interface Answer {
  exitCode: number;
  stdout: string;
  stderr: string;
  explained: Explanation;
}

interface Facts {
  before: string;
  after: string;
  groupsLeft: string[];
  exit: number;
  daemonGroup: string;
  status: RunningStatus;
  parked: Seen[];
  floor: Record<string, string>;
  total: Record<string, string>;
  where: Answer;
  warm: Answer;
  warmParked: Seen[];
  hungry: Answer;
  neighbour: Answer;
  many: Answer;
  huge: { hook: Answer; direct: string };
  overdue: { answer: Answer; straggler: string; alive: boolean };
  nested: Answer;
  neighbours: { driver: string; before: Seen[]; whileThere: Seen[]; after: Seen[] };
  killed: { workers: number[]; alive: number[]; parked: Seen[] };
}

type Told = Record<string, { exitCode: number; stdout: string; stderr: string }>;

const guest = inGuest('guest/places.py', GUEST_TIMEOUT_S);
let told: Told = {};

beforeAll(async () => {
  told = JSON.parse((await guest.boot()) ?? '{}') as Told;
}, guest.timeoutMs);

beforeEach(guest.skipWithout);

function factsOf(place: string): Facts {
  const { exitCode, stdout, stderr } = told[place] ?? { exitCode: -1, stdout: '', stderr: 'nothing told' };
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout) as Facts;
}

function expectOwnLeaf(seen: Seen, workers: string) {
  expect(seen.group.startsWith(`${workers}/`), seen.group).toBe(true);
  expect(seen.told).toBe(seen.group);
  expect(seen.files).toEqual({
    'memory.max': String(MEMORY_MAX_BYTES),
    'memory.swap.max': '0',
    'memory.oom.group': '1',
    'pids.max': String(PIDS_MAX),
    'cgroup.procs': String(seen.pid),
  });
}

describe.each(['root', 'user'])('delegated group, %s', (place) => {
  it('driver v2, nothing degraded, the daemon in a leaf beside its workers', () => {
    const { status, daemonGroup, before } = factsOf(place);
    expect(status.driver).toBe('v2');
    expect(status.degraded).toEqual([]);
    expect(status.uid === 0).toBe(place === 'root');
    expect(daemonGroup).toBe(`0::${before}/sup`);
  });

  it('every parked process is alone in a leaf with its limits', () => {
    const { parked, before } = factsOf(place);
    expect(parked).toHaveLength(8);
    for (const seen of parked) expectOwnLeaf(seen, `${before}/w`);
    expect(new Set(parked.map(({ group }) => group)).size).toBe(parked.length);
  });

  it('all workers together are bounded, and the daemon keeps a share for itself', () => {
    const { floor, total } = factsOf(place);
    expect(total).toEqual({ 'memory.max': String(1 << 30), 'pids.max': '4000' });
    expect(floor).toEqual({ 'cpu.weight': '1000', 'memory.low': String(256 * 1024 * 1024) });
  });

  it('a hook runs in the leaf its process was parked in, and its explanation names the layers', () => {
    const { parked, where } = factsOf(place);
    const group = parked.find(({ pid }) => pid === where.explained.pid)?.group;
    expect(where).toMatchObject({ exitCode: 0, stdout: `0::${group}\n`, explained: { path: 'exec' } });
    expect(where.explained.enforced).toEqual(expect.arrayContaining(['cgroup:memory', 'cgroup:pids', 'cgroup:kill']));
  });

  it('so do the children of a warm interpreter', () => {
    const { warm, warmParked, before } = factsOf(place);
    expect(warm.explained.path).toBe('worker');
    expect(warm.stdout).toMatch(new RegExp(`^${warm.explained.pid} 0::${before}/w/[^/]+/python-[^/]+/slot-\\d+\n`));
    const children = warmParked.filter(({ group }) => group.includes('/python-'));
    expect(children.length).toBeGreaterThan(0);
    for (const seen of warmParked) expectOwnLeaf(seen, `${before}/w`);
  });

  it('memory over the limit: limitHit with its peak, and its neighbour answers', () => {
    const { hungry, neighbour } = factsOf(place);
    expect(hungry).toMatchObject({ exitCode: 1, stdout: '', explained: { outcome: 'limitHit' } });
    expect(hungry.stderr).toBe(`hook-supervisor: hook stopped: memory limit of ${MEMORY_MAX_BYTES} reached\n`);
    expect(hungry.explained.usage?.oomKills).toBeGreaterThan(0);
    expect(hungry.explained.usage?.memoryPeakBytes).toBeGreaterThan(MEMORY_MAX_BYTES * 0.9);
    expect(hungry.explained.usage?.memoryPeakBytes).toBeLessThanOrEqual(MEMORY_MAX_BYTES);
    expect(neighbour.explained.usage?.oomKills).toBe(0);
    expect(neighbour).toMatchObject({ exitCode: 0, stdout: 'neighbour got word\n', stderr: '' });
  });

  it('too many processes: fork fails with EAGAIN at the limit, the hook answers, what it left is killed', () => {
    const { many } = factsOf(place);
    expect(many).toMatchObject({ exitCode: 0, stdout: `${PIDS_MAX - 1} 11\n`, explained: { outcome: 'answered' } });
    expect(many.explained.usage?.pidsMaxHits).toBeGreaterThan(0);
  });

  it('no hook takes of the huge pages that the machine has set aside', () => {
    const { huge, where } = factsOf(place);
    expect(huge.direct).toBe('mapped\n');
    expect(huge.hook).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('Cannot allocate memory'),
    });
    expect(where.explained.enforced).toContain('cgroup:hugetlb');
  });

  it('past the deadline: killed with a child that had left session and parent', () => {
    const { answer, straggler, alive } = factsOf(place).overdue;
    expect(answer).toMatchObject({ exitCode: 1, stdout: '', explained: { outcome: 'timedOut' } });
    expect(straggler).toMatch(/^\d+$/);
    expect(alive).toBe(false);
  });

  it('a hook that calls the supervisor itself is not let out of its leaf', () => {
    const { nested } = factsOf(place);
    expect(nested.exitCode).toBe(0);
    const explained = JSON.parse(nested.stdout) as Explanation;
    expect(explained).toMatchObject({ path: 'direct', outcome: 'answered' });
    expect(explained.why).toContain('confined peer');
  });

  it('after the end no group is left, and the shell is where it was', () => {
    const { exit, before, after, groupsLeft } = factsOf(place);
    expect(exit).toBe(0);
    expect(after).toBe(before);
    expect(groupsLeft).toEqual([]);
  });
});

it('a second daemon in the same group does not touch the first one’s processes', () => {
  const { driver, before, whileThere, after } = factsOf('root').neighbours;
  expect(driver).toBe('v2');
  expect(before.length).toBeGreaterThan(0);
  expect(whileThere).toEqual(before);
  expect(after).toEqual(before);
});

it('daemon killed: its workers are gone, and the next one starts clean in the same group', () => {
  const { killed, before } = factsOf('user');
  expect(killed.workers.length).toBeGreaterThan(4);
  expect(killed.alive).toEqual([]);
  expect(killed.parked.length).toBeGreaterThanOrEqual(4);
  for (const seen of killed.parked) expectOwnLeaf(seen, `${before}/w`);
});

describe('read-only cgroup, as in a container', () => {
  it('driver none, with reason and remedy, and no limit is claimed but what the keeper itself holds', () => {
    const { status, parked, where } = factsOf('readOnly');
    expect(status.driver).toBe('none');
    expect(status.degraded).toEqual([
      { layer: 'cgroup', reason: expect.stringContaining('read-only'), remedy: expect.stringMatching(/./) },
    ]);
    const [pool] = status.pools;
    expect(pool?.limits).toEqual({
      memoryMaxBytes: MEMORY_MAX_BYTES,
      pidsMax: null,
      cpuMax: null,
      cpuTimeMaxMs: 60_000,
    });
    for (const { told: path } of parked) expect(path).toBeNull();
    for (const layers of [pool?.enforced, where.explained.enforced]) {
      expect(layers?.filter((layer) => layer.startsWith('cgroup'))).toEqual([]);
    }
  });

  it('hooks are answered all the same', () => {
    const { where, exit } = factsOf('readOnly');
    expect(where).toMatchObject({ exitCode: 0, stdout: '0::/\n', explained: { path: 'exec', outcome: 'answered' } });
    expect(exit).toBe(0);
  });
});

describe('supervisor doctor', () => {
  interface Found {
    isolation: { class: string; above: { class: string; lacking: string[] } | null };
  }

  function found(place: string): Found['isolation'] {
    const { stdout, stderr } = told[place] ?? { stdout: '{}', stderr: 'nothing told' };
    const { isolation } = JSON.parse(stdout) as Found;
    expect(isolation, stderr).toBeTruthy();
    return isolation;
  }

  it('finds every layer as root, and all but another uid as an ordinary user', () => {
    expect(found('doctorOfRoot')).toMatchObject({ class: 'A', above: null });
    expect(found('doctorOfUser')).toMatchObject({ class: 'B', above: { class: 'A', lacking: ['otherUid'] } });
  });

  it('counts no cgroup that cannot be written', () => {
    expect(found('doctorReadOnly')).toMatchObject({ class: 'D', above: { class: 'C', lacking: ['cgroup'] } });
  });
});

it('the keeper’s own tests of its groups pass', () => {
  const { exitCode, stderr } = told.keeper ?? { exitCode: -1, stderr: 'nothing told' };
  expect(exitCode, stderr).toBe(0);
  expect(Number(/^Ran (\d+) tests/m.exec(stderr)?.[1])).toBeGreaterThan(5);
});
