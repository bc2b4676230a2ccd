import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { Descent } from '../../../supervisor/validating/descent.js';

/** Of each process; 0: none that we know of. */
let parents: Record<number, number>;
let startTicks: string;
/** Whom was asked for. */
let looks: number[];
let ours: Set<number>;
let descent: Descent;
beforeEach(() => {
  parents = { 1: 0, 10: 1, 20: 10, 30: 20, 40: 10 };
  startTicks = '5';
  looks = [];
  ours = new Set([20]);
  descent = new Descent(
    () => ours,
    (pid) => {
      looks.push(pid);
      const parentPid = parents[pid];
      return parentPid === undefined ? undefined : { parentPid, startTicks };
    },
  );
});
const isOurs = (pid: number) => descent.isOurs(pid);

test('one of ours, its child and what that has started are ours; those above and beside it are not', () => {
  parents[31] = 30;
  expect([20, 30, 31, 40, 10, 1].map(isOurs)).toEqual([true, true, true, false, false, false]);
});

test('any tree: ours is who has one of ours among his parents', () => {
  const tree = fc.array(fc.nat(), { minLength: 1, maxLength: 60, size: 'max' });
  fc.assert(
    fc.property(tree, fc.uniqueArray(fc.integer({ min: 2, max: 60 })), fc.string(), (choices, some, ticks) => {
      startTicks = ticks;
      parents = { 1: 0 };
      choices.forEach((choice, at) => {
        parents[at + 2] = (choice % (at + 1)) + 1;
      });
      ours = new Set(some);
      const fresh = new Descent(
        () => ours,
        (pid) => ({ parentPid: parents[pid] ?? 0, startTicks: ticks }),
      );
      for (const pid of Object.keys(parents).map(Number)) {
        const line: number[] = [];
        for (let at = pid; at !== 0; at = parents[at] ?? 0) line.push(at);
        expect(fresh.isOurs(pid)).toBe(line.some((one) => ours.has(one)));
      }
    }),
  );
});

describe('a parent of whom nothing can be seen', () => {
  test('since it has just ended: those count whom the kernel has given its children', () => {
    parents[31] = 30;
    delete parents[30];
    const before = parents;
    descent = new Descent(
      () => ours,
      (pid) => {
        const parentPid = before[pid];
        if (pid === 31) before[31] = 20;
        return parentPid === undefined ? undefined : { parentPid, startTicks };
      },
    );
    expect(isOurs(31)).toBe(true);
  });

  test('since it is hidden: not ours; nor is a client that is gone', () => {
    delete parents[10];
    expect(isOurs(40)).toBe(false);
    expect(isOurs(99)).toBe(false);
    expect(isOurs(0)).toBe(false);
  });
});

describe('what was found', () => {
  test('of an agent is known from then on: of its next client only the steps up to it are looked at', () => {
    isOurs(40);
    looks.splice(0);
    Object.assign(parents, { 50: 40 });
    expect(isOurs(50)).toBe(false);
    expect(looks).toEqual([50, 40]);
  });

  test('is of that process, not of another that has its number now', () => {
    isOurs(40);
    startTicks = '6';
    parents[40] = 20;
    expect(isOurs(40)).toBe(true);
  });

  test('is forgotten where it was not met for long, never who is met again and again', () => {
    isOurs(40);
    for (let pid = 100; pid < 100 + LIMITS.elsewhereKnownMax; pid++) {
      parents[pid] = 40;
      isOurs(pid);
    }
    looks.splice(0);
    isOurs(40);
    isOurs(10);
    isOurs(100);
    expect(looks).toEqual([40, 10, 1, 100, 40]);
  });
});

test('more parents than any agent has: taken for ours, after a bounded number of looks', () => {
  descent = new Descent(
    () => new Set(),
    (pid) => {
      looks.push(pid);
      return { parentPid: pid + 1, startTicks };
    },
  );
  expect(isOurs(1)).toBe(true);
  expect(looks).toHaveLength(LIMITS.ancestorLooksMax);
});
