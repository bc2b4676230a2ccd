import { beforeEach, expect, test } from 'vitest';
import { pythonFinder } from '../../../supervisor/wiring/python-finder.js';
import { FakeClock } from '../../lib/fake-clock.js';

let clock: FakeClock;
let looks: number;
let result: string | Error;
let finder: ReturnType<typeof pythonFinder>;
beforeEach(() => {
  clock = new FakeClock();
  looks = 0;
  finder = pythonFinder(clock, async () => {
    looks++;
    if (result instanceof Error) throw result;
    return result;
  });
});

test('one that is found is kept, and whoever wants it meanwhile waits for the same look', async () => {
  result = '/usr/bin/python3';
  expect(finder.python()).toBeUndefined();
  await Promise.all([finder.pythonKnown(), finder.pythonKnown()]);
  clock.pass(1e9);
  expect([finder.python(), looks]).toEqual(['/usr/bin/python3', 1]);
});

test.each([
  ['that there is none', 'no python3', 'no python3'],
  ['that none could be looked for', new Error('spawn EAGAIN'), 'python3 cannot be looked for: spawn EAGAIN'],
])('%s is believed for half a minute; then it is looked for anew', async (_what, first, why) => {
  result = first;
  await finder.pythonKnown();
  clock.pass(29_999);
  expect(finder.python()).toBe(why);
  clock.pass(1);
  expect(finder.python()).toBeUndefined();
  result = '/usr/bin/python3';
  await finder.pythonKnown();
  expect([finder.python(), looks]).toEqual(['/usr/bin/python3', 2]);
});
