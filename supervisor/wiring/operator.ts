/** What an operator may see of one pool, and do to it. Every act is told. */
import { readFileSync } from 'node:fs';
import type { Tell } from '../contract/happening.js';
import type { PoolDetail } from '../contract/pool-detail.js';
import { STAGE_TEXT } from '../contract/stage.js';
import type { WorkerStatus } from '../contract/status.js';
import { type ControlHandlers, type Done, unknownPool } from '../control/answer.js';
import type { ControlError } from '../control/messages.js';
import type { Journal } from '../monitor/journal.js';
import type { LastTasks } from '../monitor/last-tasks.js';
import type { Native } from '../native.js';
import type { Pool } from '../pool/pool.js';
import { poolStatus } from '../pool/status.js';
import type { Recorder } from '../recording/recorder.js';

export interface OperatorRooms {
  pools: { all(): readonly Pool[] };
  journal: Journal;
  lastTasks: LastTasks;
  recorder: Recorder;
  tell: Tell;
  native: Pick<Native, 'kill'>;
  enforced: readonly string[];
  hasGroups: boolean;
  /** The switchboard knows the pool by what it was taught. */
  forgetRoutes(): void;
  wallMs(): number;
}

const SIGKILL = 9;
const HAPPENINGS_MAX = 50;

export function operatorHandlers(
  rooms: OperatorRooms,
): Omit<ControlHandlers, 'status' | 'stop' | 'plan' | 'reload' | 'restart'> {
  const { pools, journal, recorder, tell } = rooms;
  const find = (id: string) => pools.all().find(({ spec }) => spec.id === id);
  return {
    happenings: journal,
    pool(id) {
      const pool = find(id);
      pool?.settle();
      return pool && detailOf(pool, rooms);
    },
    drain({ pool: id, undo }) {
      const pool = find(id);
      if (pool === undefined) return { ok: false, error: unknownPool(id) };
      if (pool.target.isDrained === !undo) return done(undo ? `${id} was not drained` : `${id} is drained already`);
      if (!undo) rooms.forgetRoutes();
      const active = pool.activeTasks;
      pool.target.setDrained(!undo);
      pool.available(false); // calls that wait for it go elsewhere
      const about = `by the operator: ${undo ? 'it takes calls again' : 'what runs may finish, no new work comes'}`;
      tell({ kind: 'drained', pool: id, about, inputs: { undo, active } });
      return done(undo ? `${id} takes calls again` : `${id} takes no new calls; ${active} still run`);
    },
    scale({ pool: id, parked }) {
      const pool = find(id);
      if (pool === undefined) return { ok: false, error: unknownPool(id) };
      const { slots } = pool.spec;
      if (parked > slots) {
        const remedy = 'raise slotsPerPool in the configuration';
        return failed('impossible', `${id} has ${slots} slots: no more than that can be parked`, remedy);
      }
      pool.target.setFloor(parked);
      const inputs = { floor: parked, share: pool.target.share, slots };
      tell({ kind: 'scaled', pool: id, about: `by the operator: at least ${parked} are kept parked`, inputs });
      return done(`${id} keeps at least ${parked} processes parked, until the daemon starts again`);
    },
    kick({ pool: id, worker, force }) {
      const pool = find(id);
      if (pool === undefined) return { ok: false, error: unknownPool(id) };
      pool.settle();
      return worker === undefined ? kickPool(pool, force, tell) : kickWorker(pool, worker, force, rooms);
    },
    async record({ on, forMs, maxBytes }) {
      const begun = on ? recorder.begin({ forMs, maxBytes }) : await recorder.end('asked');
      if (begun?.ok === false) return { ok: false, error: begun };
      return { ok: true, recording: recorder.status() };
    },
  };
}

function kickPool(pool: Pool, force: boolean, tell: Tell): Done {
  const { id } = pool.spec;
  const running = pool.activeTasks;
  if (running > 0 && !force) return failedBusy(`${running === 1 ? 'a hook runs' : `${running} hooks run`} in ${id}`);
  if (!pool.life.renew()) return failed('impossible', `${id} is being stopped`, 'its next call makes it anew');
  tell({ kind: 'kicked', pool: id, about: 'by the operator: the keeper is replaced', inputs: { running } });
  return done(`${id} gets a new keeper`);
}

function kickWorker(pool: Pool, name: string, force: boolean, { native, tell }: OperatorRooms): Done {
  const { id } = pool.spec;
  const worker = pool.workers().find((one) => nameOf(one) === name);
  if (worker === undefined) return failed('impossible', `${id} has no ${name} now`, 'supervisor ps shows them');
  if (worker.kind === 'parked' && worker.state !== 'parked' && !force)
    return failedBusy(`a hook runs in ${id}/${name}`);
  // A process that has ended is reaped by its keeper, and its pid may be somebody else's before we are told.
  const isOurs = worker.pid !== 0 && parentOf(worker.pid) === pool.keeperPid;
  if (!isOurs || native.kill(worker.pid, SIGKILL) !== 0) {
    return failed('impossible', `${id}/${name} is just ending`, 'look again: supervisor ps');
  }
  const inputs = { worker: name, pid: worker.pid, state: worker.state };
  tell({ kind: 'kicked', pool: id, about: `by the operator: ${name} is replaced`, inputs });
  return done(`${id}/${name}, pid ${worker.pid}, is replaced`);
}

function nameOf({ kind, slot }: WorkerStatus): string {
  return kind === 'zygote' ? kind : String(slot);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

function detailOf(pool: Pool, { journal, lastTasks, enforced, hasGroups, wallMs }: OperatorRooms): PoolDetail {
  const { id } = pool.spec;
  const { failure } = pool;
  return {
    schema: 'supervisor.pool/v1',
    nowMs: Math.round(wallMs()),
    pool: poolStatus(pool, enforced, hasGroups),
    keeperPid: pool.keeperPid ?? null,
    failure: failure === undefined ? null : { ...failure, stage: STAGE_TEXT[failure.stage] ?? `step ${failure.stage}` },
    happenings: journal
      .after(0)
      .filter((one) => one.pool === id)
      .slice(-HAPPENINGS_MAX),
    tasks: lastTasks.of(id),
  };
}

function done(words: string): Done {
  return { ok: true, done: words };
}

function failed(code: ControlError['code'], message: string, remedy: string): Done {
  return { ok: false, error: { code, message, remedy } };
}

function failedBusy(message: string): Done {
  return failed('busy', message, '--force ends them; supervisor drain lets them finish');
}
