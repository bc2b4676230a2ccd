import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { BATCH_STRATEGIES, PRIORITIES } from '../../../supervisor/contract/validating.js';
import { Batcher, type BatcherRules, type BatchItem } from '../../../supervisor/scheduler/batcher.js';
import { Sizer } from '../../../supervisor/scheduler/batching/sizer.js';

const RULES: BatcherRules = { strategy: 'adaptive', maxBatchSize: 100, maxWaitMs: 50, workers: 1, targetMs: 50 };

let count = 0;

function item(changes: Partial<BatchItem> = {}): BatchItem {
  return { id: `i${count++}`, priority: 'normal', deadlineAtMs: 60_000, affinityKey: '', ...changes };
}

function batcherOf(rules: Partial<BatcherRules>, ...items: BatchItem[]): Batcher<BatchItem> {
  const batcher = new Batcher<BatchItem>({ ...RULES, ...rules });
  for (const one of items) batcher.add(one, 0);
  return batcher;
}

const items = (length: number, changes: Partial<BatchItem> = {}) => Array.from({ length }, () => item(changes));
const sizes = (batches: readonly unknown[][]) => batches.map(({ length }) => length);

describe.each(BATCH_STRATEGIES)('%s', (strategy) => {
  test('each task leaves once, in time, in a batch of no more than it may hold; a critical one at once', () => {
    const step = fc.oneof(
      fc.record({
        what: fc.constant('add' as const),
        priority: fc.constantFrom(...PRIORITIES),
        affinityKey: fc.constantFrom('a', 'b', 'c'),
        leftMs: fc.integer({ min: 1, max: 400 }),
      }),
      fc.record({ what: fc.constant('pass' as const), ms: fc.nat(30) }),
      fc.record({ what: fc.constant('end' as const), tookMs: fc.nat(200) }),
      fc.record({ what: fc.constant('remove' as const), at: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const rules = { strategy, maxBatchSize: 5, maxWaitMs: 20 };
        const batcher = batcherOf(rules);
        const heldSinceMs = new Map<BatchItem, number>();
        const out: number[] = [];
        let nowMs = 0;
        const look = () => {
          for (const batch of batcher.due(nowMs)) {
            out.push(batch.length);
            expect(batch.length).toBeLessThanOrEqual(5);
            expect(new Set(batch.map(({ priority }) => priority === 'critical')).size).toBe(1);
            if (strategy === 'affinity') expect(new Set(batch.map(({ affinityKey }) => affinityKey)).size).toBe(1);
            for (const one of batch) {
              const sinceMs = heldSinceMs.get(one) ?? Number.NaN;
              expect(heldSinceMs.delete(one)).toBe(true);
              expect(nowMs - sinceMs).toBeLessThanOrEqual(one.priority === 'critical' ? 0 : rules.maxWaitMs);
              expect(nowMs).toBeLessThan(one.deadlineAtMs);
            }
          }
          expect(batcher.size).toBe(heldSinceMs.size);
          expect(batcher.nextLookAtMs).toBeGreaterThan(nowMs);
          expect(batcher.nextLookAtMs === Number.POSITIVE_INFINITY).toBe(heldSinceMs.size === 0);
        };
        /** As a timer would: whenever it is due in between. */
        const passUntil = (untilMs: number) => {
          while (batcher.nextLookAtMs <= untilMs) {
            nowMs = Math.max(nowMs, batcher.nextLookAtMs);
            look();
          }
          nowMs = untilMs;
        };
        for (const one of steps) {
          if (one.what === 'add') {
            const { priority, affinityKey } = one;
            const added = item({ priority, affinityKey, deadlineAtMs: nowMs + one.leftMs });
            heldSinceMs.set(added, nowMs);
            expect(batcher.add(added, nowMs)).toBe(true);
          } else if (one.what === 'pass') passUntil(nowMs + one.ms);
          else if (one.what === 'end') {
            const size = out.shift();
            if (size !== undefined) batcher.ended(size, one.tookMs, nowMs);
          } else {
            const removed = [...heldSinceMs.keys()][one.at];
            expect(batcher.remove(removed?.id ?? 'none')).toBe(removed);
            if (removed !== undefined) heldSinceMs.delete(removed);
          }
          look();
        }
        passUntil(nowMs + rules.maxWaitMs);
        expect(heldSinceMs.size).toBe(0);
      }),
    );
  });
});

