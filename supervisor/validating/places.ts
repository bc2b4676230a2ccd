/** Places of a pool that resident workers hold. They stay for long, and hooks of the same sandbox must always find one. */
import { LIMITS } from '../contract/limits.js';
import type { Pool } from '../pool/pool.js';

type Places = Pick<Pool, 'spec'>;

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
