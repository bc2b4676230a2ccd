/** Whether new pools are fit to take calls. Asked before anything of the old ones is given up. */
import type { Clock } from '../contract/clock.js';
import type { Pool } from '../pool/pool.js';
import { failureText } from '../pool/report.js';

const LOOK_EVERY_MS = 20;

/** What is looked at of a pool. */
export type Starting = Pick<Pool, 'isReady' | 'failure' | 'heldBecause'> & {
  readonly spec: Pick<Pool['spec'], 'id' | 'describes'>;
  readonly slots: Pick<Pool['slots'], 'parkedCount'>;
  readonly target: Pick<Pool['target'], 'share'>;
};

interface CountedPool {
  readonly slots: Pick<Pool['slots'], 'parkedCount' | 'busyCount'>;
  readonly target: Pick<Pool['target'], 'isDrained'>;
}

/** @returns undefined once each has parked a process, or keeps none parked; else which has not, and why. */
export async function whenReady(
  pools: readonly Starting[],
  clock: Clock,
  budgetMs: number,
): Promise<string | undefined> {
  const deadlineMs = clock.nowMs() + budgetMs;
  for (;;) {
    const waiting = pools.find((pool) => !isFit(pool));
    if (waiting === undefined) return undefined;
    if (waiting.heldBecause !== undefined) return `${nameOf(waiting)}: ${waiting.heldBecause}`;
    if (clock.nowMs() >= deadlineMs) return `${nameOf(waiting)}: ${whyNot(waiting, budgetMs)}`;
    await new Promise<void>((done) => void clock.after(LOOK_EVERY_MS, done));
  }
}

/** Of the pool for any command. One that the operator has drained, or that is held back, is as somebody decided: a daemon
 *  started anew would not serve better. */
export function canAnswer(pool: Pick<Starting, 'isReady' | 'heldBecause'> & CountedPool): boolean {
  if (pool.target.isDrained || pool.heldBecause !== undefined) return true;
  return pool.isReady && pool.slots.parkedCount + pool.slots.busyCount > 0;
}

function isFit({ isReady, slots, target }: Starting): boolean {
  return target.share === 0 || (isReady && slots.parkedCount > 0);
}

function nameOf({ spec }: Starting): string {
  return `pool ${spec.describes || spec.id}`;
}

function whyNot({ failure }: Starting, budgetMs: number): string {
  return failure === undefined ? `no process was parked within ${budgetMs / 1000} s` : failureText(failure);
}
