/** What is told of a call: how it was run, how it ends, what its limits were, why nothing was there for it. */
import type { Explanation, Outcome } from '../contract/outcome.js';
import type { Pool } from '../pool/pool.js';
import { failureText, type LimitValues, type TaskEnd, usageOf } from '../pool/report.js';
import { shellEnd } from '../router/shell-end.js';
import { allowedMs } from '../scheduler/deadline.js';
import type { Run } from './run.js';

export function explanationOf(
  { path, pool, lease, confinement, why }: Run,
  outcome: Outcome,
  end: TaskEnd | undefined,
  enforced: readonly string[],
  milliseconds: number,
): Explanation {
  return {
    path,
    runtime: pool.spec.runtime,
    pid: lease?.pid || null,
    slot: lease?.slot ?? null,
    generation: lease?.generation ?? null,
    outcome: outcome.kind,
    level: confinement?.level ?? 'contained',
    milliseconds,
    enforced,
    usage: end === undefined ? null : usageOf(end),
    why,
  };
}

/** A shell text whose shell was not run: a killed command ends as that shell would have ended. */
export function asItsShell({ plan, caller }: Run, outcome: Outcome): Outcome {
  if (!plan.throughShell || outcome.kind !== 'answered' || outcome.signal === 0) return outcome;
  const { exitCode, stderr } = shellEnd(outcome.signal);
  if (stderr !== '') caller.stderr(Buffer.from(stderr));
  return { kind: 'answered', exitCode, signal: 0 };
}

/** What each limit of a call is set to. */
export function limitValues({ call, config }: Run): LimitValues {
  const { limits, outputMaxBytes } = config;
  return {
    timeoutMs: allowedMs(call, config),
    memory: limits.memoryMaxBytes,
    pids: limits.pidsMax,
    output: outputMaxBytes,
    cpu: limits.cpuTimeMaxMs,
    totalMemory: limits.totalMemoryMaxBytes,
  };
}

export function whyNoneParked({ failure, isReady }: Pool): string {
  if (failure !== undefined) return failureText(failure);
  return isReady ? 'all are busy' : 'its keeper does not come up, keeper.log may say why';
}
