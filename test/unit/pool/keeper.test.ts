/** A keeper that stands still, on a ring of the real kind: it is ended only where something lies there unread. */
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultConfig } from '../../../supervisor/config/defaults.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { RecordKind } from '../../../supervisor/contract/wire.js';
import { loadNative, type Native } from '../../../supervisor/native.js';
import { type Keeper, startKeeper } from '../../../supervisor/pool/keeper.js';
import type { PoolSpec } from '../../../supervisor/pool/keeper-argv.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { waitFor } from '../../lib/wait.js';

const spec: PoolSpec = {
  ...{
    id: 'exec',
    runtime: 'exec',
    describes: '',
    zygoteArgv: [],
    env: [],
    parked: { min: 1, max: 1, first: 1 },
    slots: 1,
  },
  limits: defaultConfig(0).limits,
  confinement: undefined,
};
let clock: FakeClock;
let keeper: Keeper;
let hasTasks: boolean;
let violations: (string | undefined)[];

beforeEach(() => {
  clock = new FakeClock();
  violations = [];
  hasTasks = false;
  const real = loadNative();
  const spawn: Native['spawn'] = (request) => real.spawn({ ...request, file: '/bin/sleep', argv: ['sleep', '60'] });
  const native: Native = Object.assign(Object.create(real), { spawn });
  const none = () => undefined;
  const files = { keeperFile: '/none', runtimeFolder: tmpdir(), logFd: 2 };
  const started = startKeeper({ native, clock, ...files, openCgroup: none, openEgress: none }, spec, 1, 1, () => {
    if (hasTasks) keeper.link.send(RecordKind.TARGET, 0, 0, 0, 0, Buffer.alloc(12));
  });
  if (!('link' in started)) throw new Error(started.step);
  keeper = started;
  keeper.link.setEvents({ record() {}, answered() {}, closed: (violation) => violations.push(violation) });
});
afterEach(async () => {
  let isGone = false;
  keeper.finish(0, () => {
    isGone = true;
  });
  await waitFor('its end', () => {
    clock.pass(LIMITS.keeperLookEveryMs);
    return isGone || undefined;
  });
});

function look(times: number): void {
  for (let count = 0; count < times; count++) clock.pass(LIMITS.keeperLookEveryMs);
}

/** Violations are told on a later turn of the loop. */
const nextTurns = () => new Promise((resolve) => setTimeout(resolve, 50));

test('never written to: it stays', async () => {
  look(10 * LIMITS.keeperUnreadLooksMax);
  await nextTurns();
  expect(violations).toEqual([]);
});

test('a record lies unread: it goes, after as many looks as are granted', async () => {
  keeper.link.send(RecordKind.TARGET, 0, 0, 0, 0, Buffer.alloc(12));
  look(LIMITS.keeperUnreadLooksMax);
  await nextTurns();
  expect(violations).toEqual([]);
  look(1);
  await waitFor('its end', () => violations.length > 0 || undefined);
  expect(violations).toEqual(['it reads no more']);
});

test('its tasks run and nothing is to be said to them: it goes as well', async () => {
  hasTasks = true;
  look(1 + LIMITS.keeperUnreadLooksMax);
  await nextTurns();
  expect(violations).toEqual([]);
  look(1);
  await waitFor('its end', () => violations.length > 0 || undefined);
  expect(violations).toEqual(['it reads no more']);
});
