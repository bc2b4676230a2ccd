import { expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { poolsDegraded } from '../../../supervisor/pool/degraded.js';
import { Starts } from '../../../supervisor/pool/starts.js';

const exited = (status: number) => status << 8;
const MISSING =
  "node:internal/modules/cjs/loader:1210\n  throw err;\n  ^\n\nError: Cannot find module '/x/park.cjs'\nRequire";

function givenUp(timesBefore = 0, atMs = 0): Starts {
  const starts = new Starts(timesBefore);
  starts.died(exited(78), atMs);
  return starts;
}

test('given up at once where the worker says that no start will do', () => {
  const starts = new Starts(0);
  starts.failed('cannot park: Error: Node 18.0.0\n    at warmUp');
  expect(starts.died(exited(78), 0)).toBe(true);
  expect(starts.unsuitable).toMatch(/: exit status 78: cannot park: Error: Node 18.0.0$/);
});

test('given up once, after deaths one after the other, with the message of the last', () => {
  const starts = new Starts(0);
  starts.failed(MISSING);
  const verdicts = Array.from({ length: LIMITS.startDeathsMax + 1 }, () => starts.died(exited(1), 0));
  expect(verdicts.indexOf(true)).toBe(LIMITS.startDeathsMax - 1);
  expect(verdicts.lastIndexOf(true)).toBe(LIMITS.startDeathsMax - 1);
  expect(starts.unsuitable).toMatch(/: exit status 1: Error: Cannot find module '\/x\/park.cjs'$/);
});

test('a process that is parked between two deaths', () => {
  const starts = new Starts(0);
  for (let round = 0; round < 3 * LIMITS.startDeathsMax; round++) {
    expect(starts.died(9, 0)).toBe(false);
    if (round % 2 === 0) starts.parked(false);
  }
  expect(starts.unsuitable).toBeUndefined();
});

test('a death by signal without a word', () => {
  const starts = new Starts(0);
  for (let death = 0; death < LIMITS.startDeathsMax; death++) starts.died(11, 0);
  expect(starts.unsuitable).toMatch(/: signal 11: keeper.log may say why$/);
});

test('tried again after a while, which doubles up to a bound', () => {
  expect(new Starts(0).isRetryDue(Number.MAX_VALUE)).toBe(false);
  const starts = givenUp(0, 1_000);
  expect(starts.isRetryDue(1_000 + LIMITS.givenUpFirstMs - 1)).toBe(false);
  expect(starts.isRetryDue(1_000 + LIMITS.givenUpFirstMs)).toBe(true);
  expect(givenUp(3).retryAfterMs).toBe(8 * LIMITS.givenUpFirstMs);
  expect(givenUp(2_000).retryAfterMs).toBe(LIMITS.givenUpMaxMs);
});

test('status tells what is not kept warm, and a Node that we do not know', () => {
  const spec = { id: 'node-1', describes: '/usr/bin/node' };
  const unknown = new Starts(0);
  unknown.parked(true);
  const known = new Starts(0);
  known.parked(false);
  const degraded = poolsDegraded([givenUp(), unknown, known].map((starts) => ({ spec, starts })));
  expect(degraded).toMatchObject([
    {
      layer: 'warm /usr/bin/node (node-1)',
      reason: expect.stringContaining('exit status 78'),
      remedy: expect.stringContaining('0.5 min'),
    },
    { layer: 'warm /usr/bin/node (node-1)', reason: expect.stringContaining('under other names') },
  ]);
});
