import { describe, expect, test, vi } from 'vitest';
import type { Verdict as ContractVerdict } from '../../../supervisor/contract/validating.js';
import {
  allow,
  ask,
  defer,
  defineValidator,
  deny,
  inform,
  nothing,
  remainingMs,
  rewrite,
  type Verdict,
} from '../../../workers/validators/api/validator.mjs';
import { contextOf, toolEvent } from './events.js';

describe('defineValidator', () => {
  test('hands event and context on and the verdict back', async () => {
    const validator = defineValidator({
      name: 'mine',
      validate: (event, { settings, cwd }) => deny(`${event.toolName} ${settings.limit} ${cwd}`),
    });
    expect(await validator.validate(toolEvent('Bash', {}), contextOf({ limit: 3 }))).toEqual({
      decision: 'deny',
      reason: 'Bash 3 /proj',
    });
    expect(validator.name).toBe('mine');
    expect('validateBatch' in validator).toBe(false);
  });

  test('a batch gets all events at once', async () => {
    const validator = defineValidator({
      validateBatch: (events) => events.map(({ toolName }) => inform(toolName ?? '')),
    });
    expect(await validator.validateBatch([toolEvent('A', {}), toolEvent('B', {})], contextOf())).toEqual([
      { context: 'A' },
      { context: 'B' },
    ]);
    expect('validate' in validator).toBe(false);
  });

  test.each([
    [undefined, 'wants an object'],
    [{}, 'validate is missing'],
    [{ validate: 'x' }, 'validate is no function'],
    [{ validateBatch: {} }, 'validateBatch is no function'],
    [{ validate: () => ({}), name: 3 }, 'name is no string'],
    [{ validate: () => ({}), validat: 1 }, 'no key validat: there are name, validate, validateBatch'],
  ])('a wrong definition is an error for its author: %j', (definition, words) => {
    expect(() => defineValidator(definition as never)).toThrow(words);
  });

  test('log writes a line with the name to standard error, and signal is not touched before it is asked for', async () => {
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    let asked = 0;
    const context = Object.defineProperty(contextOf(), 'signal', { get: () => (asked += 1) });
    await defineValidator({ validate: (_event, { log }) => void log('slow today') }).validate(
      toolEvent('Bash', {}),
      context,
    );
    expect(told.mock.calls).toEqual([['under-test: slow today\n']]);
    expect(asked).toBe(0);
    told.mockRestore();
  });
});

test('helpers are the verdicts of the contract', () => {
  const verdicts: ContractVerdict[] = [
    allow(),
    allow('a'),
    deny('b'),
    ask('c'),
    defer(),
    nothing(),
    inform('d'),
    rewrite({ x: 1 }),
    rewrite({}, 'e'),
  ] satisfies Verdict[];
  expect(verdicts).toEqual([
    { decision: 'allow' },
    { decision: 'allow', reason: 'a' },
    { decision: 'deny', reason: 'b' },
    { decision: 'ask', reason: 'c' },
    { decision: 'defer' },
    {},
    { context: 'd' },
    { updatedInput: { x: 1 } },
    { updatedInput: {}, reason: 'e' },
  ]);
});

test('a deadline is made of the time that is left when the question comes, and what remains is never below zero', async () => {
  const remains = async (timeLeftMs?: number) => {
    const told = { ...contextOf(), ...(timeLeftMs !== undefined && { timeLeftMs }) };
    const judge = defineValidator({ validate: (_event, context) => inform(String(remainingMs(context))) });
    return Number((await judge.validate(toolEvent('Bash', {}), told))?.context);
  };
  expect(await remains(1_000)).toBeGreaterThan(500);
  expect(await remains(1_000)).toBeLessThanOrEqual(1_000);
  expect(await remains(0)).toBe(0);
  expect(await remains()).toBe(Number.POSITIVE_INFINITY);
  expect(remainingMs({ deadlineAtMs: performance.now() - 1 })).toBe(0);
});

test('authors import it by the name of the package, with its types', async () => {
  const byName: typeof import('../../../workers/validators/api/validator.mjs') = await import(
    'hook-supervisor/validator'
  );
  expect(Object.keys(byName).sort()).toEqual(
    ['allow', 'ask', 'defer', 'defineValidator', 'deny', 'inform', 'nothing', 'remainingMs', 'rewrite'].sort(),
  );
});
