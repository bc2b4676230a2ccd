/** A call that has ended, to everyone who keeps something of it. */
import type { DeniedWatch } from '../monitor/denied.js';
import type { LastTasks } from '../monitor/last-tasks.js';
import type { EndedCall } from '../placing/record.js';
import type { Pool } from '../pool/pool.js';
import type { Store } from '../store/store.js';

/** @param pool undefined: none was to serve it. */
export type Served = (call: EndedCall, pool: Pool | undefined, agoMs?: number) => void;

export function servedBy(store: Pick<Store, 'call'>, lastTasks: LastTasks, denied: DeniedWatch): Served {
  return (call, pool, agoMs = 0) => {
    store.call(call, agoMs);
    if (pool === undefined) return;
    lastTasks.add(pool.spec.id, call, agoMs);
    pool.ran(call);
    denied.ended(pool.spec.id, call);
  };
}
