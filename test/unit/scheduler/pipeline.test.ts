/** Runs through stages: order, time, fallbacks, and that each ends once and within its bounds. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Ended, type Failure, type Part, Pipeline, type Stage } from '../../../supervisor/scheduler/pipeline.js';
import { FakeClock } from '../../lib/fake-clock.js';

interface Run {
  said: string[];
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

let clock: FakeClock;
let troubles: string[];
beforeEach(() => {
  clock = new FakeClock();
  troubles = [];
});

const part = (name: string, made: Partial<Part<Run>> = {}): Part<Run> => ({
  ...{ name, isWanted: () => true, timeoutMs: 100, atOnceMax: 10 },
  run: (run) => () => void run.said.push(name),
  ...made,
});
const stage = (name: string, parts: Part<Run>[], made: Partial<Stage<Run>> = {}): Stage<Run> => ({
  ...{ name, parts, isOptional: false, isAlways: false, isAfterwards: false },
  ...made,
});
/** Says its name once so much time has passed. */
const slow = (name: string, ms: number, made: Partial<Part<Run>> = {}) =>
  part(name, {
    run: (run) => new Promise((resolve) => void clock.after(ms, () => resolve(() => void run.said.push(name)))),
    ...made,
  });
const never = (name: string, made: Partial<Part<Run>> = {}) =>
  part(name, { run: () => new Promise(() => {}), ...made });

function pipeline(stages: Stage<Run>[], runsMax = 10): Pipeline<Run> {
  const troubled = ({ part: where, trouble }: Failure) => void troubles.push(`${where} ${trouble}`);
  return new Pipeline(stages, { clock, runsMax, soon: setImmediate, troubled });
}

async function passed(running: Promise<Ended>, ms = 0): Promise<Ended | 'runs'> {
  await settled();
  clock.pass(ms);
  await settled();
  return Promise.race([running, settled().then(() => 'runs' as const)]);
}

describe('stages', () => {
  test('go one after the other, their parts side by side', async () => {
    const run: Run = { said: [] };
    const all = pipeline([stage('one', [slow('a', 20), slow('b', 10)]), stage('two', [part('c')])]);
    const running = all.run(run);
    expect(await passed(running, 10)).toBe('runs');
    expect(run.said).toEqual(['b']);
    expect(await passed(running, 10)).toEqual({ kind: 'done' });
    expect(run.said).toEqual(['b', 'a', 'c']);
  });

  test('a part that is not wanted, or answers at once, sets no timer', async () => {
    const run: Run = { said: [] };
    const all = pipeline([stage('one', [never('a', { isWanted: () => false }), part('b')])]);
    expect(await passed(all.run(run))).toEqual({ kind: 'done' });
    expect(clock.timers).toEqual([]);
    expect(all.counts().map(({ name, runs }) => [name, runs])).toEqual([
      ['one a', 0],
      ['one b', 1],
    ]);
  });

  test('more runs than there may be are refused, until one has ended', async () => {
    const all = pipeline([stage('one', [slow('a', 10)])], 1);
    const first = all.run({ said: [] });
    expect(await passed(all.run({ said: [] }))).toEqual({ kind: 'full' });
    await passed(first, 10);
    expect(await passed(all.run({ said: [] }), 10)).toEqual({ kind: 'done' });
  });
});

describe('a part that is over its time', () => {
  test('ends the run at that time, and changes nothing when it comes', async () => {
    const run: Run = { said: [] };
    const running = pipeline([stage('one', [slow('a', 150)]), stage('two', [part('b')])]).run(run);
    expect(await passed(running, 99)).toBe('runs');
    expect(await passed(running, 1)).toEqual({ kind: 'failed', part: 'one a', trouble: 'late' });
    await passed(running, 100);
    expect(run.said).toEqual([]);
    expect(troubles).toEqual(['one a late']);
  });

  test('falls back, where there is something to fall back to', async () => {
    const run: Run = { said: [] };
    const fallback = ({ said }: Run, trouble: string) => void said.push(`instead, ${trouble}`);
    const all = pipeline([stage('one', [never('a', { fallback })]), stage('two', [part('b')])]);
    expect(await passed(all.run(run), 100)).toEqual({ kind: 'done' });
    expect(run.said).toEqual(['instead, late', 'b']);
    expect(all.counts()[0]).toEqual({ name: 'one a', runs: 1, late: 1, failed: 0, busy: 0, fellBack: 1 });
  });

  test('of an optional stage is left out', async () => {
    const run: Run = { said: [] };
    const all = pipeline([stage('one', [never('a')], { isOptional: true }), stage('two', [part('b')])]);
    expect(await passed(all.run(run), 100)).toEqual({ kind: 'done' });
    expect(run.said).toEqual(['b']);
  });

  test('is told by one timer for all runs, each at its own time', async () => {
    const all = pipeline([stage('one', [never('a')])]);
    const first = all.run({ said: [] });
    await passed(first, 60);
    const second = all.run({ said: [] });
    expect(clock.timers).toHaveLength(1);
    expect(await passed(first, 40)).toMatchObject({ trouble: 'late' });
    expect(await passed(second, 59)).toBe('runs');
    expect(await passed(second, 1)).toMatchObject({ trouble: 'late' });
  });

  test('counts as under way until it comes: what hangs does not become ever more', async () => {
    const run: Run = { said: [] };
    const all = pipeline([stage('one', [slow('a', 150, { atOnceMax: 1 })])]);
    await passed(all.run(run), 100);
    expect(await passed(all.run(run))).toEqual({ kind: 'failed', part: 'one a', trouble: 'busy' });
    await passed(Promise.resolve({ kind: 'done' }), 50);
    expect(await passed(all.run(run), 100)).toMatchObject({ trouble: 'late' });
    expect(troubles).toEqual(['one a late', 'one a busy', 'one a late']);
  });
});

