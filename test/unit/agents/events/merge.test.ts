import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPlain, merge } from '../../../../supervisor/agents/events/merge.js';
import type { Opinion } from '../../../../supervisor/agents/events/verdicts.js';
import {
  DECISIONS,
  type EventAgent,
  type FailureCause,
  type OnFailure,
  type Verdict,
} from '../../../../supervisor/contract/validating.js';
import { eventOf, hookOpinion, opinion, opinions } from './samples.js';

const EVENT = eventOf('claude', 'PreToolUse', { tool_input: { command: 'a', cwd: '/', n: { x: 1, y: [2] } } });
const failed = (cause: FailureCause, message = 'gone') => ({ kind: 'failed', cause, message }) as const;

describe('decisions', () => {
  test.each([
    [['allow', 'ask'], 'ask'],
    [['ask', 'defer'], 'defer'],
    [['defer', 'deny', 'allow'], 'deny'],
    [['allow', 'allow'], 'allow'],
    [[], undefined],
  ] as const)('of %j the strictest: %s', (decisions, merged) => {
    expect(merge(EVENT, opinions({}, ...decisions.map((decision) => ({ decision })))).decision).toBe(merged);
  });

  test('reasons of all that share it, as declared, and of no other', () => {
    const said = opinions(
      { decision: 'deny', reason: 'first' },
      { decision: 'allow', reason: 'fine' },
      { decision: 'deny', reason: 'second' },
      { decision: 'deny' },
    ).reverse();
    expect(merge(EVENT, said)).toMatchObject({ decision: 'deny', reason: 'first\nsecond\nv3 denies it' });
  });

  test('contexts of all, as declared, whatever is decided', () => {
    const said = opinions({ context: 'a' }, { decision: 'deny', context: 'b' }, {}, { context: 'c' }).reverse();
    expect(merge(EVENT, said).contexts).toEqual(['a', 'b', 'c']);
  });
});

describe('failures', () => {
  test('block: denied, with the name and the cause', () => {
    const merged = merge(EVENT, [opinion('guard', 0, failed('timedOut', 'after 500 ms'), 'block')]);
    const reason = 'guard failed (timedOut): after 500 ms; without its answer this is denied';
    expect(merged).toMatchObject({ decision: 'deny', reason, notes: [] });
  });

  test('continue: only noted', () => {
    const merged = merge(EVENT, [opinion('guard', 0, failed('crashed')), ...opinions({ decision: 'allow' })]);
    expect(merged.decision).toBe('allow');
    expect(merged.notes).toEqual([{ kind: 'failed', name: 'guard', text: 'crashed: gone' }]);
  });

  test('one that was never asked denies where it blocks, but adds no reason to a deny of another', () => {
    const skipped = opinion('late', 9, { kind: 'skipped', because: 'guard failed' }, 'block');
    const merged = merge(EVENT, [skipped]);
    expect(merged).toMatchObject({ decision: 'deny', reason: expect.stringContaining('was not asked: guard failed') });
    expect(merge(EVENT, [skipped, ...opinions({ decision: 'deny', reason: 'no' })]).reason).toBe('no');
    expect(merge(EVENT, [opinion('late', 9, { kind: 'skipped', because: 'x' })]).decision).toBeUndefined();
    expect(merged.notes).toEqual([{ kind: 'skipped', name: 'late', text: 'guard failed' }]);
  });

  test.each(['Stop', 'SubagentStop', 'TeammateIdle', 'SessionStart'])(
    '%s: a validator that is broken must not keep an agent from ending, nor deny what cannot be denied',
    (name) => {
      const merged = merge(eventOf('claude', name), [opinion('guard', 0, failed('crashed'), 'block')]);
      expect(merged.decision).toBeUndefined();
      expect(merged.notes).toEqual([{ kind: 'failed', name: 'guard', text: 'crashed: gone' }]);
    },
  );
});

describe('a hook that fails', () => {
  const broken = failed('threw', 'exit status 1: oops');
  const messages = (name: string, onFailure: OnFailure, agent: EventAgent = 'claude') =>
    merge(eventOf(agent, name), [hookOpinion('fmt', 0, broken, onFailure)]).userMessages;

  test('the user hears of it, as of one that the agent has started', () => {
    expect(messages('PreToolUse', 'continue')).toEqual(['fmt failed: exit status 1: oops']);
  });

  test('not beside the deny that it is where it blocks, but where it cannot', () => {
    expect(messages('PreToolUse', 'block')).toEqual([]);
    expect(messages('Stop', 'block')).toEqual(['fmt failed: exit status 1: oops']);
  });

  test('not where no message reaches the user: the model is not to hear of it instead', () => {
    expect(messages('preToolUse', 'continue', 'copilot')).toEqual([]);
  });
});

