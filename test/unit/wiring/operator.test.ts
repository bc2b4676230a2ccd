import { beforeEach, expect, test } from 'vitest';
import type { Happening } from '../../../supervisor/contract/happening.js';
import { Journal } from '../../../supervisor/monitor/journal.js';
import { LastTasks } from '../../../supervisor/monitor/last-tasks.js';
import type { Pool } from '../../../supervisor/pool/pool.js';
import type { Recorder } from '../../../supervisor/recording/recorder.js';
import { operatorHandlers } from '../../../supervisor/wiring/operator.js';

const OURS = process.pid;
const ESRCH = 3;

let told: Happening[];
let killStatus: number;
let isStopping: boolean;

/** One pool; its keeper has started this process, as far as the kernel shows. */
const kick = (worker: string | undefined) => {
  const workers = () => [{ kind: 'parked', slot: 0, pid: OURS, state: 'parked', generation: 1, cgroupPath: null }];
  const life = { renew: () => !isStopping };
  const pool = { spec: { id: 'exec' }, settle() {}, activeTasks: 0, workers, keeperPid: process.ppid, life };
  const rooms = {
    ...{
      pools: { all: () => [pool as unknown as Pool] },
      journal: new Journal(() => 0),
      lastTasks: new LastTasks(() => 0),
      recorder: {} as Recorder,
    },
    ...{ tell: (happening: Happening) => void told.push(happening), native: { kill: () => killStatus } },
    ...{ enforced: [], hasGroups: false, forgetRoutes() {}, wallMs: () => 0 },
  };
  return operatorHandlers(rooms).kick({ verb: 'kick', pool: 'exec', worker, force: false });
};

beforeEach(() => {
  told = [];
  killStatus = 0;
  isStopping = false;
});

test('a kick is told once it is done', () => {
  expect([kick(undefined).ok, kick('0').ok]).toEqual([true, true]);
  expect(told.map(({ kind }) => kind)).toEqual(['kicked', 'kicked']);
});

test('a kick that could not be done is not told as done: the pool is being stopped, or the process has just ended', () => {
  isStopping = true;
  killStatus = -ESRCH;
  expect([kick(undefined), kick('0')]).toMatchObject([
    { ok: false, error: { code: 'impossible', message: 'exec is being stopped' } },
    { ok: false, error: { code: 'impossible', message: 'exec/0 is just ending' } },
  ]);
  expect(told).toEqual([]);
});
