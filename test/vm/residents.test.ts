/** Validators in Python on a real cgroup v2, in a guest of its own, for an ordinary user. The guest runs residents.py, which
 *  collects; what it collected is judged here. */
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { ValidatorStatus } from '../../supervisor/contract/validating.js';
import { inGuest } from './in-guest.js';

const GUEST_TIMEOUT_S = 300; // 30 on a quiet machine without KVM; a loaded one takes several times that

// As collect.py sets them.
const MEMORY_MAX_BYTES = 96 * 1024 * 1024;
const PIDS_MAX = 40;
/** In its leaf: a worker, and the two processes around its sandbox. */
const PROCESSES = 3;

interface Leaf {
  pid: number;
  group: string;
  files: Record<string, string>;
}

interface Seen {
  validators: Record<'bomb' | 'sibling', ValidatorStatus & { leaves: Leaf[] }>;
  zygotes: Leaf[];
}

interface Answer {
  exitCode: number;
  stdout: string;
}

interface Facts {
  group: string;
  calm: Answer;
  before: Seen;
  bomb: Answer;
  after: Seen;
  again: Answer;
  end: Seen;
  exit: number;
  groupsLeft: string[];
}

const guest = inGuest('guest/residents_root.py', GUEST_TIMEOUT_S);
let facts: Facts;

beforeAll(async () => {
  const told = await guest.boot();
  if (told === undefined) return;
  const { exitCode, stdout, stderr } = JSON.parse(told).residents;
  expect(exitCode, stderr).toBe(0);
  facts = JSON.parse(stdout) as Facts;
}, guest.timeoutMs);

beforeEach(guest.skipWithout);

function verdict({ exitCode, stdout }: Answer) {
  expect(exitCode).toBe(0);
  const { permissionDecision, permissionDecisionReason, additionalContext } = JSON.parse(stdout).hookSpecificOutput;
  return { decision: permissionDecision, reason: permissionDecisionReason, context: additionalContext };
}

/** The group that a zygote and all that it has forked are below. */
const poolOf = (leaf: Leaf | undefined) => leaf?.group.replace(/\/[^/]+$/, '');

it('each forked worker is with its sandbox in a leaf of its own, with the limits of one task', () => {
  const { group, before } = facts;
  const leaves = [...before.validators.bomb.leaves, ...before.validators.sibling.leaves];
  expect(new Set(leaves.map((leaf) => leaf.group)).size).toBe(2);
  for (const leaf of leaves) {
    expect(leaf.group.startsWith(`${group}/w/`), leaf.group).toBe(true);
    expect(poolOf(leaf)).toBe(poolOf(before.zygotes[0]));
    const { 'cgroup.procs': processes, ...limits } = leaf.files;
    expect(limits).toEqual({
      'memory.max': String(MEMORY_MAX_BYTES),
      'memory.swap.max': '0',
      'memory.oom.group': '1',
      'pids.max': String(PIDS_MAX),
    });
    const pids = processes?.split('\n') ?? [];
    expect(pids).toContain(String(leaf.pid));
    expect(pids).toHaveLength(PROCESSES);
  }
});

it('there is one zygote, alone in its leaf', () => {
  const [zygote, ...others] = facts.before.zygotes;
  expect(others).toEqual([]);
  expect(zygote?.files['cgroup.procs']).toBe(String(zygote?.pid));
});

it('one that takes more than its limit is a limit hit of its own, and onFailure says what that means', () => {
  const { calm, bomb, after } = facts;
  expect(verdict(calm)).toEqual({ context: 'bomb is calm\n\nsibling lives' });
  const { decision, reason } = verdict(bomb);
  expect(decision).toBe('deny');
  expect(reason).toContain(
    `bomb failed (limitHit): its worker was ended at its memory limit of ${MEMORY_MAX_BYTES} bytes`,
  );
  expect(after.validators.bomb).toMatchObject({ failed: 1, deaths: [{ cause: 'limitHit', count: 1 }] });
});

it('its sibling answers that very question, and goes on in the same process, as the zygote does', () => {
  const { bomb, before, after, end } = facts;
  expect(verdict(bomb).context).toBe('sibling lives');
  for (const { validators, zygotes } of [after, end]) {
    expect(validators.sibling).toMatchObject({ failed: 0, restarts: 0, deaths: [] });
    expect(validators.sibling.leaves).toEqual(before.validators.sibling.leaves);
    expect(zygotes).toEqual(before.zygotes);
  }
});

it('the next worker of it is forked from the same zygote and answers; in the end no group is left', () => {
  const { again, before, end, exit, groupsLeft } = facts;
  expect(verdict(again)).toEqual(verdict(facts.calm));
  const [was, is] = [before, end].map(({ validators }) => validators.bomb.leaves[0]);
  expect(is?.pid).not.toBe(was?.pid);
  expect(poolOf(is)).toBe(poolOf(end.zygotes[0]));
  expect(exit).toBe(0);
  expect(groupsLeft).toEqual([]);
});