describe('a part that fails', () => {
  test.each([
    [
      'at once',
      () => {
        throw new Error('oops');
      },
    ],
    ['later', () => Promise.reject(new Error('oops'))],
  ])('%s: the run has failed, only what is always done follows', async (_when, run) => {
    const it: Run = { said: [] };
    const all = pipeline([
      stage('one', [part('a', { run }), part('b')]),
      stage('two', [part('c')]),
      stage('three', [part('d')], { isAlways: true }),
    ]);
    expect(await passed(all.run(it))).toEqual({
      kind: 'failed',
      part: 'one a',
      trouble: 'failed',
      error: new Error('oops'),
    });
    expect(it.said).toEqual(['b', 'd']);
  });

  test('of several the first that is declared is told', async () => {
    const run = () => Promise.reject(new Error('later'));
    const all = pipeline([
      stage('one', [
        never('a'),
        part('b', { run }),
        part('c', {
          run: () => {
            throw new Error('c');
          },
        }),
      ]),
    ]);
    const running = all.run({ said: [] });
    expect(await passed(running, 100)).toMatchObject({ part: 'one a', trouble: 'late' });
  });
});

test('whatever its parts do: each run ends once, within the times of its stages, in their order', async () => {
  const anyPart = fc.record({
    ms: fc.integer({ min: 0, max: 150 }),
    timeoutMs: fc.integer({ min: 1, max: 100 }),
    how: fc.constantFrom('now', 'later', 'never', 'throws', 'rejects'),
    fallsBack: fc.boolean(),
    isWanted: fc.boolean(),
  });
  const anyStage = fc.record({
    parts: fc.array(anyPart, { maxLength: 3 }),
    isOptional: fc.boolean(),
    isAlways: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(anyStage, { maxLength: 4 }), async (made) => {
      clock = new FakeClock();
      const order: number[] = [];
      const stages = made.map(({ parts, ...rest }, at) =>
        stage(
          `s${at}`,
          parts.map(({ ms, timeoutMs, how, fallsBack, isWanted }, n) => {
            const run = (it: Run) => {
              order.push(at);
              if (how === 'throws') throw new Error('oops');
              if (how === 'rejects') return Promise.reject(new Error('oops'));
              if (how === 'now') return undefined;
              return new Promise<() => void>((resolve) => {
                if (how === 'later') clock.after(ms, () => resolve(() => void it.said.push(`s${at} p${n}`)));
              });
            };
            return part(`p${n}`, { run, timeoutMs, isWanted: () => isWanted, ...(fallsBack ? { fallback() {} } : {}) });
          }),
          rest,
        ),
      );
      const all = pipeline(stages);
      const run: Run = { said: [] };
      let ends = 0;
      const running = all.run(run).then((end) => {
        ends++;
        return end;
      });
      const mostMs = made.reduce((sum, { parts }) => sum + Math.max(0, ...parts.map(({ timeoutMs }) => timeoutMs)), 0);
      await settled();
      for (let ms = 0; ms <= mostMs && ends === 0; ms++) {
        clock.pass(1);
        await settled();
      }
      expect(ends).toBe(1);
      const saidAtEnd = [...run.said];
      clock.pass(1000);
      await settled();
      expect(run.said).toEqual(saidAtEnd);
      expect(order).toEqual([...order].sort((a, b) => a - b));
      const end = await running;
      const counts = all.counts();
      const untaken = counts.filter(({ late, failed, busy, fellBack }) => late + failed + busy > fellBack);
      const fatal = untaken.filter(({ name }) => made[Number(name.slice(1, 2))]?.isOptional === false);
      expect(end.kind).toBe(fatal.length === 0 ? 'done' : 'failed');
    }),
    { numRuns: 100 },
  );
});
