/** The loop looks for an answer for a moment before it sleeps. Whether it has found one shows in the doorbells: an answer that is
 *  looked for needs none. */
import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { open, type Side } from './side.js';
import { constant, native, until } from './support.js';

const ASK = constant('RECORD_ASK');
const QUICK_IN_A_ROW_MIN = 8; // lookout.c
const ROUNDS = 300;
const SIGCONT = 18;
const SIGSTOP = 19;
const SIGKILL = 9;
const EPROTO = 71;

/** It takes longer than the loop does to come to its lookout. */
const openWorker = () => open('thinker', 15);

const turn = () => new Promise<void>((next) => setImmediate(next));

async function ask(side: Side, isAwaited = true): Promise<void> {
  await turn(); // where the ring is armed: what comes then rings, unless it is looked for
  await new Promise<void>((answered) => {
    side.onRecord = () => answered();
    side.write(ASK, 1, Buffer.from('x'));
    if (isAwaited) side.channel.awaitAnswer();
  });
}

/** Its worker begins only after the loop has gone on. */
async function askLate(side: Side): Promise<void> {
  native.kill(side.pid, SIGSTOP);
  const asked = ask(side);
  await times(3, () => new Promise<void>((next) => setTimeout(next, 0)));
  native.kill(side.pid, SIGCONT);
  await asked;
}

async function times(count: number, what: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < count; n++) await what();
}

/** How many of the answers that come meanwhile do not ring. */
async function found(side: Side, what: () => Promise<unknown>): Promise<number> {
  const silent = ({ recordsRead, wakeupsReceived } = side.channel.counters()) => recordsRead - wakeupsReceived;
  await ask(side, false); // behind a doorbell that is still on its way
  const before = silent();
  await what();
  await ask(side, false);
  return silent() - before;
}

test.skipIf(availableParallelism() === 1)('answers that come quickly need no doorbell', async () => {
  const side = openWorker();
  // However busy the machine is: some are found.
  for (let sum = 0; sum < 10; ) sum += await found(side, () => times(ROUNDS, () => ask(side)));
});

test('nothing is looked for that is not awaited, nor before enough have come quickly', async () => {
  const side = openWorker();
  expect(await found(side, () => times(ROUNDS, () => ask(side, false)))).toBe(0);
  expect(await found(side, () => times(QUICK_IN_A_ROW_MIN, () => ask(side)))).toBe(0);
});

test('an answer that is looked for in vain rings, and so do the next ones', async () => {
  const side = openWorker();
  await times(ROUNDS, () => ask(side));
  expect(await found(side, () => askLate(side))).toBe(0);
  expect(await found(side, () => times(QUICK_IN_A_ROW_MIN, () => ask(side)))).toBe(0);
});

test('with other work in the loop nothing is looked for', async () => {
  const side = openWorker();
  await times(ROUNDS, () => ask(side));
  let isOver = false;
  const work = () => {
    if (!isOver) setImmediate(work);
  };
  work();
  expect(await found(side, () => times(ROUNDS, () => ask(side)))).toBe(0);
  isOver = true;
});

test('of two that are awaited since one turn neither is looked for', async () => {
  const [silent, quick] = [openWorker(), openWorker()];
  await times(ROUNDS, () => ask(quick));
  native.kill(silent.pid, SIGSTOP);
  const both = () => Promise.all([turn().then(() => silent.channel.awaitAnswer()), ask(quick)]);
  expect(await found(quick, () => times(ROUNDS, both))).toBe(0);
});

test('a worker that dies, or a channel that is closed, is not looked for any longer', async () => {
  const [dies, closes] = [openWorker(), openWorker()];
  await times(ROUNDS, () => ask(dies));
  await times(ROUNDS, () => ask(closes));
  native.kill(dies.pid, SIGSTOP);
  void ask(dies);
  native.kill(dies.pid, SIGKILL);
  await until(() => dies.closed.length > 0);
  expect(dies.closed).toEqual([0]);
  void ask(closes);
  closes.channel.close();
  closes.channel.awaitAnswer();
  await times(3, turn);
  expect(closes.closed).toEqual([]);
});

test('an impossible tail that is looked at -> onClosed(EPROTO)', async () => {
  const side = open('turncoat', ROUNDS);
  await times(ROUNDS, () => ask(side));
  void ask(side);
  await until(() => side.closed.length > 0);
  expect(side.closed).toEqual([EPROTO]);
  expect(side.records).toHaveLength(ROUNDS);
});
