import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { answersOf, fieldsOf } from '../../../supervisor/ring/resident-answer.js';

const read = (text: string, events = 1) => answersOf(fieldsOf(text), events);
const broken = { kind: 'failed', cause: 'protocol' };

describe('one answer', () => {
  test('a verdict, whole or empty', () => {
    const verdict = { decision: 'ask', reason: 'r', context: 'c', updatedInput: { a: [1] } };
    expect(read(JSON.stringify({ verdict }))).toEqual([{ kind: 'answered', verdict }]);
    expect(read('{"verdict":{}}')).toEqual([{ kind: 'answered', verdict: {} }]);
  });

  test('what Python has none of is not there', () => {
    expect(read('{"verdict":{"decision":null,"reason":null}}')).toEqual([{ kind: 'answered', verdict: {} }]);
  });

  test('a validator that threw, and only that can be said of a failure', () => {
    const failed = { kind: 'failed', message: 'm' };
    expect(read('{"error":{"cause":"threw","message":"m"}}')).toEqual([{ ...failed, cause: 'threw' }]);
    expect(read('{"error":{"cause":"protocol","message":"m"}}')).toEqual([{ ...failed, cause: 'protocol' }]);
    expect(read('{"error":{"cause":"refused","message":"m"}}')).toEqual([{ ...failed, cause: 'threw' }]);
  });

  test('a long message is cut', () => {
    const [answer] = read(JSON.stringify({ error: { cause: 'threw', message: 'x'.repeat(5_000) } }));
    expect(answer).toMatchObject({ message: 'x'.repeat(LIMITS.failureTextMaxCharacters) });
  });

  test.each([
    'no JSON',
    '[]',
    'null',
    '{}',
    '{"verdict":[]}',
    '{"verdict":{"decision":"maybe"}}',
    '{"verdict":{"decision":["deny"]}}',
    '{"verdict":{"reason":1}}',
    '{"verdict":{"context":{}}}',
    '{"verdict":{"updatedInput":[]}}',
    '{"verdict":{"permission":"allow"}}',
    '{"verdict":{"__proto__":{"decision":"allow"}}}',
    '{"error":{}}',
    '{"answers":{}}',
    '{"answers":[]}',
    '{"answers":[7]}',
    JSON.stringify({ verdict: { reason: 'x'.repeat(LIMITS.verdictTextMaxCharacters + 1) } }),
  ])('%.60s is a failure', (text) => {
    expect(read(text)).toMatchObject([broken]);
  });

  test('nesting is bounded, and brackets in texts do not count', () => {
    const nested = (depth: number) => `{"verdict":{"updatedInput":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}}`;
    expect(read(nested(LIMITS.residentAnswerDepthMax - 3))).toMatchObject([{ kind: 'answered' }]);
    expect(read(nested(LIMITS.residentAnswerDepthMax - 2))).toMatchObject([broken]);
    const verdict = { reason: `\\"${'['.repeat(1_000)}` };
    expect(read(JSON.stringify({ verdict }))).toEqual([{ kind: 'answered', verdict }]);
  });
});

test('whatever is said, there is one outcome for each event, and a verdict has no fields but its own', () => {
  const VERDICT = ['decision', 'reason', 'context', 'updatedInput'];
  const verdict = fc.dictionary(fc.constantFrom(...VERDICT, 'other'), fc.anything());
  const answer = fc.record({ verdict: fc.oneof(verdict, fc.anything()), error: fc.anything() }, { requiredKeys: [] });
  const said = fc.oneof(answer, fc.record({ answers: fc.oneof(fc.array(answer), fc.anything()) }));
  const text = fc.oneof(
    fc.string(),
    said.map((value) => JSON.stringify(value, (_key, one) => plain(one)) ?? ''),
  );
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 4 }), (words, events) => {
      const outcomes = read(words, events);
      expect(outcomes).toHaveLength(events);
      for (const one of outcomes) {
        if (one.kind === 'failed') expect(['threw', 'protocol']).toContain(one.cause);
        else expect(VERDICT).toEqual(expect.arrayContaining(Object.keys(one.verdict)));
      }
    }),
  );
});

function plain(value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

describe('answers for a batch', () => {
  test('one for each event, failures among them', () => {
    const text =
      '{"answers":[{"verdict":{"decision":"deny"}},{"error":{"cause":"threw","message":"m"}},{"verdict":1}]}';
    expect(read(text, 3)).toMatchObject([
      { kind: 'answered', verdict: { decision: 'deny' } },
      { kind: 'failed', cause: 'threw' },
      broken,
    ]);
  });

  test('a failure is that of all', () => {
    const failed = { kind: 'failed', cause: 'threw', message: 'm' };
    expect(read('{"error":{"cause":"threw","message":"m"}}', 2)).toEqual([failed, failed]);
  });

  test('one verdict, or another number of answers, is none for any', () => {
    expect(read('{"verdict":{}}', 2)).toMatchObject([broken, broken]);
    expect(read('{"answers":[{"verdict":{}}]}', 2)).toMatchObject([broken, broken]);
  });
});
