/** The one deadline of a call, fixed as it comes in: what it waits, what it is tried again for and what it runs count against
 *  it. Pure. */

interface Limited {
  /** 0: none. */
  timeoutMs: number;
}

const NO_DEADLINE = Number.POSITIVE_INFINITY;

/** How long a call may take; 0: as long as it likes. @param fallback for a client that asks for nothing. */
export function allowedMs(call: Limited, fallback: Limited): number {
  return call.timeoutMs || fallback.timeoutMs;
}

/** By the daemon's clock. */
export function deadlineOf(call: Limited & { receivedAtMs: number }, fallback: Limited): number {
  return call.receivedAtMs + (allowedMs(call, fallback) || NO_DEADLINE);
}

/** As START says it: whole milliseconds, 0 for no deadline. @returns undefined: it is past. */
export function timeoutLeftMs(deadlineAtMs: number, nowMs: number): number | undefined {
  if (deadlineAtMs === NO_DEADLINE) return 0;
  const leftMs = Math.ceil(deadlineAtMs - nowMs);
  return leftMs > 0 ? leftMs : undefined;
}
