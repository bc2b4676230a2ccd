import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CREDIT_WINDOW_BYTES, Refusal } from '../../../supervisor/contract/wire.js';
import { CallCounters } from '../../../supervisor/scheduler/counters.js';
import { DeclinedPrograms } from '../../../supervisor/scheduler/declined.js';
import { OutputFlow, StdinFlow } from '../../../supervisor/scheduler/flow.js';
import { WaitingCalls } from '../../../supervisor/scheduler/queue.js';

describe('waiting calls', () => {
  test('first come, first served, per pool', () => {
    const waiting = new WaitingCalls<string>({ perPoolMax: 3, totalMax: 10 });
    for (const item of ['a', 'b']) waiting.add('p', item);
    waiting.add('q', 'c');
    expect([waiting.next('p'), waiting.next('p'), waiting.next('p'), waiting.next('q')]).toEqual([
      'a',
      'b',
      undefined,
      'c',
    ]);
  });

  test('bounds hold whatever is added, taken and removed', () => {
    const step = fc.tuple(
      fc.constantFrom('add', 'add', 'next', 'remove', 'takeAll'),
      fc.constantFrom('p', 'q', 'r'),
      fc.nat(5),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const waiting = new WaitingCalls<number>({ perPoolMax: 4, totalMax: 7 });
        const model = new Map<string, number[]>();
        for (const [what, pool, item] of steps) {
          const queue = model.get(pool) ?? [];
          model.set(pool, queue);
          const total = [...model.values()].reduce((sum, one) => sum + one.length, 0);
          if (what === 'add') {
            const fits = queue.length < 4 && total < 7;
            expect(waiting.add(pool, item)).toBe(fits);
            if (fits) queue.push(item);
          } else if (what === 'takeAll') {
            expect(waiting.takeAll().sort()).toEqual([...model.values()].flat().sort());
            model.clear();
          } else if (what === 'next') expect(waiting.next(pool)).toBe(queue.shift());
          else {
            const at = queue.indexOf(item);
            expect(waiting.remove(pool, item)).toBe(at >= 0);
            if (at >= 0) queue.splice(at, 1);
          }
          expect(waiting.size).toBe([...model.values()].reduce((sum, one) => sum + one.length, 0));
        }
      }),
    );
  });
});

describe('stdin flow', () => {
  const half = Buffer.alloc(CREDIT_WINDOW_BYTES / 2);
  const drain = (flow: StdinFlow) => {
    let bytes = 0;
    for (let piece = flow.next(); piece !== undefined; piece = flow.next()) bytes += piece.bytes.length;
    return bytes;
  };

  test('a window waiting or in flight -> pause once; half of it left -> resume once', () => {
    const flow = new StdinFlow();
    expect([flow.offer(half, false), flow.offer(half, false), flow.offer(half, false)]).toEqual([false, true, false]);
    drain(flow);
    expect([flow.taken(half.length), flow.taken(half.length), flow.taken(1)]).toEqual([false, true, false]);
  });

  test('never more than a window is in flight, and nothing is lost', () => {
    const chunks = fc.array(fc.tuple(fc.nat(200_000), fc.nat(100)), { maxLength: 30 });
    fc.assert(
      fc.property(chunks, (steps) => {
        const flow = new StdinFlow();
        let offered = 0;
        let sent = 0;
        let taken = 0;
        for (const [size, percent] of steps) {
          flow.offer(Buffer.alloc(size), false);
          offered += size;
          sent += drain(flow);
          expect(sent - taken).toBeLessThanOrEqual(CREDIT_WINDOW_BYTES);
          const now = Math.floor(((sent - taken) * percent) / 100);
          flow.taken(now);
          taken += now;
        }
        flow.offer(Buffer.alloc(0), true);
        while (sent < offered) {
          flow.taken(sent - taken);
          taken = sent;
          sent += drain(flow);
        }
        expect(sent).toBe(offered);
      }),
      { numRuns: 30 },
    );
  });

  test('the end goes with the last piece, or alone, and once', () => {
    const flow = new StdinFlow();
    flow.offer(Buffer.from('ab'), true);
    expect([flow.next()?.last, flow.next()]).toEqual([true, undefined]);
    const empty = new StdinFlow();
    expect(empty.next()).toBeUndefined();
    empty.offer(Buffer.alloc(0), true);
    expect([empty.next()?.last, empty.next()]).toEqual([true, undefined]);
  });

  test('restart sends all bytes and the end again, until too much has gone', () => {
    const flow = new StdinFlow();
    flow.offer(Buffer.from('ab'), false);
    flow.next();
    flow.offer(Buffer.from('c'), true);
    expect(flow.restart()).toBe(true);
    expect([flow.next(), flow.next()]).toEqual([
      { bytes: Buffer.from('ab'), last: false },
      { bytes: Buffer.from('c'), last: true },
    ]);
    const long = new StdinFlow();
    for (let i = 0; i < 6; i++) {
      long.offer(half, false);
      drain(long);
      long.taken(half.length);
    }
    expect(long.restart()).toBe(false);
  });
});

describe('output flow', () => {
  test('output the client has not taken is credited only when it has', () => {
    const flow = new OutputFlow();
    expect(flow.passed(CREDIT_WINDOW_BYTES, false)).toBe(0);
    expect(flow.drained()).toBe(CREDIT_WINDOW_BYTES);
    expect(flow.drained()).toBe(0);
  });

  test('small output is credited in steps, and nothing is lost between', () => {
    const flow = new OutputFlow();
    let credited = 0;
    for (let i = 0; i < 1000; i++) credited += flow.passed(1000, true);
    expect(credited + flow.drained()).toBe(1_000_000);
    expect(credited).toBeGreaterThan(900_000);
  });
});

test('a declined program is remembered for a while, and the memory is bounded', () => {
  let nowMs = 0;
  const declined = new DeclinedPrograms({ nowMs: () => nowMs, after: () => () => {} });
  declined.add('first');
  expect(declined.has('first')).toBe(true);
  nowMs += 11_000;
  expect(declined.has('first')).toBe(false);
  for (let i = 0; i < 300; i++) declined.add(`p${i}`);
  expect(declined.has('p0')).toBe(false);
  expect(declined.has('p299')).toBe(true);
});

test('counters: active falls with every end, refusals are direct, but for want of a level', () => {
  const counters = new CallCounters();
  for (let i = 0; i < 3; i++) counters.taken();
  counters.takenBySwitchboard();
  counters.outcome('answered', 'worker');
  counters.refused(Refusal.NO_WORKER);
  counters.refused(Refusal.LEVEL_UNAVAILABLE);
  expect(counters.snapshot()).toEqual({
    total: 4,
    active: 1,
    byOutcome: { answered: 1, refused: 2 },
    byPath: { worker: 1, exec: 0, direct: 1 },
    switched: 1,
  });
});
