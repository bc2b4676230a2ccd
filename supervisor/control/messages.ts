/** What passes over control.sock: one request, one reply, both UTF-8 JSON in one frame. */
import type { Planned, Reloaded, Restarted } from '../contract/changes.js';
import type { RunningStatus } from '../contract/status.js';

export const CONTROL_VERBS = ['ping', 'status', 'stop', 'plan', 'reload', 'restart'] as const;
export type ControlVerb = (typeof CONTROL_VERBS)[number];

export interface ControlError {
  code: 'badRequest' | 'unknownVerb' | 'notAllowed' | 'internal';
  message: string;
  remedy: string;
}

export type ControlReply =
  | { ok: true; pid: number; status?: RunningStatus; planned?: Planned; reloaded?: Reloaded; restarted?: Restarted }
  | { ok: false; error: ControlError };