describe('rewrites of the input', () => {
  const input = (more: object) => ({ ...EVENT.toolInput, ...more });

  test('of different keys: both', () => {
    const said = opinions({ updatedInput: input({ command: 'b' }) }, { updatedInput: input({ cwd: '/x', more: 1 }) });
    const merged = merge(EVENT, said);
    expect(merged.updatedInput).toEqual(input({ command: 'b', cwd: '/x', more: 1 }));
    expect([merged.userMessages, merged.notes]).toEqual([[], []]);
  });

  test('of one key: the later declared wins, the user and the caller hear of it', () => {
    const said = opinions(
      { updatedInput: input({ command: 'b' }) },
      { updatedInput: input({ command: 'c' }) },
    ).reverse();
    const merged = merge(EVENT, said);
    const text = 'v0 and v1 rewrite "command" differently; v1 is declared later and wins';
    expect(merged.updatedInput).toEqual(input({ command: 'c' }));
    expect(merged.userMessages).toEqual([text]);
    expect(merged.notes).toEqual([{ kind: 'conflict', name: 'v1', text }]);
  });

  test('of an input that is refused: the caller hears of a conflict, not the user', () => {
    const rewrites = ['b', 'c'].map((command): Verdict => ({ updatedInput: input({ command }) }));
    const merged = merge(EVENT, opinions(...rewrites, { decision: 'deny' }));
    expect([merged.userMessages, merged.notes.length]).toEqual([[], 1]);
  });

  test('to the same value: no conflict, whatever the order of its keys', () => {
    const said = opinions(
      { updatedInput: input({ n: { y: [3], x: 1 } }) },
      { updatedInput: input({ n: { x: 1, y: [3] } }) },
    );
    expect(merge(EVENT, said)).toMatchObject({ updatedInput: input({ n: { x: 1, y: [3] } }), notes: [] });
  });

  test('a key that is taken away is gone; one that another sets is a conflict', () => {
    const { cwd: _, ...rest } = input({});
    expect(
      merge(EVENT, opinions({ updatedInput: rest }, { updatedInput: input({ command: 'b' }) })).updatedInput,
    ).toEqual({
      ...rest,
      command: 'b',
    });
    const both = merge(EVENT, opinions({ updatedInput: rest }, { updatedInput: input({ cwd: '/y' }) }));
    expect([both.updatedInput, both.notes.length]).toEqual([input({ cwd: '/y' }), 1]);
  });

  test('that change nothing are none', () => {
    expect(merge(EVENT, opinions({ updatedInput: input({ n: { y: [2], x: 1 } }) }))).not.toHaveProperty('updatedInput');
  });

  test('a key that would be the prototype stays a key', () => {
    const evil = JSON.parse('{"command":"a","__proto__":{"isAdmin":true}}');
    const { updatedInput } = merge(eventOf('claude', 'PreToolUse'), opinions({ updatedInput: evil }));
    expect(Object.getPrototypeOf(updatedInput)).toBe(Object.prototype);
    expect(JSON.stringify(updatedInput)).toContain('"__proto__":{"isAdmin":true}');
  });
});

test('hooks: who ends the turn, messages, and fields that no verdict has, the later declared one winning', () => {
  const said = (top: object, specific: object, more = {}) => ({
    kind: 'answered' as const,
    verdict: { others: { top: { ...top }, specific: { ...specific } }, ...more },
  });
  const merged = merge(EVENT, [
    opinion('b', 1, said({ suppressOutput: true }, { watchPaths: ['b'] }, { stops: 'enough', userMessage: 'two' })),
    opinion('a', 0, said({ suppressOutput: true }, { watchPaths: ['a'] }, { stops: '', userMessage: 'one' })),
  ]);
  expect(merged.stops).toBe('enough');
  expect(merged.userMessages).toEqual(['one', 'two']);
  expect(merged.others).toEqual({ top: { suppressOutput: true }, specific: { watchPaths: ['b'] } });
  expect(merged.notes.map(({ kind, name }) => [kind, name])).toEqual([['conflict', 'b']]);
});

