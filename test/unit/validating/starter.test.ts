import { beforeEach, describe, expect, test } from 'vitest';
import type { Placed } from '../../../supervisor/placing/place.js';
import { residentStarter, type StarterRooms } from '../../../supervisor/validating/starter.js';
import type { WorkerEnd } from '../../../supervisor/validating/worker.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { SPEC } from '../../lib/validators.js';
import { settled } from './workers.js';

const entry = import.meta.filename;

let ends: WorkerEnd[];
let lookedFor: number;
let held: Placed | Error;
let python: string | undefined;
beforeEach(() => {
  ends = [];
  lookedFor = 0;
  held = { kind: 'refused', message: 'no sandbox' };
  python = undefined;
});

function start(made: Partial<typeof SPEC> = {}, more: Partial<StarterRooms> = {}) {
  const rooms = {
    ...{ packageFolder: '/', node: '/usr/bin/node', native: {} as never, clock: new FakeClock(), env: {} },
    ...{
      config: () => ({}) as never,
      execPool: () => 'the pool is away',
      residentPool: () => 'none forks',
      nextCallId: () => 2,
      inherited: Buffer.alloc(0),
    },
    python: () => python,
    pythonKnown: async () => void lookedFor++,
    hold: () => {
      if (held instanceof Error) throw held;
      return held;
    },
    ...more,
  };
  const events = { ready() {}, answered() {}, silent() {}, gone: (end: WorkerEnd) => void ends.push(end) };
  return residentStarter(rooms)({ ...SPEC, entry, ...made }, events);
}

const refused = (message: string) => [{ cause: 'refused', message }];

describe('what cannot be started is told once, and not before whoever starts it has its hands on it', () => {
  test.each([
    ['its entry is not there', { entry: '/none.mjs' }, 'there is no file /none.mjs'],
    ['its sandbox cannot be', {}, 'no sandbox'],
  ])('%s', async (_what, made, message) => {
    start(made);
    expect(ends).toEqual([]);
    await settled();
    expect(ends).toEqual(refused(message));
  });

  test('there is no Python, as is found out once', async () => {
    start({ runtime: 'python' });
    await settled();
    expect(ends).toEqual(refused('no Python was found'));
    expect(lookedFor).toBe(1);
  });

  test('Python cannot be looked for', async () => {
    start({ runtime: 'python' }, { pythonKnown: () => Promise.reject(new Error('spawn')) });
    await settled();
    expect(ends).toEqual(refused('no Python was found'));
  });

  test('an exception of ours', async () => {
    held = new Error('ours');
    start();
    await settled();
    expect(ends).toEqual(refused('it could not be started: ours'));
  });
});

test('ended before it has begun: gone, and nothing is started when it could be', async () => {
  let known = () => {};
  held = { kind: 'later', known: new Promise<void>((resolve) => (known = resolve)) };
  const worker = start();
  await settled();
  worker.end('kill');
  worker.end('kill');
  await settled();
  expect(ends).toEqual(refused('it was ended before it had begun'));
  held = new Error('it was placed all the same');
  known();
  await settled();
  expect(ends).toHaveLength(1);
});

test.each(['at once', 'just before it could be'])('ended %s: nothing is started', async (when) => {
  let known = () => {};
  held = { kind: 'later', known: new Promise<void>((resolve) => (known = resolve)) };
  if (when === 'at once') held = new Error('it was placed all the same');
  const worker = start();
  if (when !== 'at once') {
    await settled();
    held = new Error('it was placed all the same');
    known();
  }
  worker.end('kill');
  await settled();
  expect(ends).toEqual(refused('it was ended before it had begun'));
});
