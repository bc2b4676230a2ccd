/** The loop looks for the next question of a program that asks one after the other before it sleeps. Whether it has found it shows in
 *  how often the process has gone to sleep. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { constant, frame, Station } from './support.js';

const ROUNDS = 500;
const REPLY = constant('FRAME_CONTROL_REPLY');
const REQUEST = frame(constant('FRAME_CONTROL_REQUEST'), Buffer.from('{}')).toString('hex');
const SLEEPS_FEW = ROUNDS / 4;
const SLEEPS_MANY = (3 * ROUNDS) / 4;

let station: Station;
afterEach(() => station.close());

const sleeps = () => process.resourceUsage().voluntaryContextSwitches;

/** How often this process has slept while it answered all questions. */
async function sleepsBetween(isAwaited: boolean): Promise<number> {
  let first = 0;
  let last = 0;
  station?.close();
  station = new Station('operator', ({ connection, frames }) => ({
    onFrame() {
      if (frames.length === 1) first = sleeps();
      last = sleeps();
      connection.send(REPLY, 0, Buffer.from('{}'));
      if (isAwaited) connection.awaitFrame();
    },
  }));
  const asker = spawn('python3', [join(import.meta.dirname, 'asker.py'), station.path, REQUEST, String(ROUNDS)]);
  expect(await once(asker, 'exit')).toEqual([0, null]);
  expect(station.seen[0]?.frames).toHaveLength(ROUNDS);
  return last - first;
}

const isAlone = availableParallelism() === 1;

// However busy the machine is: in some run it is as it should be.
test.skipIf(isAlone)('questions that come quickly are there before the loop sleeps', async () => {
  while ((await sleepsBetween(true)) > SLEEPS_FEW);
});

test.skipIf(isAlone)('where none is awaited it sleeps until each', async () => {
  while ((await sleepsBetween(false)) < SLEEPS_MANY);
});

test('a connection that is closed while its next question is awaited, or before, is not looked for', async () => {
  let closed = 0;
  station = new Station('operator', ({ connection, frames }) => ({
    onFrame() {
      connection.send(REPLY, 0, Buffer.from('{}'));
      connection.awaitFrame();
      if (frames.length < ROUNDS) return;
      connection.destroy();
      connection.awaitFrame();
      closed++;
    },
  }));
  const asker = spawn('python3', [join(import.meta.dirname, 'asker.py'), station.path, REQUEST, String(2 * ROUNDS)]);
  await once(asker, 'exit');
  expect(closed).toBe(1);
});
