import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { configJsonSchema } from '../../../supervisor/config/schema.js';
import { editDistance, suggest } from '../../../supervisor/config/suggest.js';

test('docs/config.schema.json is the schema of the code (rebuild it with npm run build)', () => {
  const published = readFileSync(join(import.meta.dirname, '../../../docs/config.schema.json'), 'utf8');
  expect(JSON.parse(published)).toEqual(configJsonSchema());
});

test('a slip of one letter or two neighbours swapped is recognised, another word is not', () => {
  const known = ['status', 'up', 'down', 'doctor'];
  expect(['statsu', 'stats', 'doctr', 'dwon', 'banana', 'x'].map((given) => suggest(given, known))).toEqual([
    'status',
    'status',
    'doctor',
    'down',
    undefined,
    undefined,
  ]);
});

test('edit distance: zero only for equals, symmetric, at most the longer length', () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      expect(distance === 0).toBe(a === b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
    { numRuns: 200 },
  );
});
