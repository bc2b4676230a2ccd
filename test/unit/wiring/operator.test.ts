import { beforeEach, describe, expect, test } from 'vitest';
import type { Happening } from '../../../supervisor/contract/happening.js';
import type { WorkerStatus } from '../../../supervisor/contract/status.js';
import { Journal } from '../../../supervisor/monitor/journal.js';
import { LastTasks } from '../../../supervisor/monitor/last-tasks.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import type { Recorder } from '../../../supervisor/recording/recorder.js';
import { operatorHandlers } from '../../../supervisor/wiring/operator.js';

const ESRCH = 3;
const KEEPER = 50;
const place = { generation: 7, cgroupPath: null };
const WORKERS: readonly WorkerStatus[] = [
  { kind: 'zygote', slot: null, pid: 90, state: 'busy', ...place },
  { kind: 'parked', slot: 0, pid: 100, state: 'parked', ...place },
  { kind: 'parked', slot: 1, pid: 101, state: 'busy', ...place },
  { kind: 'parked', slot: 2, pid: 102, state: 'lingering', ...place },
];

const NO_VALIDATORS = { status: () => [], clearCache: () => 0 };
let told: Happening[];
let done: string[];
let killStatus: number;
let parent: number | undefined;
let isStopping: boolean;
let isFree: boolean;

const kick = (worker: string | undefined, force = false) => {
  const note = (what: string) => void done.push(what);
  const pool = {
    ...{ spec: { id: 'exec' }, settle() {}, activeTasks: 0, workers: () => WORKERS, keeperPid: KEEPER },
    kick: () => !isStopping,
    giveUp(slot: number, generation: number) {
      note(`give up ${slot}.${generation}`);
      return isFree;
    },
    kickTask(slot: number) {
      note(`end the task in ${slot}`);
      return isFree;
    },
    deaths: { zygoteWillEnd: () => note('zygote') },
  };
  const kill = (pid: number) => {
    note(`kill ${pid}`);
    return killStatus;
  };
  const rooms = {
    ...{
      pools: { all: () => [pool as unknown as Pool], placeOf: () => ({ set: 1, standing: 'serving' as const }) },
      journal: new Journal(() => 0),
      lastTasks: new LastTasks(() => 0),
      recorder: {} as Recorder,
    },
    ...{ tell: (happening: Happening) => void told.push(happening), native: { kill }, parentOf: () => parent },
    ...{ enforced: [], hasGroups: false, forgetRoutes() {}, wallMs: () => 0, validating: NO_VALIDATORS },
  };
  return operatorHandlers(rooms).kick({ verb: 'kick', pool: 'exec', worker, force });
};

beforeEach(() => {
  told = [];
  done = [];
  killStatus = 0;
  parent = KEEPER;
  isStopping = false;
  isFree = true;
});

describe('a kick', () => {
  test('is told once it is done', () => {
    expect([kick(undefined).ok, kick('0').ok]).toEqual([true, true]);
    expect(told.map(({ kind }) => kind)).toEqual(['kicked', 'kicked']);
  });

  test('of a parked process: no task may begin in it before it is killed', () => {
    kick('0');
    expect(done).toEqual(['give up 0.7', 'kill 100']);
  });

  test('of a zygote: its end is expected', () => {
    kick('zygote');
    expect(done).toEqual(['kill 90', 'zygote']);
  });

  test('where a hook runs, or has left something: refused without force', () => {
    for (const worker of ['1', '2']) expect(kick(worker)).toMatchObject({ ok: false, error: { code: 'busy' } });
    expect([done, told]).toEqual([[], []]);
  });

  test('of a hook, by force: its keeper ends it, and what it has left is killed', () => {
    expect([kick('1', true).ok, kick('2', true).ok]).toEqual([true, true]);
    expect(done).toEqual(['end the task in 1', 'kill 102']);
  });
});

describe('two pools of one name', () => {
  const drained: string[] = [];
  const poolOf = (about: string, isLeaving: boolean) => ({
    ...{ spec: { id: 'exec', slots: 8 }, settle() {}, activeTasks: 0, available() {}, kick: () => drained.push(about) },
    target: { isLeaving, isDrained: false, share: 1, setDrained: () => drained.push(about), setFloor() {} },
  });
  const old = poolOf('old', true);
  const next = poolOf('next', false);
  const handlers = operatorHandlers({
    pools: {
      all: () => [old, next] as unknown as Pool[],
      placeOf: (pool) =>
        pool === (old as unknown as Pool) ? { set: 1, standing: 'leaving' } : { set: 2, standing: 'serving' },
    },
    ...{ journal: new Journal(() => 0), lastTasks: new LastTasks(() => 0), tell() {}, native: { kill: () => 0 } },
    ...{
      recorder: {} as Recorder,
      validating: NO_VALIDATORS,
      parentOf: () => 1,
      enforced: [],
      hasGroups: false,
      forgetRoutes() {},
      wallMs: () => 0,
    },
  });

  test('the plain name is that of the one that serves; the other has the number of its set', () => {
    drained.length = 0;
    expect(handlers.drain({ verb: 'drain', pool: 'exec', undo: false }).ok).toBe(true);
    expect(handlers.kick({ verb: 'kick', pool: 'exec@1', worker: undefined, force: false }).ok).toBe(true);
    expect(drained).toEqual(['next', 'old']);
  });

  test('the one that goes is neither drained nor scaled', () => {
    drained.length = 0;
    const answers = [
      handlers.drain({ verb: 'drain', pool: 'exec@1', undo: false }),
      handlers.scale({ verb: 'scale', pool: 'exec@1', parked: 1 }),
    ];
    for (const answer of answers)
      expect(answer).toMatchObject({ error: { code: 'impossible', message: 'exec@1 goes with its last hook' } });
    expect(handlers.drain({ verb: 'drain', pool: 'exec@2', undo: false })).toMatchObject({ ok: false });
    expect(drained).toEqual([]);
  });
});

describe('a kick that could not be done is not told as done', () => {
  test('the pool is being stopped, or the process has just ended', () => {
    isStopping = true;
    killStatus = -ESRCH;
    expect([kick(undefined), kick('0'), kick('zygote')]).toMatchObject([
      { ok: false, error: { code: 'impossible', message: 'exec is being stopped' } },
      { ok: false, error: { code: 'impossible', message: 'exec/0 is just ending' } },
      { ok: false, error: { code: 'impossible', message: 'exec/zygote is just ending' } },
    ]);
    expect([told, done.includes('zygote')]).toEqual([[], false]);
  });

  test('the pid may be somebody else by now: nothing is killed', () => {
    parent = 1;
    expect([kick('0').ok, kick('zygote').ok, done]).toEqual([false, false, []]);
  });

  test('it is not free any more, or its task has just ended: nothing is killed', () => {
    isFree = false;
    expect([kick('0').ok, kick('1', true).ok]).toEqual([false, false]);
    expect([told, done]).toEqual([[], ['give up 0.7', 'end the task in 1']]);
  });
});
