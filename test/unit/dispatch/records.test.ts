/** What is kept of each call, whatever became of it. */
import { beforeEach, expect, test } from 'vitest';
import { Refusal } from '../../../supervisor/contract/wire.js';
import type { Channel } from '../../../supervisor/native.js';
import { recordOfAnswered } from '../../../supervisor/placing/record.js';
import type { Route } from '../../../supervisor/placing/rooms.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import {
  answered,
  call,
  caller,
  callerEvents,
  dispatch,
  exec,
  execPlan,
  firstConfig,
  lastTask,
  log,
  passTime,
  pythonPlan,
  records,
  resetScene,
  set,
  taught,
} from './scene.js';

beforeEach(resetScene);

const figures = { ...answered, runNs: 4_200_000, cpuUs: 1500, memoryPeakBytes: 9000, denialsTold: 3 };

test('an answer: who, how, how long, how much; and nothing of its arguments, environment or input', () => {
  const secret = 'hunter2';
  set.plan = { ...execPlan, argv: ['x', secret] };
  dispatch.take(call({ argv: ['x', secret], env: [`KEY=${secret}`], stdin: Buffer.from(secret) }), caller);
  passTime(5);
  lastTask.ended(figures);
  expect(records).toEqual([
    {
      handler: expect.stringMatching(/^\/bin\/x #[0-9a-f]{8}$/),
      ...{ path: 'exec', runtime: 'exec', level: 'contained', outcome: 'answered', exitCode: 2, signal: null },
      ...{ totalMs: 5, runMs: 4.2, cpuMs: 1.5, memoryPeakBytes: 9000, pid: 1000 },
      ...{ denialsTold: 3, isSwitched: false, detail: '' },
    },
  ]);
  expect(JSON.stringify(records)).not.toContain(secret);
});

test('after the answer', () => {
  let answers = 0;
  const before = records.push.bind(records);
  records.push = (...all) => {
    answers = log.filter((line) => line.startsWith('end')).length;
    return before(...all);
  };
  dispatch.take(call(), caller);
  lastTask.ended(answered);
  expect(answers).toBe(1);
});

test('a death by signal, a deadline, a limit, a dead keeper: outcome and what was said of it', () => {
  const ends = [
    () => lastTask.ended({ ...answered, signal: 11, exitCode: 0 }),
    () => lastTask.ended({ ...answered, kind: 'timedOut' }),
    () => lastTask.ended({ ...answered, kind: 'limitHit', limit: 'memory' }),
  ];
  for (const end of ends) {
    dispatch.take(call({ timeoutMs: 5 }), caller);
    end();
  }
  exec.freeSlots = [3];
  dispatch.take(call(), caller);
  lastTask.lost();
  expect(records).toMatchObject([
    { outcome: 'answered', exitCode: null, signal: 11, detail: '' },
    { outcome: 'timedOut', exitCode: null, signal: null, detail: 'hook stopped: no end within 5 ms' },
    { outcome: 'limitHit', detail: 'hook stopped: memory limit of 77 reached' },
    { outcome: 'crashed', runMs: null, cpuMs: null, memoryPeakBytes: null },
  ]);
});

test('a client that is gone before and while its hook runs: cancelled, once', () => {
  set.clientHasGivenUp = true;
  dispatch.take(call(), caller);
  set.clientHasGivenUp = false;
  dispatch.take(call(), caller);
  callerEvents.gone();
  lastTask.ended({ ...answered, kind: 'cancelled' });
  expect(records).toMatchObject([{ outcome: 'cancelled' }, { outcome: 'cancelled', signal: 15 }]);
  expect(records).toHaveLength(2);
});

test('a refusal: with its reason, and whether the client may run the hook itself', () => {
  set.stopping = true;
  dispatch.take(call(), caller);
  set.stopping = false;
  set.placed = { kind: 'refused', message: 'no landlock' };
  dispatch.take(call({ level: 'restricted' }), caller);
  set.placed = undefined;
  exec.freeSlots = [];
  for (let n = 0; n < 3; n++) dispatch.take(call(), caller);
  expect(log).toContain(`refuse ${Refusal.QUEUE_FULL}`);
  expect(records).toMatchObject([
    { outcome: 'refused', path: 'direct', runtime: null, detail: 'the supervisor is stopping', handler: '/bin/x' },
    { outcome: 'refused', path: null, level: 'restricted', detail: 'no landlock' },
    { outcome: 'refused', path: 'direct', detail: 'too many calls are waiting' },
  ]);
});

test('a switched call that was handed over is known as switched', () => {
  const at = { callId: 7, ageMs: 3, slot: 2, generation: 1, ordinal: 9, stdinTakenBytes: 0, stdinIsOver: 1 };
  const way = { plan: execPlan, order: {} as Route['order'], path: 'exec' as const, why: '', confinement: undefined };
  const route = {
    ...way,
    isSettled: true,
    isIdempotent: false,
    config: firstConfig,
    pool: exec as unknown as Pool,
    channel: exec.channel as Channel,
  };
  dispatch.takeOver(call(), caller, { ...route, handler: '/bin/x' }, { ...at, outputBytes: 0, queuedBytes: 0 });
  lastTask.ended(answered);
  expect(records).toMatchObject([{ outcome: 'answered', isSwitched: true, handler: '/bin/x' }]);
});

test('one that was answered without us: by what the switchboard was taught with', () => {
  set.plan = pythonPlan;
  dispatch.take(call({ cwd: '/p' }), caller);
  lastTask.ended(answered);
  const route = taught[0]?.route as Route;
  expect(recordOfAnswered(route, { token: route, pid: 4711, tookMs: 1.25, agoMs: 3, end: figures })).toEqual({
    handler: '/p/h.py',
    ...{ path: 'worker', runtime: 'python', level: 'contained', outcome: 'answered', exitCode: 2, signal: null },
    ...{ totalMs: 1.25, runMs: 4.2, cpuMs: 1.5, memoryPeakBytes: 9000, pid: 4711 },
    ...{ denialsTold: 3, isSwitched: true, detail: '' },
  });
});
