/** Which pool serves a call, and with what order. */
import type { Call, CallPath, Plan } from '../contract/call.js';
import type { Confinement } from '../contract/confinement.js';
import { execOrder, type Order, warmOrder } from '../pool/order.js';
import type { Pool } from '../pool/pool.js';

export type WarmPlan = Extract<Plan, { kind: 'interpreter' }>;

/** How a call is served. */
export interface Way {
  plan: Plan;
  /** undefined: at contained. */
  confinement: Confinement | undefined;
  order: Order;
  path: CallPath;
  pool: Pool;
  /** Why not a faster path; '' where it took it. */
  why: string;
  /** A call like this will go the same way. */
  isSettled: boolean;
}

export interface WayRooms {
  /** Of the sandbox; a string says why there is none. */
  execPool(confinement: Confinement | undefined): Pool | string;
  /** The pool of a warm interpreter, made on first sight; a string says why there is none. */
  warmPool(plan: WarmPlan, confinement: Confinement | undefined): Pool | string;
  wasDeclined(plan: WarmPlan): boolean;
}

/** A string says why there is none at all. */
export function chooseWay(plan: Plan, confinement: Confinement | undefined, rooms: WayRooms): Way | string {
  const exec = (why: string, isSettled: boolean) => execWay(plan, confinement, why, isSettled, rooms);
  if (plan.kind === 'exec') return exec(plan.reason, true);
  if (confinement !== undefined && plan.runtime === 'python') return exec('no warm Python above contained yet', true);
  if (rooms.wasDeclined(plan)) return exec('the warm interpreter declined it lately', false);
  const pool = rooms.warmPool(plan, confinement);
  if (typeof pool === 'string') return exec(pool, false);
  if (!pool.isReady) return exec('the pool of this interpreter is not ready yet', false);
  const why = confinement?.without ?? '';
  return { plan, confinement, order: warmOrder(plan), path: 'worker', pool, why, isSettled: true };
}

/** Through the exec pool of the same sandbox: a call never leaves the one it is to be held in. */
export function execWay(
  plan: Plan,
  confinement: Confinement | undefined,
  why: string,
  isSettled: boolean,
  rooms: Pick<WayRooms, 'execPool'>,
): Way | string {
  const pool = rooms.execPool(confinement);
  if (typeof pool === 'string') return pool;
  const said = [why, confinement?.without ?? ''].filter(Boolean).join('; ');
  return { plan, confinement, order: execOrder(plan), path: 'exec', pool, why: said, isSettled };
}

/** There is nobody else, and the keeper does not come up. */
export function isLastResortDown({ path, pool }: Pick<Way, 'path' | 'pool'>): boolean {
  return path === 'exec' && (pool.state === 'backoff' || pool.state === 'quarantined');
}

/** Equal for calls that a warm interpreter declines for the same reason. */
export function declineKey(call: Call, plan: WarmPlan): string {
  const { interpreter, flags, startEnv, program, argv } = plan;
  return [interpreter, ...flags, ...startEnv, program.mode, call.cwd, argv[program.index]].join('\0');
}
