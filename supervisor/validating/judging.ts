/** An event -> what all validators that it concerns say of it, together. */
import { isPlain, merge } from '../agents/events/merge.js';
import type { Merged, Opinion } from '../agents/events/verdicts.js';
import type { AgentEvent, EventContext, Priority } from '../contract/validating.js';
import { type DecidingRooms, decide } from './deciding.js';
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
  signal: AbortSignal;
  /** Only these of them. */
  only?: readonly string[] | undefined;
  /** In place of their own. */
  priority?: Priority | undefined;
  known?: EventContext | undefined;
}

export interface Judged {
  merged: Merged;
  /** One of each, in declared order. */
  opinions: readonly Opinion[];
}

export async function judge(event: AgentEvent, judging: Judging, rooms: JudgingRooms): Promise<Judged> {
  const { env, timeoutMs, signal, only, priority, known } = judging;
  const { asked, graph } = rooms.validators().on(event);
  const opinions = await decide(
    only === undefined ? asked : asked.filter(({ spec }) => only.includes(spec.name)),
    graph,
    {
      ...{ event, env, signal, priority, known },
      deadlineAtMs: timeoutMs === 0 ? Number.POSITIVE_INFINITY : rooms.clock.nowMs() + timeoutMs,
      isPlain: (known) => isPlain(event, known, false),
    },
    rooms,
  );
  return { merged: merge(event, opinions), opinions };
}
