/** Driver v1: the product as root on a host whose controllers are on cgroup v1, with a v2 tree beside them. */
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { Explanation } from '../../supervisor/contract/outcome.js';
import type { RunningStatus } from '../../supervisor/contract/status.js';
import { inGuest } from './in-guest.js';

const MEMORY_MAX_BYTES = 96 * 1024 * 1024; // as collect.py sets them
const PIDS_MAX = 40;

interface Answer {
  exitCode: number;
  stdout: string;
  stderr: string;
  explained: Explanation;
}

interface Facts {
  exit: number;
  status: RunningStatus;
  where: Answer;
  warm: Answer;
  hungry: Answer;
  neighbour: Answer;
  many: Answer;
  overdue: { answer: Answer; alive: boolean };
  nested: Answer;
  killed: { workers: number[]; alive: number[] };
}

interface Told {
  product: { exitCode: number; stdout: string; stderr: string };
  groupsLeft: string[];
  keeper: { exitCode: number; stdout: string; stderr: string };
}

// Debian's 6.12 is built without the v1 files of memory.
const guest = inGuest('guest/hybrid.py', 300, ['--kernel', '6.1', '--hybrid']);
let told: Told;
let facts: Facts;

beforeAll(async () => {
  const printed = await guest.boot();
  if (printed === undefined) return;
  told = JSON.parse(printed) as Told;
  expect(told.product.exitCode, told.product.stderr).toBe(0);
  facts = JSON.parse(told.product.stdout) as Facts;
}, guest.timeoutMs);

beforeEach(guest.skipWithout);

it('auto takes v1, and status says what it does not give', () => {
  expect(facts.status.driver).toBe('v1');
  expect(facts.status.degraded).toEqual([
    { layer: 'cgroup:v1', reason: expect.stringContaining('loses one process'), remedy: expect.stringMatching(/./) },
  ]);
});

it.each(['where', 'warm'] as const)('%s: the hook is in its leaf of the v2 tree and of every hierarchy', (name) => {
  const { stdout, explained } = facts[name];
  const path = stdout.match(/0::(\/hook-supervisor\/[^/]+\/[^/]+\/slot-\d+)\n/)?.[1];
  expect(path).toBeDefined();
  for (const list of ['memory', 'pids', 'cpu,cpuacct']) expect(stdout).toContain(`:${list}:${path}\n`);
  expect(explained.enforced).toEqual(
    expect.arrayContaining(['cgroup:memory', 'cgroup:pids', 'cgroup:cpu', 'cgroup:kill']),
  );
});

it('memory over the limit: limitHit with its peak, and its neighbour answers', () => {
  const { hungry, neighbour } = facts;
  expect(hungry).toMatchObject({ exitCode: 1, stdout: '', explained: { outcome: 'limitHit' } });
  expect(hungry.stderr).toBe(`hook-supervisor: hook stopped: memory limit of ${MEMORY_MAX_BYTES} reached\n`);
  expect(hungry.explained.usage?.memoryPeakBytes).toBeGreaterThan(MEMORY_MAX_BYTES * 0.9);
  expect(neighbour).toMatchObject({ exitCode: 0, stdout: 'neighbour got word\n', stderr: '' });
});

it('too many processes: fork fails with EAGAIN at the limit, and the hook answers', () => {
  expect(facts.many).toMatchObject({ exitCode: 0, stdout: `${PIDS_MAX - 1} 11\n`, explained: { outcome: 'answered' } });
});

it('past the deadline: killed with a child that had left session and parent', () => {
  expect(facts.overdue).toMatchObject({ answer: { exitCode: 1, explained: { outcome: 'timedOut' } }, alive: false });
});

it('a hook that calls the supervisor itself is not let out of its leaf', () => {
  expect(JSON.parse(facts.nested.stdout)).toMatchObject({
    path: 'direct',
    why: expect.stringContaining('confined peer'),
  });
});

it('daemon killed: its workers are gone; after the next one ends no group is left in any hierarchy', () => {
  expect(facts.killed.workers.length).toBeGreaterThan(4);
  expect(facts.killed.alive).toEqual([]);
  expect(facts.exit).toBe(0);
  expect(told.groupsLeft).toEqual([]);
});

it('the keeper’s own tests of its groups pass', () => {
  expect(told.keeper.exitCode, told.keeper.stderr).toBe(0);
  expect(Number(/^Ran (\d+) tests/m.exec(told.keeper.stderr)?.[1])).toBeGreaterThan(10);
});
