/** `after` of a validator: what it sets, and what is no use beside it. */
import { expect, test } from 'vitest';
import { validatorProblems, validatorSpecs } from '../../../supervisor/config/validators.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';

type Given = Parameters<typeof validatorSpecs>[0];
const DEFAULTS = { workersMax: 1, maxBatchSize: LIMITS.batchMaxEvents, maxWaitMs: 50 };

function specs(...given: Partial<Given[number]>[]) {
  const whole = given.map((one) => ({ name: 'drift', entry: 'builtin:drift', ...one }));
  return validatorSpecs(whole as Given, '/home/u', DEFAULTS as never);
}
const problems = (...given: Partial<Given[number]>[]) =>
  validatorProblems(specs(...given), '/home/u', (key) => key).map(({ where }) => where);

test('it is off; where it is on, a failure denies nothing and others go first', () => {
  expect(specs({})).toMatchObject([{ after: false, onFailure: 'block', priority: 'normal' }]);
  expect(specs({ after: true })).toMatchObject([{ after: true, onFailure: 'continue', priority: 'low' }]);
  expect(specs({ after: true, priority: 'high' })).toMatchObject([{ priority: 'high' }]);
  expect(problems({ after: true })).toEqual([]);
});

test('what has no effect beside it is a mistake, each of it', () => {
  const all = { onFailure: 'block' as const, dependsOn: ['guard'], cache: {}, batch: {} };
  const guard = { name: 'guard', entry: 'builtin:secrets' };
  expect(problems({ after: true, ...all }, guard)).toEqual(Object.keys(all).map((key) => `validators.0.${key}`));
  expect(problems({ ...all }, guard)).toEqual([]);
});

test('nobody who is asked before the answer can wait for it', () => {
  const guard = { name: 'guard', entry: 'builtin:secrets', dependsOn: ['drift'] };
  expect(problems({ after: true }, guard)).toEqual(['validators.1.dependsOn']);
  expect(problems({}, guard)).toEqual([]);
});
