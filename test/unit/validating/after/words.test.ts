import { beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../../../../supervisor/contract/limits.js';
import { LaterWords } from '../../../../supervisor/validating/after/words.js';
import { FakeClock } from '../../../lib/fake-clock.js';

let clock: FakeClock;
let words: LaterWords;
beforeEach(() => {
  clock = new FakeClock();
  words = new LaterWords(clock);
});
const of = (sessionId: string) => ({ agent: 'claude' as const, sessionId });

test('are told once, to their session alone, in their order', () => {
  words.add(of('a'), 'one');
  words.add(of('b'), 'other');
  words.add(of('a'), 'two');
  expect(words.take({ agent: 'codex', sessionId: 'a' })).toEqual([]);
  expect(words.take(of('a'))).toEqual(['one', 'two']);
  expect(words.take(of('a'))).toEqual([]);
  expect(words.take(of('b'))).toEqual(['other']);
});

test('expire, each by itself', () => {
  words.add(of('a'), 'old');
  clock.pass(1);
  words.add(of('a'), 'young');
  clock.pass(LIMITS.laterWordsAgeMaxMs - 1);
  expect(words.take(of('a'))).toEqual(['young']);
});

test('are bounded: of more, or longer ones, the last stay, of more sessions those that were heard of last', () => {
  for (let n = 0; n <= LIMITS.laterWordsPerSessionMax; n++) words.add(of('a'), `w${n}`);
  expect(words.take(of('a'))).toHaveLength(LIMITS.laterWordsPerSessionMax);
  words.add(of('a'), 'first');
  words.add(of('a'), 'x'.repeat(LIMITS.laterWordsMaxCharacters + 5));
  expect(words.take(of('a')).map(({ length }) => length)).toEqual([LIMITS.laterWordsMaxCharacters]);
  words.add(of('s0'), 'x');
  words.add(of('s1'), 'x');
  words.add(of('s0'), 'y');
  for (let n = 2; n <= LIMITS.laterWordsSessionsMax; n++) words.add(of(`s${n}`), 'x');
  expect(words.take(of('s1'))).toEqual([]);
  expect(words.take(of('s0'))).toEqual(['x', 'y']);
});

test('of no session, or empty, are none', () => {
  words.add(of(''), 'x');
  words.add(of('a'), '');
  expect([...words.take(of('')), ...words.take(of('a'))]).toEqual([]);
});