describe('when a batch leaves', () => {
  test('time: all that came in the time leave together, in batches of the largest size', () => {
    const batcher = batcherOf({ strategy: 'time' }, ...items(250));
    expect(batcher.due(49)).toEqual([]);
    expect(sizes(batcher.due(50))).toEqual([100, 100, 50]);
  });

  test('size: as soon as it is full, the rest when its time has come', () => {
    const batcher = batcherOf({ strategy: 'size' }, ...items(99));
    expect(batcher.due(0)).toEqual([]);
    batcher.add(item(), 10);
    expect(sizes(batcher.due(10))).toEqual([100]);
    batcher.add(item(), 20);
    expect(batcher.nextLookAtMs).toBe(70);
  });

  test('affinity: full counts for each key by itself', () => {
    const batcher = batcherOf({ strategy: 'affinity' }, ...items(99, { affinityKey: 'a' }), ...items(60));
    batcher.add(item({ affinityKey: 'a' }), 0);
    expect(sizes(batcher.due(0))).toEqual([100]);
    expect(sizes(batcher.due(50))).toEqual([60]);
  });

  test('adaptive: at once while a worker is idle, then as soon as one is again', () => {
    const batcher = batcherOf({ strategy: 'adaptive' }, item(), item({ priority: 'critical' }));
    expect(sizes(batcher.due(0))).toEqual([1, 1]);
    for (const one of items(5)) batcher.add(one, 1);
    batcher.ended(1, 2, 2); // the other is out still
    expect(batcher.due(2)).toEqual([]);
    batcher.ended(1, 3, 3);
    expect(sizes(batcher.due(3))).toEqual([5]);
  });

  test('adaptive: at once when the batch that is out was dropped before it came to a worker', () => {
    const batcher = batcherOf({ strategy: 'adaptive' }, item());
    batcher.due(0);
    batcher.add(item(), 1);
    expect(batcher.due(1)).toEqual([]);
    batcher.dropped(2);
    expect(sizes(batcher.due(2))).toEqual([1]);
  });

  test('adaptive: as soon as it has the size that was answered in time lately', () => {
    const batcher = batcherOf({ strategy: 'adaptive', targetMs: 10 }, item());
    batcher.due(0);
    for (const [ended, tookMs] of [
      [40, 100],
      [40, 100],
      [40, 100],
      [40, 100],
    ] as const) {
      batcher.add(item({ priority: 'critical' }), 0); // keeps a batch out
      batcher.due(0);
      batcher.ended(ended, tookMs, 0);
    }
    const added = items(5);
    for (const one of added.slice(0, 4)) batcher.add(one, 0);
    expect(batcher.due(0)).toEqual([]);
    batcher.add(added[4] ?? item(), 0);
    expect(batcher.due(0)).toEqual([added]);
  });

  test('deadline: the less time a task has, the less it is held', () => {
    const heldMs = (deadlineAtMs: number) =>
      batcherOf({ strategy: 'deadline', maxWaitMs: 50 }, item({ deadlineAtMs })).nextLookAtMs;
    expect([heldMs(80), heldMs(400), heldMs(60_000)]).toEqual([5, 25, 50]);
  });

  test('what a batch usually takes is left to a task before its deadline', () => {
    const batcher = batcherOf({ strategy: 'size' }, item());
    batcher.due(50);
    for (let n = 0; n < 50; n++) batcher.ended(1, 40, 50);
    batcher.add(item({ deadlineAtMs: 110 }), 50);
    expect(batcher.nextLookAtMs).toBeCloseTo(60, 2);
  });

  test('no more tasks are held than may be', () => {
    const batcher = batcherOf({ strategy: 'time' }, ...items(LIMITS.batchedTasksMax));
    expect(batcher.add(item(), 0)).toBe(false);
    batcher.due(50);
    expect(batcher.add(item(), 50)).toBe(true);
  });

  test('a critical task leaves alone at once, and those that are held stay', () => {
    const critical = item({ priority: 'critical' });
    const batcher = batcherOf({ strategy: 'size' }, ...items(50), critical);
    expect(batcher.due(0)).toEqual([[critical]]);
    expect(batcher.size).toBe(50);
  });
});

test('the adaptive size comes to where a batch takes about its target, or to a bound, and stays there', () => {
  const cost = fc.record({ fixedMs: fc.nat(60), eachMs: fc.double({ min: 0.01, max: 60, noNaN: true }) });
  fc.assert(
    fc.property(cost, ({ fixedMs, eachMs }) => {
      const sizer = new Sizer(100, 50);
      const tookMs = (size: number) => fixedMs + eachMs * size;
      for (let batch = 0; batch < 200; batch++) {
        const { size } = sizer;
        if (batch > 100) {
          expect(size === 1 || tookMs(size - 1) <= 1.2 * 50).toBe(true);
          expect(size === 100 || tookMs(size + 1) >= 0.8 * 50).toBe(true);
        }
        sizer.ended(size, tookMs(size));
      }
    }),
  );
});

test('small batches that are fast make the adaptive size no larger', () => {
  const sizer = new Sizer(100, 50);
  const { size } = sizer;
  for (let batch = 0; batch < 50; batch++) sizer.ended(size - 1, 1);
  expect(sizer.size).toBe(size);
});

test('other rules hold for what comes; what is held leaves when it was to leave', () => {
  const batcher = batcherOf({ strategy: 'size' }, ...items(2));
  batcher.adjust({ ...RULES, strategy: 'size', maxBatchSize: 4, maxWaitMs: 10 });
  expect(batcher.nextLookAtMs).toBe(50);
  for (const one of items(2)) batcher.add(one, 20);
  expect(sizes(batcher.due(20))).toEqual([4]);
  batcher.add(item(), 20);
  expect(batcher.nextLookAtMs).toBe(30);
});

test('an adaptive size gives way to a smaller bound, and grows to a larger one', () => {
  const batcher = batcherOf({}, item());
  batcher.due(0);
  batcher.adjust({ ...RULES, maxBatchSize: 3 });
  for (const one of items(3)) batcher.add(one, 0);
  expect(sizes(batcher.due(0))).toEqual([3]);
  batcher.adjust(RULES);
  for (const one of items(9)) batcher.add(one, 0);
  expect(batcher.due(0)).toEqual([]);
});
