import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ValidatorOutcome } from '../../../supervisor/contract/validating.js';
import { type Dependent, orderOf } from '../../../supervisor/scheduler/graph.js';
import { GraphRun } from '../../../supervisor/scheduler/graph-run.js';

const nameOf = (at: number) => `v${at}`;

/** Links as drawn, or only such to earlier ones, which close no cycle. */
function validatorsOf(links: readonly number[][], onlyBack: boolean): Dependent[] {
  return links.map((targets, at) => ({
    name: nameOf(at),
    dependsOn: targets.filter((target) => target < (onlyBack ? at : links.length)).map(nameOf),
  }));
}

const links = fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { maxLength: 10, size: 'max' });

function problemsOf(...validators: [name: string, ...dependsOn: string[]][]) {
  const ordered = orderOf(validators.map(([name, ...dependsOn]) => ({ name, dependsOn })));
  return ordered.ok ? [] : ordered.problems;
}

describe('the order of validators', () => {
  test('each stands once, in the first level that all it depends on stand before', () => {
    fc.assert(
      fc.property(links, (drawn) => {
        const validators = validatorsOf(drawn, true);
        const ordered = orderOf(validators);
        expect(ordered.ok).toBe(true);
        if (!ordered.ok) return;
        expect(ordered.levels.flat().sort()).toEqual(validators.map(({ name }) => name).sort());
        const levelOf = (name: string) => ordered.levels.findIndex((level) => level.includes(name));
        for (const { name, dependsOn } of validators)
          expect(levelOf(name)).toBe(Math.max(0, ...dependsOn.map((other) => levelOf(other) + 1)));
      }),
    );
  });

  test('a cycle is reported exactly where there is one, each by a path of links; without one link of each there is none', () => {
    fc.assert(
      fc.property(links, (drawn) => {
        const validators = validatorsOf(drawn, false);
        const ordered = orderOf(validators);
        expect(ordered.ok).toBe(isWithoutCycle(validators));
        if (ordered.ok) return;
        const broken = new Map(validators.map(({ name, dependsOn }) => [name, new Set(dependsOn)]));
        for (const problem of ordered.problems) {
          const path = problem.kind === 'cycle' ? problem.path : [];
          expect(path.length).toBeGreaterThan(1);
          expect(path.at(-1)).toBe(path[0]);
          for (const [at, name] of path.slice(1).entries())
            expect(validators.find((one) => one.name === path[at])?.dependsOn).toContain(name);
          broken.get(path.at(-2) ?? '')?.delete(path.at(-1) ?? '');
        }
        expect(isWithoutCycle([...broken].map(([name, left]) => ({ name, dependsOn: [...left] })))).toBe(true);
      }),
    );
  });

  test('all problems are told at once', () => {
    const problems = problemsOf(['a', 'b', 'gone'], ['b', 'a'], ['c', 'c', 'lost'], ['d'], ['d']);
    expect(problems).toEqual([
      { kind: 'twice', name: 'd' },
      { kind: 'unknown', name: 'a', missing: 'gone' },
      { kind: 'unknown', name: 'c', missing: 'lost' },
      { kind: 'cycle', path: ['a', 'b', 'a'] },
      { kind: 'cycle', path: ['c', 'c'] },
    ]);
  });
});

describe('one event', () => {
  const graphOf = (validators: readonly Dependent[]) => {
    const ordered = orderOf(validators);
    if (!ordered.ok) throw new Error('not a graph');
    return ordered.graph;
  };
  const answered: ValidatorOutcome = { kind: 'answered', verdict: {} };
  const failed: ValidatorOutcome = { kind: 'failed', cause: 'timedOut', message: 'no answer in 5 ms' };

  test('each is told once: ready after all it depends on have answered, skipped as soon as one of them has not', () => {
    const chosen = fc.array(fc.record({ isAsked: fc.boolean(), fails: fc.boolean() }), {
      minLength: 10,
      maxLength: 10,
    });
    fc.assert(
      fc.property(links, chosen, fc.array(fc.nat(9), { maxLength: 10, size: 'max' }), (drawn, how, picks) => {
        const validators = validatorsOf(drawn, true);
        const asked = validators.map(({ name }) => name).filter((_, at) => how[at]?.isAsked);
        const run = new GraphRun(graphOf(validators), asked);
        const wanted = new Map(
          validators.map(({ name, dependsOn }) => [name, dependsOn.filter((other) => asked.includes(other))]),
        );
        const ended = new Map<string, ValidatorOutcome>();
        const running = [...run.first];
        const told = [...run.first];
        while (running.length > 0) {
          const [name = ''] = running.splice((picks.shift() ?? 0) % running.length, 1);
          const outcome = how[Number(name.slice(1))]?.fails ? failed : answered;
          ended.set(name, outcome);
          const { ready, skipped } = run.ended(name, outcome);
          for (const one of skipped) ended.set(one.name, one.outcome);
          for (const one of ready)
            expect((wanted.get(one) ?? []).map((other) => ended.get(other)?.kind)).not.toContain(undefined);
          running.push(...ready);
          told.push(...ready, ...skipped.map((one) => one.name));
        }
        expect(told.sort()).toEqual([...asked].sort());
        for (const name of asked) {
          const mustSkip = (wanted.get(name) ?? []).some((other) => ended.get(other)?.kind !== 'answered');
          expect(ended.get(name)?.kind === 'skipped').toBe(mustSkip);
        }
      }),
    );
  });

  test('a validator behind one that failed is skipped with the reason at once, though another still runs', () => {
    const graph = graphOf([
      { name: 'parse', dependsOn: [] },
      { name: 'slow', dependsOn: [] },
      { name: 'judge', dependsOn: ['parse', 'slow'] },
      { name: 'record', dependsOn: ['judge'] },
    ]);
    const run = new GraphRun(graph, ['parse', 'slow', 'judge', 'record']);
    const outcome = { kind: 'skipped', because: 'it depends on parse, which failed (timedOut): no answer in 5 ms' };
    expect(run.ended('parse', failed)).toEqual({
      ready: [],
      skipped: [
        { name: 'judge', outcome },
        { name: 'record', outcome },
      ],
    });
    expect(run.ended('slow', answered)).toEqual({ ready: [], skipped: [] });
  });
});

function isWithoutCycle(validators: readonly Dependent[]): boolean {
  let left = validators;
  for (;;) {
    const names = new Set(left.map(({ name }) => name));
    const blocked = left.filter(({ dependsOn }) => dependsOn.some((other) => names.has(other)));
    if (blocked.length === left.length) return left.length === 0;
    left = blocked;
  }
}
