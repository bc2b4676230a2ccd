/** Places of a pool that resident workers hold. They stay for long, and hooks of the same sandbox must always find one. */
import { LIMITS } from '../contract/limits.js';
import type { Pool } from '../pool/pool.js';

type Places = Pick<Pool, 'spec'>;

type Waited = { spec: Pick<Pool['spec'], 'isForResidents'>; target: Pick<Pool['target'], 'setWaiting'> };

const waiting = new WeakMap<Waited, Set<object>>();
const held = new WeakMap<Places, number>();

/** A string says why there is none. */
export function takePlace(pool: Places): string | undefined {
  const { slots } = pool.spec;
  const count = held.get(pool) ?? 0;
  const max = slots - Math.min(LIMITS.slotsKeptForHooks, Math.ceil(slots / 2));
  if (count >= max) return `${count} of the ${slots} places of its pool are taken by workers; raise slotsPerPool`;
  held.set(pool, count + 1);
  return undefined;
}

export function giveBackPlace(pool: Places): void {
  held.set(pool, (held.get(pool) ?? 1) - 1);
}

/** A pool that only forks for workers has a process parked for each that waits, and none besides; others have them for hooks. */
export function waitFor(pool: Waited, who: object): void {
  if (pool.spec.isForResidents !== true) return;
  const all = waiting.get(pool) ?? new Set();
  waiting.set(pool, all.add(who));
  pool.target.setWaiting(all.size); // its keeper may be another one than a moment ago
}

export function stopWaiting(pool: Waited, who: object): void {
  const all = waiting.get(pool);
  if (all?.delete(who) === true) pool.target.setWaiting(all.size);
}
