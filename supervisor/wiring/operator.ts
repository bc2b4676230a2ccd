/** What an operator may see of one pool, and do to it. Every act is told. */
import type { Tell } from '../contract/happening.js';
import type { PoolDetail } from '../contract/pool-detail.js';
import { type PoolPlace, shownName } from '../contract/pool-place.js';
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
import type { Validating } from './validating.js';

export interface OperatorRooms {
  pools: { all(): readonly Pool[]; placeOf(pool: Pool): PoolPlace };
  journal: Journal;
  lastTasks: LastTasks;
  recorder: Pick<Recorder, 'begin' | 'end' | 'status'>;
  validating: Pick<Validating, 'status' | 'clearCache'>;
  tell: Tell;
  native: Pick<Native, 'kill'>;
  /** undefined: there is no such process. */
  parentOf(pid: number): number | undefined;
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
): Omit<ControlHandlers, 'status' | 'stop' | 'plan' | 'reload' | 'restart' | 'setProfile'> {
  const { pools, journal, recorder, tell } = rooms;
  const find = (name: string) => pools.all().find((pool) => shownName(pool.spec.id, pools.placeOf(pool)) === name);
  return {
    happenings: journal,
    pool(name) {
      const pool = find(name);
      pool?.settle();
      return pool && detailOf(pool, rooms);
    },
    drain({ pool: name, undo }) {
      const pool = find(name);
      if (pool === undefined) return { ok: false, error: unknownPool(name) };
      if (pool.target.isLeaving) return leaves(name);
      const { id } = pool.spec;
      if (pool.target.isDrained === !undo) return done(undo ? `${id} was not drained` : `${id} is drained already`);
      if (!undo) rooms.forgetRoutes();
      const active = pool.activeTasks;
      pool.target.setDrained(!undo);
      pool.available(false); // calls that wait for it go elsewhere
      const about = `by the operator: ${undo ? 'it takes calls again' : 'what runs may finish, no new work comes'}`;
      tell({ kind: 'drained', pool: id, about, inputs: { undo, active } });
      return done(undo ? `${id} takes calls again` : `${id} takes no new calls; ${active} still run`);
    },
    scale({ pool: name, parked }) {
      const pool = find(name);
      if (pool === undefined) return { ok: false, error: unknownPool(name) };
      if (pool.target.isLeaving) return leaves(name);
      const { id, slots } = pool.spec;
      if (parked > slots) {
        const remedy = 'raise slotsPerPool in the configuration';
        return failed('impossible', `${id} has ${slots} slots: no more than that can be parked`, remedy);
      }
      pool.target.setFloor(parked);
      const inputs = { floor: parked, share: pool.target.share, slots };
      tell({ kind: 'scaled', pool: id, about: `by the operator: at least ${parked} are kept parked`, inputs });
      return done(`${id} keeps at least ${parked} processes parked, until the daemon starts again`);
    },
    kick({ pool: name, worker, force }) {
      const pool = find(name);
      if (pool === undefined) return { ok: false, error: unknownPool(name) };
      pool.settle();
      const kicked = { pool, name };
      return worker === undefined ? kickPool(kicked, force, tell) : kickNamed(kicked, worker, force, rooms);
    },
    clearCache(validator) {
      const names = rooms.validating.status().map(({ name }) => name);
      if (validator !== undefined && !names.includes(validator)) {
        const known = names.length === 0 ? 'none is configured' : `there are: ${names.join(', ')}`;
        return failed('impossible', `there is no validator ${validator}`, known);
      }
      const cleared = rooms.validating.clearCache(validator);
      tell({ kind: 'cacheCleared', about: `by the operator: ${validator ?? 'all validators'}`, inputs: { cleared } });
      return done(`${cleared} ${cleared === 1 ? 'answer' : 'answers'} forgotten`);
    },
    async record({ on, forMs, maxBytes }) {
      const begun = on ? recorder.begin({ forMs, maxBytes }) : await recorder.end('asked');
      if (begun?.ok === false) return { ok: false, error: begun };
      return { ok: true, recording: recorder.status() };
    },
  };
}

function leaves(name: string): Done {
  return failed('impossible', `${name} goes with its last hook`, 'act on the pool that has taken its place');
}

/** @param name by which it was called. */
function kickPool({ pool, name }: { pool: Pool; name: string }, force: boolean, tell: Tell): Done {
  const running = pool.activeTasks;
  if (running > 0 && !force) return failedBusy(`${running === 1 ? 'a hook runs' : `${running} hooks run`} in ${name}`);
  if (!pool.kick()) return failed('impossible', `${name} is being stopped`, 'its next call makes it anew');
  tell({ kind: 'kicked', pool: pool.spec.id, about: 'by the operator: the keeper is replaced', inputs: { running } });
  return done(`${name} gets a new keeper`);
}

function kickNamed(
  { pool, name: poolName }: { pool: Pool; name: string },
  name: string,
  force: boolean,
  rooms: OperatorRooms,
): Done {
  const worker = pool.workers().find((one) => nameOf(one) === name);
  if (worker === undefined) return failed('impossible', `${poolName} has no ${name} now`, 'supervisor ps shows them');
  const { kind, state, pid } = worker;
  if (kind === 'parked' && state !== 'parked' && !force) return failedBusy(`a hook runs in ${poolName}/${name}`);
  if (!kickWorker(pool, worker, rooms)) {
    return failed('impossible', `${poolName}/${name} is just ending`, 'look again: supervisor ps');
  }
  const inputs = { worker: name, pid, state };
  rooms.tell({ kind: 'kicked', pool: pool.spec.id, about: `by the operator: ${name} is replaced`, inputs });
  return done(`${poolName}/${name}, pid ${pid}, is replaced`);
}

function kickWorker(pool: Pool, { kind, slot, state, generation, pid }: WorkerStatus, rooms: OperatorRooms): boolean {
  // Its keeper ends what runs, with the whole tree, and says so: the call is to hear whose doing it was.
  if (state === 'busy' && slot !== null) return pool.kickTask(slot);
  // A process that has ended is reaped by its keeper, and its pid may be somebody else's before we are told.
  if (pid === 0 || rooms.parentOf(pid) !== pool.keeperPid) return false;
  if (state === 'parked' && slot !== null && !pool.giveUp(slot, generation)) return false;
  if (rooms.native.kill(pid, SIGKILL) !== 0) return false;
  if (kind === 'zygote') pool.deaths.zygoteWillEnd();
  return true;
}

function nameOf({ kind, slot }: WorkerStatus): string {
  return kind === 'zygote' ? kind : String(slot);
}

function detailOf(pool: Pool, { pools, journal, lastTasks, enforced, hasGroups, wallMs }: OperatorRooms): PoolDetail {
  const { id } = pool.spec;
  const { failure } = pool;
  return {
    schema: 'supervisor.pool/v1',
    nowMs: Math.round(wallMs()),
    pool: poolStatus(pool, pools.placeOf(pool), enforced, hasGroups),
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