describe('an early answer', () => {
  const deny = opinions({ decision: 'deny', reason: 'no' });
  test('once anyone refuses, or fails and blocks', () => {
    expect(isPlain(EVENT, deny, false)).toBe(true);
    expect(isPlain(EVENT, [opinion('g', 0, failed('crashed'), 'block')], false)).toBe(true);
    expect(isPlain(EVENT, opinions({ decision: 'ask' }, { decision: 'allow' }, {}), false)).toBe(false);
    expect(isPlain(EVENT, [opinion('g', 0, failed('crashed'))], false)).toBe(false);
    expect(isPlain(EVENT, [opinion('g', 0, { kind: 'skipped', because: 'x' }, 'block')], false)).toBe(false);
  });

  test.each([
    ['claude', 'PreToolUse', false],
    ['gemini', 'BeforeTool', false],
    ['codex', 'PreToolUse', true],
    ['codex', 'PermissionRequest', true],
    ['codex', 'UserPromptSubmit', false],
    ['cursor', 'preToolUse', true],
    ['copilot', 'preToolUse', true],
  ] as const)('while a hook runs, %s %s: %s, since only some of them can still end the turn', (agent, name, is) => {
    expect(isPlain(eventOf(agent, name), deny, true)).toBe(is);
  });

  test('while a hook runs, once another has ended the turn and somebody refuses', () => {
    const stops = hookOpinion('h', 1, { kind: 'answered', verdict: { stops: 'enough' } });
    expect(isPlain(EVENT, [...deny, stops], true)).toBe(true);
    expect(isPlain(EVENT, [stops], true)).toBe(false);
  });

  test('not where a deny is a word among others', () => {
    expect(isPlain(eventOf('claude', 'PostToolUse'), deny, false)).toBe(false);
    expect(isPlain(eventOf('claude', 'SessionStart'), deny, false)).toBe(false);
  });
});

const word = fc.constantFrom('a', 'b', 'c');
const verdict: fc.Arbitrary<Verdict> = fc.record(
  {
    decision: fc.constantFrom(...DECISIONS),
    reason: word,
    context: fc.string({ minLength: 1, maxLength: 4 }),
    updatedInput: fc.dictionary(fc.constantFrom('command', 'cwd', 'x', '__proto__'), fc.jsonValue({ maxDepth: 2 })),
  },
  { requiredKeys: [] },
);
const outcome = fc.oneof(
  { weight: 4, arbitrary: verdict.map((one) => ({ kind: 'answered', verdict: one }) as const) },
  fc.constantFrom<FailureCause>('crashed', 'timedOut', 'refused').map((cause) => failed(cause)),
  word.map((because) => ({ kind: 'skipped', because }) as const),
);
const anyOpinions: fc.Arbitrary<Opinion[]> = fc
  .array(fc.tuple(outcome, fc.constantFrom('continue' as const, 'block' as const)), { maxLength: 6 })
  .map((all) => all.map(([one, onFailure], order) => opinion(`v${9 - order}`, order, one, onFailure)));
const inAnyOrder = anyOpinions.chain((all) =>
  fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
);

describe('for any opinions', () => {
  test('the verdict does not depend on who came first', () => {
    fc.assert(
      fc.property(inAnyOrder, ([declared, arrived]) => {
        expect(JSON.stringify(merge(EVENT, arrived))).toBe(JSON.stringify(merge(EVENT, declared)));
      }),
    );
  });

  test('a deny always wins, and so does a failure that blocks; nothing else denies', () => {
    fc.assert(
      fc.property(anyOpinions, (all) => {
        const denies = all.some(({ outcome: one, onFailure }) =>
          one.kind === 'answered' ? one.verdict.decision === 'deny' : onFailure === 'block',
        );
        expect(merge(EVENT, all).decision === 'deny').toBe(denies);
      }),
    );
  });

  test('no context is lost, none is added, and they stand as declared', () => {
    fc.assert(
      fc.property(anyOpinions, (all) => {
        const told = all.flatMap(({ outcome: one }) => (one.kind === 'answered' ? (one.verdict.context ?? []) : []));
        expect(merge(EVENT, all).contexts).toEqual(told);
      }),
    );
  });

  test('once the verdict is plain no further answer makes it anything but a deny', () => {
    fc.assert(
      fc.property(anyOpinions, fc.nat(6), (all, known) => {
        if (isPlain(EVENT, all.slice(0, known), false)) expect(merge(EVENT, all).decision).toBe('deny');
      }),
    );
  });

  test('a deny has a reason, and every failure that does not deny is noted', () => {
    fc.assert(
      fc.property(anyOpinions, (all) => {
        const merged = merge(EVENT, all);
        if (merged.decision === 'deny') expect(merged.reason).toBeTruthy();
        const quiet = all.filter(({ outcome: one, onFailure }) => one.kind === 'failed' && onFailure === 'continue');
        expect(merged.notes.filter(({ kind }) => kind === 'failed').length).toBe(quiet.length);
      }),
    );
  });
});
