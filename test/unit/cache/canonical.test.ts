import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../supervisor/cache/canonical.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';

const json = fc.jsonValue({ maxDepth: 4 });
const write = (value: unknown) => canonicalJson(value, 100_000);

/** The same value with its keys in another order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, turned(one)]),
  );
}

test('it says what was written, and the order of keys does not count', () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = write(value);
      expect(JSON.parse(text ?? '')).toEqual(JSON.parse(JSON.stringify(value)));
      expect(write(turned(value))).toBe(text);
    }),
  );
});

test('two values have one text only if they are equal', () => {
  fc.assert(
    fc.property(json, json, (one, other) => {
      const [first, second] = [one, other].map((value) => JSON.parse(JSON.stringify(value)) as unknown);
      expect(write(one) === write(other)).toBe(isDeepStrictEqual(first, second));
    }),
  );
  expect(write({ a: [1, 2] })).not.toBe(write({ a: [12] }));
  expect(write('\ud800')).not.toBe(write('\ufffd'));
});

test('a number that JSON does not have is none, not null', () => {
  expect(write({ a: JSON.parse('1e999') })).toBeUndefined();
});

test('what is too long or too deep is none, and takes neither stack nor time', () => {
  expect(canonicalJson('x'.repeat(8), 10)).toBe('"xxxxxxxx"');
  expect(canonicalJson('x'.repeat(9), 10)).toBeUndefined();
  expect(
    canonicalJson(
      Array.from({ length: 11 }, () => 1),
      10,
    ),
  ).toBeUndefined();
  const deep = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;
  expect(write(deep(LIMITS.cacheJsonDepthMax))).toBeDefined();
  expect(write(deep(LIMITS.cacheJsonDepthMax + 1))).toBeUndefined();
  expect(write(deep(20_000))).toBeUndefined();
});
