import { beforeEach, describe, expect, test } from 'vitest';
import type { Plan } from '../../../supervisor/contract/call.js';
import { Stream } from '../../../supervisor/contract/wire.js';
import type { Channel, SwitchedCall } from '../../../supervisor/native.js';
import type { Route } from '../../../supervisor/placing/rooms.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import {
  answered,
  call,
  caller,
  callerEvents,
  dispatch,
  ended,
  exec,
  execPlan,
  type FakePool,
  firstConfig,
  lastTask,
  log,
  python,
  pythonPlan,
  resetScene,
  set,
  taught,
} from './scene.js';

beforeEach(resetScene);

describe('what the switchboard is taught', () => {
  test('a call that was answered as planned: its bytes, its order without stdin, the files of its plan', () => {
    dispatch.take(call(), caller);
    expect(taught).toEqual([]);
    lastTask.ended(answered);
    expect(taught).toHaveLength(1);
    expect(taught[0]).toMatchObject({ raw: Buffer.from('the call'), route: { path: 'exec', channel: exec.channel } });
    expect(exec.begun[0]?.toString('latin1')).toBe(`${withStdin(taught[0]?.start as Buffer, '{}')}{}`);
    expect([...(taught[0]?.seen.stamps ?? [])]).toEqual([['/bin/x', 'f:1']]);
  });

  /** The same START with that many bytes of stdin told in its head. */
  function withStdin(start: Buffer, text: string): string {
    const told = Buffer.from(start);
    told.writeUInt32LE(text.length, 20);
    return told.toString('latin1');
  }

  test.each([
    ['it timed out', () => call(), () => lastTask.ended({ ...answered, kind: 'timedOut' })],
    ['it was lost', () => call(), () => lastTask.lost()],
    [
      'it was moved to another worker',
      () => call(),
      () => {
        lastTask.notStarted('gone');
        lastTask.ended(answered);
      },
    ],
  ])('nothing, where %s', (_why, make, end) => {
    dispatch.take(make(), caller);
    end();
    expect(taught).toEqual([]);
  });

  test('nothing, where a warm interpreter was not ready', () => {
    set.plan = pythonPlan;
    python.isReady = false;
    dispatch.take(call(), caller);
    lastTask.ended(answered);
    expect(taught).toEqual([]);
  });
});

describe('a call that the switchboard has started', () => {
  const at: SwitchedCall = {
    ...{ callId: 7, ageMs: 3, slot: 2, generation: 1, ordinal: 9 },
    ...{ stdinTakenBytes: 0, stdinIsOver: 1, outputBytes: 0, queuedBytes: 0 },
  };
  const route = (pool: FakePool, itsPlan: Plan): Route => ({
    ...{ plan: itsPlan, order: {} as Route['order'], path: pool === exec ? 'exec' : 'worker', why: '' },
    ...{ confinement: undefined, isSettled: true, isIdempotent: false, config: firstConfig, handler: '/bin/x' },
    ...{ pool: pool as unknown as Pool, channel: pool.channel as Channel },
  });

  test('is not started again, ends as any other, and teaches nothing', () => {
    dispatch.takeOver(call({ id: 7 }), caller, route(exec, execPlan), at);
    lastTask.ended(answered);
    expect(log).toEqual(['adopt 7 exec:2', 'end answered', 'close 40']);
    expect(ended?.explanation).toMatchObject({ path: 'exec', pid: 1002, slot: 2 });
    expect(taught).toEqual([]);
  });

  test('can be cancelled, and its readers can go', () => {
    dispatch.takeOver(call(), caller, route(exec, execPlan), at);
    callerEvents.readerGone(Stream.STDOUT);
    callerEvents.cancel(2);
    expect(log.slice(1)).toEqual(['reader gone 1', 'cancel 2']);
  });

  test('output that was passed on is credited as soon as the client has taken it', () => {
    dispatch.takeOver(call(), caller, route(exec, execPlan), { ...at, outputBytes: 70_000, queuedBytes: 5_000 });
    expect(log.slice(1)).toEqual([]);
    callerEvents.drained();
    expect(log.slice(1)).toEqual(['credit 70000']);
  });

  test('whose order could not be sent is given to another worker, with its stdin', () => {
    dispatch.takeOver(call(), caller, { ...route(exec, execPlan), order: { ...order } }, { ...at, ordinal: 0 });
    expect(log).toEqual(['begin exec:0']);
    expect(exec.begun[0]?.toString('latin1')).toMatch(/\{\}$/);
  });
  const order = { mode: 0, programIndex: 0, path: '/bin/x', argv: ['x'], env: [] };

  test('declined -> exec, and its route is forgotten', () => {
    dispatch.takeOver(call(), caller, route(python, pythonPlan), at);
    lastTask.notStarted('declined');
    expect(log).toEqual(['adopt 1 python:2', 'forget', 'begin exec:0']);
  });

  test('of a keeper that is gone -> crashed', () => {
    dispatch.takeOver(call(), caller, { ...route(exec, execPlan), channel: {} as Channel }, at);
    expect(ended?.explanation.outcome).toBe('crashed');
  });
});
