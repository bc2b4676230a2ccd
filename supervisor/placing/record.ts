/** An ended call -> what is kept of it. */
import type { Call, Plan } from '../contract/call.js';
import { clientEnd, type Outcome } from '../contract/outcome.js';
import type { CallRecord } from '../contract/records.js';
import { Refusal } from '../contract/wire.js';
import type { AnsweredUntold } from '../pool/lease.js';
import type { TaskEnd } from '../pool/report.js';
import type { Refused } from '../scheduler/admission.js';
import { handlerOf } from './handler.js';
import type { Run, Taken } from './run.js';
import type { Way } from './way.js';

/** A record is given its time by who keeps it. */
export type EndedCall = Omit<CallRecord, 'endedAtMs'>;

/** What the switchboard is taught with, and gives back with a call that was answered or is handed over. */
export type KnownWay = Readonly<Taken> & { readonly handler: string };

export function recordOfRun(run: Run, outcome: Outcome, end: TaskEnd | undefined, totalMs: number): EndedCall {
  const hasExited = outcome.kind === 'answered' && outcome.signal === 0;
  return {
    handler: handlerOf(run.call, run.plan),
    ...wayOf(run),
    outcome: outcome.kind,
    exitCode: hasExited ? outcome.exitCode : null,
    signal: 'signal' in outcome && outcome.signal !== 0 ? outcome.signal : null,
    totalMs,
    ...figuresOf(end),
    pid: run.lease?.pid || null,
    isSwitched: run.isSwitched,
    detail: clientEnd(outcome, 1).message.replace(/^hook-supervisor: |\n$/g, ''),
  };
}

export function recordOfAnswered(way: KnownWay, { pid, tookMs, end }: AnsweredUntold): EndedCall {
  return {
    handler: way.handler,
    ...wayOf(way),
    outcome: 'answered',
    exitCode: end.exitCode,
    signal: null,
    totalMs: tookMs,
    ...figuresOf(end),
    pid: pid ?? null,
    isSwitched: true,
    detail: '',
  };
}

/** A call of which no task was made. */
export function recordOfRefusal(call: Call, plan: Plan | undefined, refused: Refused, totalMs: number): EndedCall {
  return {
    handler: handlerOf(call, plan),
    path: refused.code === Refusal.LEVEL_UNAVAILABLE ? null : 'direct',
    ...{ runtime: null, level: call.level ?? null, outcome: 'refused', exitCode: null, signal: null },
    totalMs,
    ...figuresOf(undefined),
    ...{ pid: null, isSwitched: false },
    detail: refused.message,
  };
}

function wayOf({ path, pool, confinement }: Readonly<Way>): Pick<CallRecord, 'path' | 'runtime' | 'level'> {
  return { path, runtime: pool.spec.runtime, level: confinement?.level ?? 'contained' };
}

function figuresOf(end: TaskEnd | undefined): Pick<CallRecord, 'runMs' | 'cpuMs' | 'memoryPeakBytes' | 'denialsTold'> {
  if (end === undefined) return { runMs: null, cpuMs: null, memoryPeakBytes: null, denialsTold: 0 };
  const { runNs, cpuUs, memoryPeakBytes, denialsTold } = end;
  return { runMs: runNs / 1e6, cpuMs: cpuUs / 1000, memoryPeakBytes: memoryPeakBytes || null, denialsTold };
}
