/** Keepers, and zygotes with them, are replaced before what they have gathered can hurt: after many tasks, at a great age, or
 *  when what they park has grown. Only where nobody is kept waiting by it, and few at a time. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';

export interface Worn {
  tasks: number;
  ageMs: number;
  /** By how much a parked process costs more than the cheapest of this keeper did. */
  growthBytes: number;
}

/** What is given to a keeper when it starts, so that those started together do not end together. */
export interface Span {
  tasks: number;
  ageMs: number;
}

export function drawnSpan(random: () => number): Span {
  const jitter = 1 - LIMITS.recycleJitter + 2 * LIMITS.recycleJitter * random();
  return { tasks: LIMITS.recycleTasks * jitter, ageMs: LIMITS.recycleAgeMs * jitter };
}

/** Why it is to be replaced; undefined: it is not. */
export function wornOut(worn: Worn, span: Span): string | undefined {
  if (worn.growthBytes > LIMITS.recycleGrowthBytes) return 'what it parks has grown';
  if (worn.tasks >= span.tasks) return 'it has served many tasks';
  return worn.ageMs >= span.ageMs ? 'it has run for long' : undefined;
}

export interface Recyclable {
  /** Why its keeper is to be replaced; undefined: it is not, or somebody would wait. */
  readonly dueBecause: string | undefined;
  /** Its keeper is being replaced. */
  readonly isRecycling: boolean;
  recycle(because: string): void;
}

/** @returns those to begin with now. */
export function nextToRecycle<T extends Recyclable>(pools: readonly T[]): T[] {
  const atOnce = Math.max(1, Math.floor(pools.length * LIMITS.recycledShareMax));
  const underWay = pools.filter(({ isRecycling }) => isRecycling).length;
  return pools.filter(({ dueBecause }) => dueBecause !== undefined).slice(0, Math.max(0, atOnce - underWay));
}

/** Looks every now and then. @returns what ends that. */
export function recycleFrom(all: () => readonly Recyclable[], clock: Clock): () => void {
  let undo = () => {};
  const look = () => {
    for (const pool of nextToRecycle(all())) pool.recycle(pool.dueBecause ?? '');
    undo = clock.after(LIMITS.recycleLookEveryMs, look);
  };
  undo = clock.after(LIMITS.recycleLookEveryMs, look);
  return () => undo();
}
