/** How many processes each pool may keep parked, so that all of them fit into the memory set aside for them. */
import { LIMITS } from '../contract/limits.js';

/** Moments are counted in calls of warm interpreters. */
export interface Claim {
  /** Without being asked for, also by a pool out of use. */
  least: number;
  /** At least `least`. */
  wanted: number;
  /** How often its n-th process was wanted lately. */
  timesWanted(n: number): number;
  /** Of one process. */
  costBytes: number;
  usedAt: number;
  /** Since when it has been in use without a break. */
  inUseSince: number;
}

export function isInUse({ usedAt }: Pick<Claim, 'usedAt'>, now: number): boolean {
  return now - usedAt < LIMITS.poolInUseCalls;
}

type Share = Claim & { count: number };

/** The pool used last gets one process in any case. Then come those in use: one for each, then the least of each, the
 *  longest in use first, so that pools which are used in turns do not take each other's processes away at every call.
 *  Then the least of the others, most recently used first. What is left goes to the processes wanted most often.
 *  @returns a count for each claim. */
export function apportion(claims: readonly Claim[], maxBytes: number, now: number): number[] {
  const shares: Share[] = claims.map((claim) => ({ ...claim, count: 0 }));
  let leftBytes = maxBytes;
  const raise = (share: Share, to: number) => {
    const fitting = share.costBytes === 0 ? to : Math.max(0, Math.floor(leftBytes / share.costBytes));
    const more = Math.max(0, Math.min(to - share.count, fitting));
    share.count += more;
    leftBytes -= more * share.costBytes;
  };

  const byUse = [...shares].sort((a, b) => b.usedAt - a.usedAt);
  const inUse = byUse.filter((share) => isInUse(share, now)).sort((a, b) => a.inUseSince - b.inUseSince);
  const idle = byUse.filter((share) => !isInUse(share, now));
  const [last] = byUse;
  if (last !== undefined) {
    last.count = Math.min(1, last.wanted);
    leftBytes -= last.count * last.costBytes;
  }
  for (const share of inUse) raise(share, Math.min(1, share.wanted));
  const all = [...inUse, ...idle];
  for (const share of all) raise(share, share.least);
  for (let next = mostWanted(all, leftBytes); next !== undefined; next = mostWanted(all, leftBytes)) {
    raise(next, next.count + 1);
  }
  return shares.map(({ count }) => count);
}

/** Whose next process was wanted most often, of those that want one and whose next one fits; of several the first. */
function mostWanted(shares: readonly Share[], leftBytes: number): Share | undefined {
  let most: Share | undefined;
  for (const share of shares) {
    if (share.count >= share.wanted || share.costBytes > leftBytes) continue;
    if (most === undefined || timesNext(share) > timesNext(most)) most = share;
  }
  return most;
}

/** By its order of magnitude: pools that want about the same do not take each other's processes in turns. */
function timesNext({ count, timesWanted }: Share): number {
  return Math.floor(Math.log2(Math.max(timesWanted(count + 1), Number.MIN_VALUE)));
}
