import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { Refusal, Stream } from '../../../supervisor/contract/wire.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import {
  answered,
  call,
  caller,
  callerEvents,
  counters,
  dispatch,
  ended,
  exec,
  execPlan,
  lastTask,
  log,
  passTime,
  python,
  pythonPlan,
  reconfigure,
  refusal,
  resetScene,
  set,
} from './scene.js';

beforeEach(resetScene);

describe('a configuration that changes', () => {
  const outputMaxBytesOf = (order: Buffer | undefined) => order?.readUInt32LE(8);

  test('a call that waits is begun by the one that it came under, the next by the new one', () => {
    exec.freeSlots = [];
    dispatch.take(call(), caller);
    reconfigure({ outputMaxBytes: 77 });
    exec.freeSlots = [0, 1];
    dispatch.available(exec as unknown as Pool);
    dispatch.take(call(), caller);
    expect(exec.begun.map(outputMaxBytesOf)).toEqual([1000, 77]);
  });

  test('a call whose process has not started goes on to the pool that has the place of its own', () => {
    dispatch.take(call(), caller);
    set.inItsPlace = python;
    lastTask.notStarted('gone');
    expect(log.slice(1)).toEqual(['begin exec:0', 'begin python:5']);
  });
});

describe('an ordinary call', () => {
  test('STARTED goes out before the order, the folder is closed, the answer is the hook’s own', () => {
    dispatch.take(call(), caller);
    lastTask.ended(answered);
    expect(log).toEqual(['STARTED', 'begin exec:0', 'end answered', 'close 40']);
    expect(ended?.end).toEqual({ exitCode: 2, signal: 0, message: '' });
    expect(ended?.explanation).toMatchObject({ path: 'exec', pid: 1000, slot: 0, enforced: ['session'] });
  });

  test('a client that has given up -> never begun, the worker is given back', () => {
    set.clientHasGivenUp = true;
    dispatch.take(call(), caller);
    expect(log).toEqual(['gave up', 'release 0', 'close 40']);
  });

  test('a warm interpreter that is not ready -> exec, and the explanation says why', () => {
    set.plan = pythonPlan;
    python.isReady = false;
    dispatch.take(call(), caller);
    lastTask.ended(answered);
    expect(ended?.explanation).toMatchObject({ path: 'exec', why: expect.stringContaining('not ready') });
  });
});

describe('a task that did not start', () => {
  test('worker gone -> another worker with the same input, and no second STARTED', () => {
    dispatch.take(call(), caller);
    lastTask.notStarted('gone');
    lastTask.ended(answered);
    expect(log).toEqual(['STARTED', 'begin exec:0', 'begin exec:1', 'end answered', 'close 40']);
    expect(exec.begun[1]).toEqual(exec.begun[0]);
  });

  test('declined -> exec, and the next call of that program goes to exec at once', () => {
    set.plan = pythonPlan;
    dispatch.take(call(), caller);
    lastTask.notStarted('declined');
    lastTask.ended(answered);
    dispatch.take(call({ id: 2 }), caller);
    expect(log.filter((line) => line.startsWith('begin'))).toEqual(['begin python:5', 'begin exec:0', 'begin exec:1']);
  });

  test('no worker ever starts it -> refused after a bounded number of tries: the client may run it', () => {
    exec.freeSlots = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    exec.canBegin = false;
    dispatch.take(call(), caller);
    expect(log.filter((line) => line.startsWith('begin'))).toHaveLength(LIMITS.notStartedRetriesMax + 1);
    expect(log.slice(-2)).toEqual(['close 40', `refuse ${Refusal.NO_WORKER}`]);
    expect(ended).toBeUndefined();
  });

  test('no other worker -> refused although STARTED was sent', () => {
    exec.freeSlots = [0];
    dispatch.take(call(), caller);
    exec.closedBecause = 'quarantined';
    lastTask.notStarted('gone');
    expect(log).toEqual(['STARTED', 'begin exec:0', 'close 40', `refuse ${Refusal.NO_WORKER}`]);
  });
});

describe('a task that started', () => {
  test('keeper lost -> crashed, never begun again', () => {
    dispatch.take(call(), caller);
    lastTask.lost();
    expect(log).toEqual(['STARTED', 'begin exec:0', 'end crashed', 'close 40']);
    expect(ended?.end).toMatchObject({ exitCode: 1, message: expect.stringContaining('keeper') });
  });

  test('keeper lost under a blocking handler -> exit 2', () => {
    dispatch.take(call({ blocking: true }), caller);
    lastTask.lost();
    expect(ended?.end.exitCode).toBe(2);
  });

  test('a connection that closes cancels the task', () => {
    dispatch.take(call(), caller);
    callerEvents.gone();
    expect(log).toContain('cancel 15');
  });

  test('a reader that is gone before or after the start is told to the hook, and nothing is cancelled', () => {
    dispatch.take(call({ readersGone: Stream.STDOUT }), caller);
    callerEvents.readerGone(Stream.STDERR);
    expect(log).toEqual(['STARTED', 'begin exec:0', 'reader gone 1', 'reader gone 2']);
  });

  test('a command killed under a shell that would have waited ends as that shell does', () => {
    set.plan = { ...execPlan, throughShell: true };
    dispatch.take(call({ shellText: true }), caller);
    lastTask.ended({ ...answered, exitCode: 0, signal: 9 });
    expect(log).toContain('stderr Killed\n');
    expect(ended?.end).toEqual({ exitCode: 137, signal: 0, message: '' });
  });
});

