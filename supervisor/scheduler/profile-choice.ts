/** Which profile host and load ask for. A table of conditions, each with a threshold to begin and a lower one to end, several looks
 *  in agreement, and a rest after each change: noise around one threshold changes nothing. Pure. */
import type { HostRoom } from '../contract/host-room.js';
import { MIB } from '../contract/limits.js';
import { FIRST_PROFILE, type Profile } from '../contract/profiles.js';

/** How it was between the look before and this one, or is now. */
export interface Look extends HostRoom {
  /** Calls that wait for a process, and tasks of validators that wait for a worker. */
  waiting: number;
  longestWaitMs: number;
  /** Of validators' answers; 0 where there were too few to tell. */
  failedPercent: number;
  /** How late the daemon came to this look: what comes to it waits as long. */
  daemonLateMs: number;
}

export interface ChoiceState {
  inForce: Profile;
  why: string;
  sinceMs: number;
  wanted: Profile;
  /** In a row, that wanted it. */
  looks: number;
}

/** So often it is looked. */
export const LOOK_EVERY_MS = 5_000;
export const LOOKS_TO_CHANGE = 3;
export const REST_MS = 30_000;

/** `begin`: from there on it holds, `end`: until below that. */
const THRESHOLDS = {
  memoryPressurePercent: { begin: 10, end: 4 },
  /** The less is spare, the shorter it is: these are upside down. */
  spareMemoryBytes: { begin: 64 * MIB, end: 192 * MIB },
  waiting: { begin: 32, end: 8 },
  longestWaitMs: { begin: 100, end: 25 },
  cpuPressurePercent: { begin: 40, end: 15 },
  failedPercent: { begin: 20, end: 5 },
  daemonLateMs: { begin: 50, end: 15 },
} as const;

type Figure = keyof typeof THRESHOLDS;

export function beginChoice(nowMs: number): ChoiceState {
  const why = 'nothing is known of host and load yet';
  return { inForce: FIRST_PROFILE, why, sinceMs: nowMs, wanted: FIRST_PROFILE, looks: 0 };
}

/** @returns the next state; another `inForce` is a change. */
export function afterLook(state: ChoiceState, look: Look, nowMs: number): ChoiceState {
  const { profile, why } = wantedBy(look, state.inForce);
  if (profile === state.inForce) return { ...state, wanted: profile, looks: 0 };
  const looks = profile === state.wanted ? state.looks + 1 : 1;
  if (looks < LOOKS_TO_CHANGE || nowMs - state.sinceMs < REST_MS) return { ...state, wanted: profile, looks };
  return { inForce: profile, why, sinceMs: nowMs, wanted: profile, looks: 0 };
}

/** Memory first: who runs out of it helps nobody. Then what waits. What is left is whether there is room to be quick. */
function wantedBy(look: Look, inForce: Profile): { profile: Profile; why: string } {
  const isShort = inForce === 'resource_constrained';
  if (isHigh('memoryPressurePercent', look, isShort))
    return {
      profile: 'resource_constrained',
      why: `memory is waited for, ${look.memoryPressurePercent} % of the time`,
    };
  if (isScarce(look, isShort)) return { profile: 'resource_constrained', why: 'little memory is spare' };
  const isLoaded = inForce === 'throughput';
  if (isHigh('waiting', look, isLoaded)) return { profile: 'throughput', why: `${look.waiting} calls and tasks wait` };
  if (isHigh('longestWaitMs', look, isLoaded))
    return { profile: 'throughput', why: `a task has waited for ${Math.round(look.longestWaitMs)} ms` };
  // What keeps it from being quick must have ended to begin with it, and have begun to leave it.
  const isQuick = inForce === 'latency';
  if (look.cpuPressurePercent === null)
    return { profile: 'balanced', why: 'the host does not say whether processors are waited for' };
  for (const figure of ['cpuPressurePercent', 'failedPercent', 'daemonLateMs'] as const) {
    if (isHigh(figure, look, !isQuick)) return { profile: 'balanced', why: BALANCED_BECAUSE[figure] };
  }
  return { profile: 'latency', why: 'nothing waits, and there is room' };
}

const BALANCED_BECAUSE = {
  cpuPressurePercent: 'processors are waited for',
  failedPercent: 'validators fail',
  daemonLateMs: 'the daemon itself comes late',
} as const;

/** A figure that the host does not give is not high. @param holds already, so that only its end is waited for. */
function isHigh(figure: Exclude<Figure, 'spareMemoryBytes'>, look: Look, holds: boolean): boolean {
  const { begin, end } = THRESHOLDS[figure];
  return (look[figure] ?? 0) >= (holds ? end : begin);
}

function isScarce({ spareMemoryBytes }: Look, holds: boolean): boolean {
  const { begin, end } = THRESHOLDS.spareMemoryBytes;
  return spareMemoryBytes !== null && spareMemoryBytes < (holds ? end : begin);
}
