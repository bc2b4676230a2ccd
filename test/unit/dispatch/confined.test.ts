/** Calls above `contained`: held by their own pools, and refused so that no client runs them directly. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Confinement } from '../../../supervisor/contract/confinement.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { Refusal } from '../../../supervisor/contract/wire.js';
import {
  answered,
  call,
  caller,
  callerEvents,
  dispatch,
  ended,
  exec,
  execPlan,
  FakePool,
  lastTask,
  log,
  passTime,
  python,
  pythonPlan,
  refusal,
  resetScene,
  set,
  taught,
} from './scene.js';

const confinement: Confinement = {
  level: 'restricted',
  layers: ['landlock'],
  network: 'host',
  read: [],
  write: [],
  protect: [],
  project: '/p',
  without: '',
};
let confined: FakePool;

beforeEach(() => {
  resetScene();
  confined = new FakePool('exec-1');
  confined.freeSlots = [3];
  set.confinedPool = confined;
  set.placed = { kind: 'placed', plan: execPlan, confinement, isIdempotent: false };
});

const refused = `refuse ${Refusal.LEVEL_UNAVAILABLE}`;
const withoutClose = () => log.filter((line) => !line.startsWith('close'));

describe('where it runs', () => {
  test('in the exec pool of its sandbox, and the explanation has level and layers', () => {
    dispatch.take(call(), caller);
    lastTask.ended(answered);
    expect(log).toEqual(['STARTED', 'begin exec-1:3', 'end answered', 'close 40']);
    expect(ended?.explanation).toMatchObject({ level: 'restricted', path: 'exec', enforced: ['session'] });
  });

  test('contained is said, too', () => {
    set.placed = undefined;
    dispatch.take(call(), caller);
    lastTask.ended(answered);
    expect(ended?.explanation.level).toBe('contained');
  });

  test('a python goes to it, with the reason, and never to a warm one', () => {
    set.placed = { kind: 'placed', plan: pythonPlan, confinement, isIdempotent: false };
    dispatch.take(call(), caller);
    lastTask.ended(answered);
    expect(log).toContain('begin exec-1:3');
    expect(ended?.explanation.why).toBe('no warm Python above contained yet');
  });

  test('a node that is not free goes to it, not to the exec pool of contained calls', () => {
    set.placed = {
      kind: 'placed',
      plan: { ...pythonPlan, runtime: 'node' } as typeof pythonPlan,
      confinement,
      isIdempotent: false,
    };
    python.spec.runtime = 'node';
    python.freeSlots = [];
    dispatch.take(call(), caller);
    expect(log).toEqual(['STARTED', 'begin exec-1:3']);
    expect(exec.begun).toEqual([]);
  });

  test('what declined it hands it to the same sandbox', () => {
    set.placed = {
      kind: 'placed',
      plan: { ...pythonPlan, runtime: 'node' } as typeof pythonPlan,
      confinement,
      isIdempotent: false,
    };
    dispatch.take(call(), caller);
    lastTask.notStarted('declined');
    expect(log).toEqual(['STARTED', 'begin python:5', 'forget', 'begin exec-1:3']);
  });

  test('what a handler lets pass is said', () => {
    set.placed = {
      kind: 'placed',
      plan: execPlan,
      confinement: { ...confinement, without: 'without Landlock' },
      isIdempotent: false,
    };
    dispatch.take(call(), caller);
    lastTask.ended(answered);
    expect(ended?.explanation.why).toBe('without Landlock');
  });
});

describe('what the switchboard learns of it', () => {
  test('the route of its own channel', () => {
    dispatch.take(call(), caller);
    lastTask.ended(answered);
    expect(taught).toHaveLength(1);
    expect(taught[0]?.route.channel).toBe(confined.channel);
    expect(taught[0]?.route.confinement).toBe(confinement);
  });

  test('of a python, too: no faster way is to come', () => {
    set.placed = { kind: 'placed', plan: pythonPlan, confinement, isIdempotent: false };
    dispatch.take(call(), caller);
    lastTask.ended(answered);
    expect(taught.map(({ route }) => route.channel)).toEqual([confined.channel]);
  });

  test('nothing of a node that went there for once', () => {
    set.placed = {
      kind: 'placed',
      plan: { ...pythonPlan, runtime: 'node' } as typeof pythonPlan,
      confinement,
      isIdempotent: false,
    };
    python.isReady = false;
    dispatch.take(call(), caller);
    lastTask.ended(answered);
    expect(taught).toEqual([]);
  });
});

describe('whatever the cause, a refusal makes the client block', () => {
  test('stopping, a state that cannot be inherited, a path that is none, a keeper in backoff, no pool', () => {
    set.stopping = true;
    dispatch.take(call(), caller);
    set.stopping = false;
    set.obstacle = 'nice';
    dispatch.take(call(), caller);
    set.obstacle = undefined;
    set.placed = { kind: 'placed', plan: { ...execPlan, path: '' }, confinement, isIdempotent: false };
    dispatch.take(call(), caller);
    set.placed = { kind: 'placed', plan: execPlan, confinement, isIdempotent: false };
    confined.state = 'backoff';
    dispatch.take(call(), caller);
    set.confinedPool = 'all pools are busy';
    dispatch.take(call(), caller);
    expect(withoutClose()).toEqual([refused, refused, refused, refused, refused]);
    expect(refusal).toBe('level restricted: all pools are busy');
    expect(log.filter((line) => line === 'close 40')).toHaveLength(5);
  });

  test('still waiting when all pools have gone: refused at once, its folder closed, its time forgotten', () => {
    confined.freeSlots = [];
    dispatch.take(call(), caller);
    expect(withoutClose()).toEqual([]);
    dispatch.refuseWaiting();
    expect(withoutClose()).toEqual([refused]);
    expect(refusal).toBe('level restricted: the supervisor is stopping');
    passTime(LIMITS.queueWaitMaxMs);
    expect([withoutClose(), log.filter((line) => line === 'close 40').length]).toEqual([[refused], 1]);
  });

  test('no process in time: the step that failed is named', () => {
    confined.freeSlots = [];
    confined.failure = { stage: 25, errnum: 1, subject: '/tmp' };
    dispatch.take(call(), caller);
    passTime(LIMITS.queueWaitMaxMs);
    expect(withoutClose()).toEqual([refused]);
    expect(refusal).toBe('level restricted: no worker came free in time: mounting a private folder: /tmp: EPERM');
  });

  test('no process in time, and no step that failed: whether they are busy or do not come up', () => {
    confined.freeSlots = [];
    dispatch.take(call(), caller);
    passTime(LIMITS.queueWaitMaxMs);
    expect(refusal).toContain('all are busy');
    confined.isReady = false;
    dispatch.take(call(), caller);
    passTime(LIMITS.queueWaitMaxMs);
    expect(refusal).toContain('keeper.log may say why');
  });

  test('a policy that refuses: its words, also while stopping', () => {
    set.placed = { kind: 'refused', message: 'no Landlock' };
    dispatch.take(call(), caller);
    set.stopping = true;
    dispatch.take(call(), caller);
    expect(withoutClose()).toEqual([refused, refused]);
    expect(refusal).toBe('no Landlock');
  });

  test('while stopping nothing is waited for', () => {
    set.stopping = true;
    set.placed = { kind: 'later', known: new Promise(() => {}) };
    dispatch.take(call(), caller);
    expect(withoutClose()).toEqual([refused]);
  });
});

describe('until the layers of the host are known', () => {
  test('the call waits unread, then goes its way once', async () => {
    let tell = () => {};
    const placed = set.placed;
    set.placed = {
      kind: 'later',
      known: new Promise((done) => {
        tell = done;
      }),
    };
    dispatch.take(call(), caller);
    expect(log).toEqual(['pause']);
    set.placed = placed;
    tell();
    await new Promise((done) => setImmediate(done));
    lastTask.ended(answered);
    expect(log).toEqual(['pause', 'resume', 'STARTED', 'begin exec-1:3', 'end answered', 'close 40']);
    expect(callerEvents).toBeDefined();
  });

  test('more than may wait are refused', () => {
    set.placed = { kind: 'later', known: new Promise(() => {}) };
    for (let n = 0; n <= LIMITS.callsBeforeProbeMax; n++) dispatch.take(call(), caller);
    expect(log.filter((line) => line === 'pause')).toHaveLength(LIMITS.callsBeforeProbeMax);
    expect(log.at(-1)).toBe(refused);
  });
});
