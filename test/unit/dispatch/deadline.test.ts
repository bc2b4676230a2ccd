/** One deadline per call, from the moment it came in: what it waits and what it is tried again for count against it. */
import { beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import {
  answered,
  call,
  caller,
  callerEvents,
  dispatch,
  ended,
  exec,
  lastTask,
  log,
  passTime,
  python,
  pythonPlan,
  reconfigure,
  resetScene,
  set,
  taught,
} from './scene.js';

const TIMEOUT_MS = 1_000;
const available = () => dispatch.available(exec as unknown as Pool);
/** What START gives the keeper. */
const timeoutsMs = () => exec.begun.map((order) => order.readUInt32LE(0));

beforeEach(resetScene);

test('begun at once -> all of it; none asked for -> none, or the configured one', () => {
  dispatch.take(call({ timeoutMs: TIMEOUT_MS }), caller);
  dispatch.take(call(), caller);
  reconfigure({ timeoutMs: 77 });
  dispatch.take(call(), caller);
  expect(timeoutsMs()).toEqual([TIMEOUT_MS, 0, 77]);
});

test('what it waited is gone', () => {
  exec.freeSlots = [];
  dispatch.take(call({ timeoutMs: TIMEOUT_MS }), caller);
  passTime(600.4);
  exec.freeSlots = [0];
  available();
  expect(timeoutsMs()).toEqual([400]);
});

test('what a first try took is gone', () => {
  dispatch.take(call({ timeoutMs: TIMEOUT_MS }), caller);
  passTime(300);
  lastTask.notStarted('gone');
  expect(timeoutsMs()).toEqual([TIMEOUT_MS, 700]);
});

test('what a lost run took is gone from that which follows', () => {
  set.isIdempotent = true;
  dispatch.take(call({ timeoutMs: TIMEOUT_MS }), caller);
  passTime(900);
  lastTask.lost();
  expect(timeoutsMs()).toEqual([TIMEOUT_MS, 100]);
});

test('it comes while the call waits -> timed out there and then, and never begun', () => {
  exec.freeSlots = [];
  dispatch.take(call({ timeoutMs: TIMEOUT_MS }), caller);
  passTime(TIMEOUT_MS - 1);
  expect(log).toEqual([]);
  passTime(1);
  exec.freeSlots = [0];
  available();
  // STARTED: the client must not answer by running the hook itself, which would be late as well.
  expect(log).toEqual(['STARTED', 'end timedOut', 'close 40']);
  expect(ended?.end).toMatchObject({ exitCode: 1, message: expect.stringContaining(`within ${TIMEOUT_MS} ms`) });
  expect(ended?.end.isUnstarted).toBe(true);
});

test('it comes while a client waits that has given up -> that is all', () => {
  exec.freeSlots = [];
  dispatch.take(call({ timeoutMs: TIMEOUT_MS }), caller);
  set.clientHasGivenUp = true;
  passTime(TIMEOUT_MS);
  expect(log).toEqual(['gave up', 'close 40']);
});

test('it is past when a worker comes free -> the worker is given back, the call timed out', () => {
  exec.freeSlots = [];
  dispatch.take(call({ timeoutMs: TIMEOUT_MS, blocking: true, receivedAtMs: -TIMEOUT_MS }), caller);
  exec.freeSlots = [3];
  available();
  expect(log).toEqual(['STARTED', 'release 3', 'end timedOut', 'close 40']);
  expect(ended?.end).toMatchObject({ exitCode: 2, isUnstarted: true });
});

test('it comes while a hook runs, or after a run of it that was lost -> it had begun', () => {
  set.isIdempotent = true;
  dispatch.take(call({ timeoutMs: TIMEOUT_MS }), caller);
  lastTask.ended({ ...answered, kind: 'timedOut', runNs: 1e9 });
  expect(ended?.end).not.toHaveProperty('isUnstarted');
  dispatch.take(call({ timeoutMs: TIMEOUT_MS }), caller);
  passTime(TIMEOUT_MS);
  lastTask.lost();
  expect(log.slice(-2)).toEqual(['end timedOut', 'close 40']);
  expect(ended?.end).not.toHaveProperty('isUnstarted');
});

test('it is past when the worker of a first try has gone -> not tried again', () => {
  dispatch.take(call({ timeoutMs: TIMEOUT_MS }), caller);
  passTime(TIMEOUT_MS);
  lastTask.notStarted('gone');
  expect(log).toEqual(['STARTED', 'begin exec:0', 'release 1', 'end timedOut', 'close 40']);
});

test('later than the longest wait -> refused after that wait, so that the client may run it itself', () => {
  exec.freeSlots = [];
  dispatch.take(call({ timeoutMs: LIMITS.queueWaitMaxMs + 1 }), caller);
  passTime(LIMITS.queueWaitMaxMs);
  expect(log).toEqual(['close 40', expect.stringMatching(/^refuse/)]);
});

test('waiting for two pools in turn is waiting', () => {
  set.plan = pythonPlan;
  python.freeSlots = [];
  exec.freeSlots = [];
  dispatch.take(call({ timeoutMs: LIMITS.queueWaitMaxMs + 500 }), caller);
  passTime(LIMITS.queueWaitMaxMs);
  passTime(499);
  expect(log).toEqual([]);
  passTime(1);
  expect(log).toEqual(['STARTED', 'end timedOut', 'close 40']);
});

test('what a task says after its end changes nothing', () => {
  dispatch.take(call({ timeoutMs: TIMEOUT_MS }), caller);
  lastTask.ended({ ...answered, kind: 'timedOut', runNs: 1e9 });
  const before = [...log];
  lastTask.ended(answered);
  lastTask.stdout(Buffer.from('late'));
  callerEvents.drained();
  expect(log).toEqual(before);
  expect(ended?.end).toMatchObject({ exitCode: 1, message: expect.stringContaining(`within ${TIMEOUT_MS} ms`) });
});

test('the switchboard is taught the whole of it, whatever this call had left', () => {
  dispatch.take(call({ timeoutMs: TIMEOUT_MS, receivedAtMs: -100 }), caller);
  lastTask.ended(answered);
  expect([timeoutsMs(), taught[0]?.start.readUInt32LE(0)]).toEqual([[900], TIMEOUT_MS]);
});
