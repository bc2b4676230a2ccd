/** Where our own words stand when the hook has stopped in the middle of a line of its standard error. */
import { expect, test } from 'vitest';
import { callDaemon, type Step } from '../fixtures/client.js';

const CALL: Step[] = [['call'], ['started']];
const CRASHED = 3;
const WORDS = 'hook-supervisor: the keeper of this hook died while it ran\n';
const CRASH: Step = ['end', 1, 0, CRASHED, WORDS];
const LOST = 'supervisor-hook: the supervisor died while this hook ran\n';

test.each([
  ['nothing', [], ''],
  ['half a line', ['half'], 'half\n'],
  ['half a line in two pieces, the first of them whole', ['whole\n', 'half'], 'whole\nhalf\n'],
  ['whole lines', ['half', ' of it\n'], 'half of it\n'],
])('the hook wrote %s -> what the daemon says begins a line', async (_what, pieces, before) => {
  const steps = pieces.map((piece): Step => ['stderr', piece]);
  expect(await callDaemon([...CALL, ...steps, CRASH])).toMatchObject({ code: 1, stderr: before + WORDS });
});

test('the daemon dies behind half a line -> what the client says begins a line', async () => {
  expect(await callDaemon([...CALL, ['stderr', 'half']])).toMatchObject({ code: 1, stderr: `half\n${LOST}` });
  expect(await callDaemon([...CALL, ['stderr', 'whole\n']])).toMatchObject({ code: 1, stderr: `whole\n${LOST}` });
});

test('half a line on stdout is nothing to stderr, unless they are one open file', async () => {
  const steps: Step[] = [...CALL, ['stdout', 'half'], CRASH];
  expect(await callDaemon(steps)).toMatchObject({ stdout: 'half', stderr: WORDS });
  const merged = await callDaemon(steps, { shell: 'exec "$0" run -- cmd 2>&1' });
  expect(merged.stdout).toBe(`half\n${WORDS}`);
});

test('to an answer, and to a cancelled call, nothing is added', async () => {
  for (const outcome of [0, 5])
    expect(await callDaemon([...CALL, ['stderr', 'half'], ['end', 7, 0, outcome]])).toMatchObject({ stderr: 'half' });
});
