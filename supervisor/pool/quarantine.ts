/** A pool that died too often of one cause is held back, as a table: every phase by every input. Pure. One start tries whether
 *  the cause is gone; each try that fails doubles the hold. */
import { LIMITS } from '../contract/limits.js';

export type QuarantinePhase = 'closed' | 'open' | 'halfOpen';

/** `tooMany`: this death was one too many. `died`: any other. `due`: the hold is over. `parked`: a process is ready.
 *  `healthy`: it has been ready for long, or has served many tasks. */
export type QuarantineInput = 'tooMany' | 'died' | 'due' | 'parked' | 'healthy';

export const QUARANTINE: Readonly<Record<QuarantinePhase, Readonly<Record<QuarantineInput, QuarantinePhase>>>> = {
  closed: { tooMany: 'open', died: 'closed', due: 'closed', parked: 'closed', healthy: 'closed' },
  // Late news of the keeper that is being let go changes nothing.
  open: { tooMany: 'open', died: 'open', due: 'halfOpen', parked: 'open', healthy: 'open' },
  halfOpen: { tooMany: 'open', died: 'open', due: 'halfOpen', parked: 'closed', healthy: 'closed' },
};

export interface Quarantine {
  phase: QuarantinePhase;
  /** Holds one after the other, without health between them. */
  holds: number;
  untilMs: number;
}

export const NOT_HELD: Quarantine = { phase: 'closed', holds: 0, untilMs: 0 };

export function afterInput(before: Quarantine, input: QuarantineInput, nowMs: number): Quarantine {
  const phase = QUARANTINE[before.phase][input];
  if (input === 'healthy' && phase === 'closed') return NOT_HELD;
  if (phase !== 'open' || before.phase === 'open') return { ...before, phase };
  return { phase, holds: before.holds + 1, untilMs: nowMs + holdMs(before.holds) };
}

function holdMs(holdsBefore: number): number {
  return Math.min(LIMITS.quarantineFirstMs * 2 ** holdsBefore, LIMITS.quarantineMaxMs);
}
