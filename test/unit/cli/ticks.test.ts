import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { type TickSources, ticks } from '../../../supervisor/cli/ticks.js';

/** Pauses of no length, noted; what happens during one is `during`. */
function sources(during: (pauses: number, sources: TickSources) => void) {
  const pausesMs: number[] = [];
  const made: TickSources = {
    signals: new EventEmitter(),
    out: new EventEmitter(),
    pause: async (milliseconds, _value, { signal }) => {
      pausesMs.push(milliseconds);
      during(pausesMs.length, made);
      signal.throwIfAborted();
    },
  };
  return { made, pausesMs };
}

async function count(made: TickSources): Promise<number> {
  let ticked = 0;
  for await (const _ of ticks(2000, made)) {
    ticked++;
    if (ticked > 10) throw new Error('it does not end');
  }
  return ticked;
}

test('one at once, one after each interval, none after Ctrl-C', async () => {
  const { made, pausesMs } = sources((pauses, { signals }) => {
    if (pauses === 3) signals.emit('SIGINT');
  });
  expect(await count(made)).toBe(3);
  expect(pausesMs).toEqual([2000, 2000, 2000]);
});

test('a reader that is gone ends it', async () => {
  const { made } = sources((_pauses, { out }) => out.emit('error', Object.assign(new Error(), { code: 'EPIPE' })));
  expect(await count(made)).toBe(1);
});

test('another failure of the output is not hidden', async () => {
  const { made } = sources(() => {});
  const beat = ticks(1, made);
  await beat.next();
  expect(() => made.out.emit('error', Object.assign(new Error('full'), { code: 'ENOSPC' }))).toThrow('full');
});

test('the second Ctrl-C is not ours: it ends the process', async () => {
  const { made } = sources((_pauses, { signals }) => signals.emit('SIGINT'));
  await count(made);
  expect(made.signals.listenerCount('SIGINT')).toBe(0);
});
