/** Whose doing the end of a process is that several validators share. */

/** Whose turn it was, as the process has said itself: `left` if that one is there no more, undefined if it was nobody's. */
export type Turn<T> = T | 'left' | undefined;

/** What runs without a break is what ends a process, or keeps it from all others. Between two turns it may be any of those that it
 *  has to do with; where it has nothing to do, any at all: none is believed to be innocent without a reason.
 *  @param busy asked and not answered, or being loaded. */
export function guiltyOf<T>(turn: Turn<T>, busy: ReadonlySet<T>, all: ReadonlySet<T>): ReadonlySet<T> {
  if (turn === 'left') return new Set();
  if (turn !== undefined) return new Set([turn]);
  return new Set(busy.size > 0 ? busy : all);
}
