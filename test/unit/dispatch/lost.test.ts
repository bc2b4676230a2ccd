/** Tasks whose keeper died with them: run once more only where that does no harm and nobody has seen the first run. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  answered,
  call,
  caller,
  callerEvents,
  clock,
  dispatch,
  ended,
  exec,
  lastTask,
  log,
  resetScene,
  set,
} from './scene.js';

beforeEach(() => {
  resetScene();
  set.isIdempotent = true;
});

const take = () => dispatch.take(call(), caller);

describe('a task that was lost', () => {
  test('and is declared idempotent: run once more, with all of its stdin and one STARTED', () => {
    take();
    lastTask.lost();
    expect(log.filter((one) => one === 'STARTED')).toHaveLength(1);
    expect(log.filter((one) => one.startsWith('begin'))).toEqual(['begin exec:0', 'begin exec:1']);
    expect(exec.begun[1]?.includes('{}')).toBe(true);
    expect(log).toContain('retried /bin/x: its keeper died, it is run once more');
    lastTask.ended(answered);
    expect(ended?.explanation.outcome).toBe('answered');
  });

  test('twice: crashed, not run a third time, and its handler is named', () => {
    take();
    lastTask.lost();
    lastTask.lost();
    expect(exec.begun).toHaveLength(2);
    expect(ended?.explanation.outcome).toBe('crashed');
    expect(log).toContain('poisoned /bin/x: two keepers died while it ran, it is not run again');
  });

  test('by the operator, who kicked it: crashed, with the words, and not run again', () => {
    take();
    lastTask.kicked(undefined);
    expect(exec.begun).toHaveLength(1);
    expect(ended?.explanation.outcome).toBe('crashed');
    expect(ended?.end).toMatchObject({ exitCode: 1, signal: 0, message: expect.stringContaining('supervisor kick') });
    expect(log.filter((one) => /retried|poisoned/.test(one))).toEqual([]);
  });

  test('and is not declared so: crashed', () => {
    set.isIdempotent = false;
    take();
    lastTask.lost();
    expect(exec.begun).toHaveLength(1);
    expect(ended?.explanation.outcome).toBe('crashed');
    expect(log.filter((one) => /retried|poisoned/.test(one))).toEqual([]);
  });

  test('after output of it has gone out: crashed', () => {
    take();
    lastTask.stderr(Buffer.from('x'));
    lastTask.lost();
    expect(exec.begun).toHaveLength(1);
    expect(ended?.explanation.outcome).toBe('crashed');
  });

  test('after its client has cancelled: not run again', () => {
    take();
    callerEvents.cancel(15);
    lastTask.lost();
    expect(exec.begun).toHaveLength(1);
    expect(log.join()).not.toContain('retried');
  });

  test('with more stdin than is kept: crashed', () => {
    take();
    callerEvents.stdin(Buffer.alloc(200_000));
    for (let piece = 0; piece < 4; piece++) {
      lastTask.stdinTaken(200_000);
      callerEvents.stdin(Buffer.alloc(200_000));
    }
    lastTask.lost();
    expect(log.join()).not.toContain('retried');
    expect(exec.begun).toHaveLength(1);
  });

  test('and waits for the next worker: goes on when one comes free', () => {
    exec.freeSlots = [0];
    take();
    lastTask.lost();
    expect(exec.begun).toHaveLength(1);
    clock.pass(10);
    exec.freeSlots = [7];
    dispatch.available(exec as never);
    expect(log.at(-1)).toBe('begin exec:7');
  });
});
