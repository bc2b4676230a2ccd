// How a soak tells growth from noise, on numbers made by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perThousandCalls, slope } from '../../soak/growth.mjs';

/** One sample for every 100 calls. */
const samples = (count, valueAt) =>
  Array.from({ length: count }, (_, i) => ({ calls: i * 100, value: valueAt(i * 100, i) }));

test('slope: a line has its own, in spite of noise that is even on both sides', () => {
  const noise = [3, -3, -3, 3];
  const points = Array.from({ length: 400 }, (_, x) => ({ x, y: 7 + 2 * x + noise[x % 4] }));
  assert.ok(Math.abs(slope(points) - 2) < 0.001);
});

test('slope: points of one place have none', () => {
  assert.equal(
    slope([
      { x: 5, y: 1 },
      { x: 5, y: 9 },
    ]),
    0,
  );
});

test('what grows with every call is told for 1,000 calls', () => {
  const leak = samples(100, (calls) => 50_000 + calls * 0.25);
  assert.ok(Math.abs(perThousandCalls(leak) - 250) < 0.001);
});

test('what grew in the first half only does not grow', () => {
  const settled = samples(101, (calls) => Math.min(calls, 4_000));
  assert.equal(perThousandCalls(settled), 0);
});

test('what began to grow in the second half grows', () => {
  const late = samples(101, (calls) => Math.max(0, calls - 5_000));
  assert.ok(perThousandCalls(late) > 999);
});
