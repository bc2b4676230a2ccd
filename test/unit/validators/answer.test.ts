import { describe, expect, test } from 'vitest';
import { answerText } from '../../../workers/node/resident/answer.mjs';

const task = { signal: new AbortController().signal };
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
const unreadable = {
  get decision() {
    throw new Error('not to be read');
  },
};

/** What is said of a validator that returns it, for one event. */
async function saidOf(verdict: unknown): Promise<unknown> {
  return JSON.parse(await answerText({ one: () => verdict }, { event: {}, context: {} }, task));
}

const protocol = (message: string) => ({ error: { cause: 'protocol', message } });

describe('a verdict', () => {
  test.each([
    [
      'a function in place of what it returns',
      { decision: () => 'deny', reason: 'x' },
      'a decision that is a function',
    ],
    ['a symbol', { updatedInput: Symbol('x') }, 'a updatedInput that is a symbol'],
    ['a number that JSON does not know', { decision: Number.NaN }, 'a decision that is a number'],
  ])('in which JSON would lose %s is none, not one without an opinion', async (_what, verdict, message) => {
    expect(await saidOf(verdict)).toEqual(protocol(message));
  });

  test.each([
    ['a list', [], protocol('a list is no verdict')],
    ['a text', 'deny', protocol('a string is no verdict')],
    ['with a circle', circular(), protocol(expect.stringContaining('an answer that is no JSON'))],
    ['with a BigInt', { reason: 1n }, protocol(expect.stringContaining('an answer that is no JSON'))],
    ['that throws when it is looked at', unreadable, { error: { cause: 'threw', message: 'Error: not to be read' } }],
    ['of which nothing can be known', revoked, { error: { cause: 'threw', message: expect.any(String) } }],
    ['that becomes another one', { toJSON: () => ({ decision: 'ask' }) }, { verdict: { decision: 'ask' } }],
    ['that is nothing', null, { verdict: {} }],
  ])('%s', async (_what, verdict, said) => {
    expect(await saidOf(verdict)).toEqual(said);
  });

  test('of a promise that settles twice is the first', async () => {
    // biome-ignore lint/suspicious/noThenProperty: that is what is tried
    const both = { then: (settle: (verdict: object) => void) => [settle({ reason: 'a' }), settle({ reason: 'b' })] };
    expect(await saidOf(both)).toEqual({ verdict: { reason: 'a' } });
  });
});

test('of many verdicts one that is none, throws or is no JSON spoils no other', async () => {
  const verdicts = [{ decision: 'ask' }, unreadable, { reason: 1n }, 7, undefined, { decision: 'deny' }];
  const question = { events: verdicts.map(() => ({})), context: {} };
  expect(JSON.parse(await answerText({ many: () => verdicts }, question, task))).toEqual({
    answers: [
      { verdict: { decision: 'ask' } },
      { error: { cause: 'threw', message: 'Error: not to be read' } },
      protocol('an answer that is no JSON: TypeError: Do not know how to serialize a BigInt'),
      protocol('a number is no verdict'),
      { verdict: {} },
      { verdict: { decision: 'deny' } },
    ],
  });
});

function circular(): object {
  const all: { self?: object } = {};
  all.self = all;
  return { updatedInput: all };
}
