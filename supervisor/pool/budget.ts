/** How many processes each pool may keep parked, so that all of them fit into the memory set aside for them. */
import { LIMITS } from '../contract/limits.js';

/** Moments are counted in calls of warm interpreters. */
export interface Claim {
  countMax: number;
  /** Of one process. */
  costBytes: number;
  usedAt: number;
  /** Since when it has been in use without a break. */
  inUseSince: number;
}

export function isInUse({ usedAt }: Pick<Claim, 'usedAt'>, now: number): boolean {
  return now - usedAt < LIMITS.poolInUseCalls;
}

/** The pool used last gets one process in any case. Then come those in use: one for each, then as many as fit, the
 *  longest in use first, so that pools which are used in turns do not take each other's processes away at every call.
 *  Then the rest, most recently used first.
 *  @returns a count for each claim. */
export function apportion(claims: readonly Claim[], maxBytes: number, now: number): number[] {
  const shares = claims.map((claim) => ({ ...claim, count: 0 }));
  let leftBytes = maxBytes;
  const raise = (share: Claim & { count: number }, to: number) => {
    const fitting = share.costBytes === 0 ? to : Math.max(0, Math.floor(leftBytes / share.costBytes));
    const more = Math.min(to - share.count, fitting);
    share.count += more;
    leftBytes -= more * share.costBytes;
  };

  const byUse = [...shares].sort((a, b) => b.usedAt - a.usedAt);
  const inUse = byUse.filter((share) => isInUse(share, now)).sort((a, b) => a.inUseSince - b.inUseSince);
  const idle = byUse.filter((share) => !isInUse(share, now));
  const [last] = byUse;
  if (last !== undefined) {
    last.count = Math.min(1, last.countMax);
    leftBytes -= last.count * last.costBytes;
  }
  for (const share of inUse) raise(share, Math.min(1, share.countMax));
  for (const share of [...inUse, ...idle]) raise(share, share.countMax);
  return shares.map(({ count }) => count);
}