describe('waiting', () => {
  beforeEach(() => {
    exec.freeSlots = [];
  });

  test('no worker -> waits, asks for more, and goes on when one comes free', () => {
    dispatch.take(call(), caller);
    expect([log, exec.demand]).toEqual([[], 1]);
    exec.freeSlots = [4];
    dispatch.available(exec as unknown as Pool);
    expect([log, exec.demand]).toEqual([['STARTED', 'begin exec:4'], 0]);
  });

  test('stdin that came meanwhile goes right behind the order', () => {
    dispatch.take(call({ stdin: Buffer.from('ab'), stdinComplete: false }), caller);
    callerEvents.stdin(Buffer.from('cd'));
    callerEvents.stdinEnd();
    exec.freeSlots = [4];
    dispatch.available(exec as unknown as Pool);
    expect(exec.begun[0]?.toString('latin1')).toMatch(/ab$/);
    expect(log).toEqual(['STARTED', 'begin exec:4', 'stdin cd.']);
  });

  test('cancelled while waiting -> never begun', () => {
    dispatch.take(call(), caller);
    callerEvents.cancel(15);
    exec.freeSlots = [4];
    dispatch.available(exec as unknown as Pool);
    expect(log).toEqual(['end cancelled', 'close 40']);
    expect(ended?.end.signal).toBe(15);
  });

  test('the queue is bounded: the next call is refused before STARTED', () => {
    for (let id = 1; id <= 3; id++) dispatch.take(call({ id }), caller);
    expect(log).toEqual(['close 40', `refuse ${Refusal.QUEUE_FULL}`]);
  });

  test('nobody comes free in time -> refused, so that the client may run it itself', () => {
    dispatch.take(call(), caller);
    passTime(LIMITS.queueWaitMaxMs);
    expect(log).toEqual(['close 40', `refuse ${Refusal.NO_WORKER}`]);
  });

  test('no parked Node -> exec at once: to wait for one takes longer', () => {
    set.plan = pythonPlan;
    python.spec.runtime = 'node';
    python.freeSlots = [];
    exec.freeSlots = [0];
    dispatch.take(call(), caller);
    lastTask.ended(answered);
    expect(log).toEqual(['STARTED', 'begin exec:0', 'end answered', 'close 40']);
    expect(ended?.explanation).toMatchObject({ path: 'exec', why: expect.stringContaining('no parked process') });
  });

  test('for nothing: no warm process is free and exec is closed -> refused at once', () => {
    set.plan = pythonPlan;
    python.spec.runtime = 'node';
    python.freeSlots = [];
    exec.closedBecause = 'it is drained';
    dispatch.take(call(), caller);
    expect(log).toEqual(['close 40', `refuse ${Refusal.NO_WORKER}`]);
    expect(refusal).toBe('it is drained');
  });

  test('a task that has not started in a warm pool that closes meanwhile -> exec at once', () => {
    set.plan = pythonPlan;
    exec.freeSlots = [0];
    dispatch.take(call(), caller);
    python.freeSlots = [];
    python.closedBecause = 'it is drained';
    lastTask.notStarted('gone');
    expect(log).toEqual(['STARTED', 'begin python:5', 'begin exec:0']);
  });

  test('a warm pool without room in time -> exec', () => {
    set.plan = pythonPlan;
    python.freeSlots = [];
    dispatch.take(call(), caller);
    exec.freeSlots = [0];
    passTime(LIMITS.queueWaitMaxMs);
    expect(log).toEqual(['STARTED', 'begin exec:0']);
  });
});

describe('refusals', () => {
  test('a state that cannot be inherited, an impossible path, an exec keeper in backoff -> refused before STARTED', () => {
    set.obstacle = 'nice';
    dispatch.take(call(), caller);
    set.obstacle = undefined;
    set.plan = { ...execPlan, path: `/${'x'.repeat(5000)}` };
    dispatch.take(call(), caller);
    set.plan = { ...execPlan, path: '' };
    dispatch.take(call(), caller);
    set.plan = execPlan;
    exec.state = 'backoff';
    dispatch.take(call(), caller);
    expect(log.filter((line) => !line.startsWith('close'))).toEqual([
      `refuse ${Refusal.NO_WORKER}`,
      `refuse ${Refusal.BAD_CALL}`,
      `refuse ${Refusal.BAD_CALL}`,
      `refuse ${Refusal.NO_WORKER}`,
    ]);
  });

  test('stopping', () => {
    set.stopping = true;
    dispatch.take(call(), caller);
    expect(log).toEqual(['close 40', `refuse ${Refusal.STOPPING}`]);
  });

  test('a mistake of ours before anybody listens to its client -> the folder is closed, once, and nobody is counted', () => {
    set.placed = {
      ...{ kind: 'placed', confinement: undefined, isIdempotent: false },
      get plan(): never {
        throw new Error('ours');
      },
    };
    expect(() => dispatch.take(call(), caller)).toThrow('ours');
    expect(log).toEqual(['close 40']);
    expect(counters.snapshot().active).toBe(0);
  });
});
