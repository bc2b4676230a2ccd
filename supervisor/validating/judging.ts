/** An event -> what all validators that it concerns say of it, and whoever else is asked, together. */
import { isPlain, merge } from '../agents/events/merge.js';
import type { Merged, Opinion } from '../agents/events/verdicts.js';
import type { StopSignal } from '../contract/stop.js';
import type { AgentEvent, EventContext, Priority } from '../contract/validating.js';
import { type Deciding, type DecidingRooms, decide } from './deciding.js';
import { type Beside, together } from './together.js';
import type { Validators } from './validators.js';

export interface JudgingRooms extends DecidingRooms {
  /** Of the configuration in force. */
  validators(): Validators;
}

export interface Judging {
  /** Of whoever asks. */
  env(name: string): string | undefined;
  /** 0: none. */
  timeoutMs: number;
  signal: StopSignal;
  /** Only these of them. */
  only?: readonly string[] | undefined;
  /** In place of their own. */
  priority?: Priority | undefined;
  known?: EventContext | undefined;
  /** Asked at the same time, of the same configuration as the validators: who is moved from these to those is always among one. */
  beside?: (() => Beside | undefined) | undefined;
}

export interface Judged {
  merged: Merged;
  /** One of each, in declared order. */
  opinions: readonly Opinion[];
}

export async function judge(event: AgentEvent, judging: Judging, rooms: JudgingRooms): Promise<Judged> {
  const { env, timeoutMs, only, priority, known } = judging;
  const { asked, graph } = rooms.validators().on(event);
  const beside = judging.beside?.();
  const validators = only === undefined ? asked : asked.filter(({ spec }) => only.includes(spec.name));
  const deadlineAtMs = timeoutMs === 0 ? Number.POSITIVE_INFINITY : rooms.clock.nowMs() + timeoutMs;
  const ask = (signal: StopSignal, isEnough: Deciding['isPlain']) =>
    decide(validators, graph, { event, env, signal, priority, known, deadlineAtMs, isPlain: isEnough }, rooms);
  const opinions =
    beside === undefined
      ? await ask(judging.signal, (said) => isPlain(event, said, false))
      : await together(event, judging.signal, ask, beside);
  return { merged: merge(event, opinions), opinions };
}
