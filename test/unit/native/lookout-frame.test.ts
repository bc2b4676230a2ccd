/** The loop looks for the next question of a program that asks one after the other before it sleeps. Whether it has found it shows in
 *  how often the process has gone to sleep. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Connection } from '../../../supervisor/native.js';
import { constant, frame, Station } from './support.js';

const ROUNDS = 200; // fewer than connections that one listener has
const REPLY = constant('FRAME_CONTROL_REPLY');
const REQUEST = frame(constant('FRAME_CONTROL_REQUEST'), Buffer.from('{}')).toString('hex');
const SLEEPS_FEW = ROUNDS / 10;
const SLEEPS_MANY = (3 * ROUNDS) / 4;

let station: Station;
afterEach(() => station.close());

const sleeps = () => process.resourceUsage().voluntaryContextSwitches;

/** How often this process has slept while it answered all questions. @param silent connections that are there beforehand.
 *  @param answered in the turn of each answer, once it is sent. */
async function sleepsBetween(answered: (connection: Connection) => void, silent = 0): Promise<number> {
  let first = 0;
  let last = 0;
  station?.close();
  station = new Station('operator', ({ connection, frames }) => ({
    onFrame() {
      if (frames.length === 1) first = sleeps();
      last = sleeps();
      connection.send(REPLY, 0, Buffer.from('{}'));
      answered(connection);
    },
  }));
  const args = [station.path, REQUEST, String(ROUNDS), String(silent)];
  const asker = spawn('python3', [join(import.meta.dirname, 'asker.py'), ...args]);
  expect(await once(asker, 'exit')).toEqual([0, null]);
  expect(station.seen.at(-1)?.frames).toHaveLength(ROUNDS);
  return last - first;
}

const isAlone = availableParallelism() === 1;

// However busy the machine is: in some run it is as it should be.
test.skipIf(isAlone)('questions that come quickly are there before the loop sleeps', async () => {
  while ((await sleepsBetween((connection) => connection.awaitFrame())) > SLEEPS_FEW);
});

test.skipIf(isAlone)('where none is awaited it sleeps until each', async () => {
  while ((await sleepsBetween(() => {})) < SLEEPS_MANY);
});

// Two that are awaited are not looked for: whoever is forgotten does not count.
test.skipIf(isAlone)(
  'a connection that is closed while its next question is awaited is not awaited any more',
  async () => {
    const answered = (connection: Connection) => {
      const other = station.seen[(station.seen.at(-1)?.frames.length ?? 0) - 1]?.connection;
      other?.awaitFrame();
      other?.destroy();
      other?.awaitFrame();
      connection.awaitFrame();
    };
    while ((await sleepsBetween(answered, ROUNDS)) > SLEEPS_FEW);
  },
);
