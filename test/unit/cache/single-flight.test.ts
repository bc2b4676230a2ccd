/** Who leads, who follows, and what becomes of followers. */
import { beforeEach, expect, test } from 'vitest';
import { type Flown, type Led, SingleFlight } from '../../../supervisor/cache/single-flight.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { FakeClock } from '../../lib/fake-clock.js';

let clock: FakeClock;
let flights: SingleFlight<string, string>;
/** Computations that were begun, in order. */
let begun: { who: string; settle(led: Led<string, string>): Promise<void>; fail(): Promise<void> }[];

beforeEach(() => {
  clock = new FakeClock();
  flights = new SingleFlight(clock);
  begun = [];
});

const turn = () => new Promise<void>((done) => setImmediate(done));

async function ask(who: string, key = 'k', deadlineMs = 1_000, signal?: AbortSignal) {
  const outcome: { is: Flown<string, string> | 'waits' | 'threw' } = { is: 'waits' };
  const lead = () =>
    new Promise<Led<string, string>>((resolve, reject) => {
      begun.push({
        who,
        settle: (led) => {
          resolve(led);
          return turn();
        },
        fail: () => {
          reject(new Error('bug'));
          return turn();
        },
      });
    });
  void flights.run(key, { deadlineMs, signal }, lead).then(
    (flown) => {
      outcome.is = flown;
    },
    () => {
      outcome.is = 'threw';
    },
  );
  await turn();
  return outcome;
}

const who = () => begun.map((one) => one.who);
const led = (own: string) => ({ kind: 'led', own });
const SHARED = { kind: 'shared', shared: 'for all' };

test('equal keys: one computes, all get its answer', async () => {
  const all = [await ask('a'), await ask('b'), await ask('c')];
  expect(who()).toEqual(['a']);
  await begun[0]?.settle({ own: 'mine', shared: 'for all' });
  expect(all.map(({ is }) => is)).toEqual([led('mine'), SHARED, SHARED]);
  expect(clock.timers).toEqual([]);
});

test('other keys do not wait for each other', async () => {
  await ask('a', 'k');
  await ask('b', 'l');
  expect(who()).toEqual(['a', 'b']);
});

test('after an answer the next one computes anew', async () => {
  await ask('a');
  await begun[0]?.settle({ own: 'x', shared: 'y' });
  await ask('b');
  expect(who()).toEqual(['a', 'b']);
});

test.each([
  ['has nothing to share', () => begun[0]?.settle({ own: 'failed', shared: undefined }), led('failed')],
  ['throws', () => begun[0]?.fail(), 'threw'],
])('a leader that %s: the first follower computes, the others follow it', async (_what, end, own) => {
  const all = [await ask('a'), await ask('b'), await ask('c')];
  await end();
  expect(who()).toEqual(['a', 'b']);
  expect(all.map(({ is }) => is)).toEqual([own, 'waits', 'waits']);
  await begun[1]?.settle({ own: 'mine', shared: 'for all' });
  expect(all.map(({ is }) => is)).toEqual([own, led('mine'), SHARED]);
  await ask('d');
  expect(who()).toEqual(['a', 'b', 'd']);
});

test('a follower that leads now is followed until its own deadline', async () => {
  await ask('a', 'k', 100);
  await ask('b', 'k', 1_000);
  await begun[0]?.settle({ own: 'failed', shared: undefined });
  clock.pass(500);
  const third = await ask('c');
  await begun[1]?.settle({ own: 'mine', shared: 'for all' });
  expect(third.is).toEqual(SHARED);
});

test('a follower waits until its own deadline, not that of the leader', async () => {
  await ask('a', 'k', 1_000);
  const [early, late] = [await ask('b', 'k', 100), await ask('c', 'k', 900)];
  clock.pass(100);
  await turn();
  expect([early.is, late.is]).toEqual([{ kind: 'late' }, 'waits']);
  await begun[0]?.settle({ own: 'mine', shared: 'for all' });
  expect(late.is).toEqual(SHARED);
  expect((await ask('d', 'k', 100)).is).toBe('waits');
});

test('one that comes with its deadline gone does not wait', async () => {
  clock.now = 500;
  await ask('a', 'k', 1_000);
  expect((await ask('b', 'k', 500)).is).toEqual({ kind: 'late' });
});

test('one whose deadline is over when the leader fails does not compute; the next one does', async () => {
  const all = [await ask('a'), await ask('b', 'k', 100), await ask('c')];
  clock.pass(100);
  await begun[0]?.settle({ own: 'failed', shared: undefined });
  expect(who()).toEqual(['a', 'c']);
  expect(all.map(({ is }) => is)).toEqual([led('failed'), { kind: 'late' }, 'waits']);
});

test('a follower that nobody wants any more stops waiting; the computation goes on', async () => {
  const abort = new AbortController();
  const first = await ask('a');
  const gone = await ask('b', 'k', 1_000, abort.signal);
  abort.abort();
  await turn();
  expect(gone.is).toEqual({ kind: 'aborted' });
  expect((await ask('c', 'k', 1_000, abort.signal)).is).toEqual({ kind: 'aborted' });
  await begun[0]?.settle({ own: 'mine', shared: 'for all' });
  expect(first.is).toEqual(led('mine'));
});

test('a leader that is beyond its deadline is not followed, and its late end changes nothing', async () => {
  await ask('a', 'k', 100);
  clock.pass(100);
  const next = await ask('b', 'k', 1_000);
  expect(who()).toEqual(['a', 'b']);
  await begun[0]?.settle({ own: 'late', shared: 'late' });
  const third = await ask('c', 'k', 1_000);
  await begun[1]?.settle({ own: 'mine', shared: 'for all' });
  expect([next.is, third.is]).toEqual([led('mine'), SHARED]);
});

test('those that have followed leave room for others', async () => {
  for (let n = 0; n < 2; n++) {
    await ask('a');
    for (let m = 1; m < LIMITS.flightFollowersMax; m++)
      void flights.run('k', { deadlineMs: 9 }, () => Promise.reject());
    const last = await ask('b');
    await begun[n]?.settle({ own: 'mine', shared: 'for all' });
    expect(last.is).toEqual(SHARED);
  }
});

test('beyond the bounds each computes for itself', async () => {
  for (let n = 0; n < LIMITS.flightsMax; n++) void flights.run(`k${n}`, { deadlineMs: 9 }, () => new Promise(() => {}));
  await ask('a', 'new');
  await ask('b', 'new');
  expect(who()).toEqual(['a', 'b']);
  for (let n = 0; n < LIMITS.flightFollowersMax; n++) void flights.run('k0', { deadlineMs: 9 }, () => Promise.reject());
  await ask('c', 'k0', 9);
  expect(who()).toEqual(['a', 'b', 'c']);
});
