/** Whether a call is taken at all. Said before STARTED, so that the client may still do what its policy says. */
import type { Level, Plan, Runtime } from '../contract/call.js';
import { Refusal, type RefusalCode } from '../contract/wire.js';

export interface Refused {
  code: RefusalCode;
  message: string;
}

/** Bytes of a path that execve takes, without its NUL. */
const PATH_MAX = 4095;

/** @param obstacle why a process of ours could not take on this state of the caller's; undefined where it can. */
export function refusalOfCall(isStopping: boolean, obstacle: string | undefined): Refused | undefined {
  if (isStopping) return { code: Refusal.STOPPING, message: 'the supervisor is stopping' };
  return obstacle === undefined ? undefined : { code: Refusal.NO_WORKER, message: obstacle };
}

/** A client that hears of any other cause may run the hook directly, with more rights than the level gives it. */
export function heldTo(level: Level, { code, message }: Refused): Refused {
  return level === 'contained'
    ? { code, message }
    : { code: Refusal.LEVEL_UNAVAILABLE, message: `level ${level}: ${message}` };
}

/** @param isLastResortDown the call would go to the exec pool, whose keeper does not come up. */
export function refusalOfPlan(plan: Plan, isLastResortDown: boolean): Refused | undefined {
  const path = plan.kind === 'exec' ? plan.path : plan.fallback.path;
  if (path === '' || path.length > PATH_MAX) return { code: Refusal.BAD_CALL, message: 'no such program' };
  return isLastResortDown ? { code: Refusal.NO_WORKER, message: 'the exec keeper does not come up' } : undefined;
}

/** Why a call does not wait for a process of this runtime to be parked; undefined where it may. A Python is forked in
 *  milliseconds; a Node starts as a whole, and that takes longer than running the hook directly. */
export function whyNotWaitFor(runtime: Runtime): string | undefined {
  return runtime === 'node' ? 'no parked process of this interpreter is free' : undefined;
}
