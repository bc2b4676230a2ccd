/** What is to become of a call that has come: it is held until more is known, refused, or run in some way. Nothing is done yet. */
import type { Call, Plan } from '../contract/call.js';
import { Refusal } from '../contract/wire.js';
import type { Caller } from '../intake/intake.js';
import { heldTo, type Refused, refusalOfCall, refusalOfPlan } from '../scheduler/admission.js';
import type { DispatchRooms } from './rooms.js';
import { newRun, type Run } from './run.js';
import { chooseWay, declineKey, isLastResortDown, type WarmPlan } from './way.js';

export type Admitted =
  | { kind: 'later'; known: Promise<void> }
  | { kind: 'refused'; plan: Plan | undefined; refused: Refused }
  | { kind: 'run'; run: Run };

export function admit(call: Call, caller: Caller, canHold: boolean, rooms: DispatchRooms): Admitted {
  const isStopping = rooms.isStopping();
  const placed = rooms.place(call);
  if (placed.kind === 'later' && !isStopping && canHold) return placed;
  const early = refusalOfCall(isStopping, rooms.cannotInherit(call.inherited));
  if (placed.kind !== 'placed') {
    const message = placed.kind === 'refused' ? placed.message : (early?.message ?? 'too many calls are waiting');
    return { kind: 'refused', plan: undefined, refused: { code: Refusal.LEVEL_UNAVAILABLE, message } };
  }
  const { plan, confinement, isIdempotent } = placed;
  const refuse = (refused: Refused): Admitted => ({
    kind: 'refused',
    plan,
    refused: heldTo(confinement?.level ?? 'contained', refused),
  });
  if (early !== undefined) return refuse(early);
  const wasDeclined = (one: WarmPlan) => rooms.declined.has(declineKey(call, one));
  const way = chooseWay(plan, confinement, { ...rooms, wasDeclined });
  if (typeof way === 'string') return refuse({ code: Refusal.NO_WORKER, message: way });
  const late = refusalOfPlan(plan, isLastResortDown(way));
  if (late !== undefined) return refuse(late);
  return { kind: 'run', run: newRun(call, caller, { ...way, isIdempotent, config: rooms.config }, rooms.seen()) };
}
