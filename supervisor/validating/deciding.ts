/** One event on its way: which validators it concerns, what each of them says, and what is known when all have spoken or none
 *  can change it any more. */
import type { Opinion } from '../agents/events/verdicts.js';
import type { Breakers } from '../breaker/breakers.js';
import type { AnswerCache } from '../cache/cache.js';
import type { Clock } from '../contract/clock.js';
import { Stop, type StopSignal } from '../contract/stop.js';
import type { AgentEvent, EventContext, Priority, ValidatorOutcome } from '../contract/validating.js';
import type { Graph } from '../scheduler/graph.js';
import { GraphRun } from '../scheduler/graph-run.js';
import type { Asker } from './asker.js';
import { contextOf, NOTHING_KNOWN } from './context.js';
import type { Validator } from './validator.js';

export interface DecidingRooms {
  clock: Clock;
  asker: Asker;
  cache: AnswerCache;
  breakers: Breakers;
  /** Told of each answer. */
  answered(validator: Validator, outcome: ValidatorOutcome, source: 'cache' | 'worker'): void;
}

export interface Deciding {
  event: AgentEvent;
  /** Of the client. */
  env(name: string): string | undefined;
  /** By when the agent wants an answer; Infinity where it has not said. */
  deadlineAtMs: number;
  /** Nobody waits any more. */
  signal: StopSignal;
  /** In place of that of each validator. */
  priority?: Priority | undefined;
  /** Found out of the event beforehand. */
  known?: EventContext | undefined;
  /** Of those that are known so far: whether the rest can change nothing. */
  isPlain(opinions: readonly Opinion[]): boolean;
}

/** @param asked in declared order. @returns one opinion for each of them, in that order. */
export async function decide(
  asked: readonly Validator[],
  graph: Graph,
  deciding: Deciding,
  rooms: DecidingRooms,
): Promise<Opinion[]> {
  const byName = new Map(asked.map((validator) => [validator.spec.name, validator]));
  const opinions = new Map<string, Opinion>();
  const run = new GraphRun(graph, [...byName.keys()]);
  const over = new Stop();
  const stop = () => over.abort();
  if (deciding.signal.aborted) stop();
  deciding.signal.addEventListener('abort', stop, { once: true });

  const tell = (name: string, outcome: ValidatorOutcome) => {
    const validator = byName.get(name);
    if (validator === undefined || opinions.has(name)) return;
    const { order, spec } = validator;
    opinions.set(name, { name, order, outcome, onFailure: spec.onFailure });
  };
  const one = async (name: string): Promise<void> => {
    const validator = byName.get(name);
    if (validator === undefined) return;
    const outcome = await answerOf(validator, { ...deciding, signal: over }, rooms).catch(failedByUs);
    tell(name, outcome);
    const { ready, skipped } = run.ended(name, outcome);
    for (const { name: other, outcome: its } of skipped) tell(other, its);
    if (opinions.size < byName.size && deciding.isPlain([...opinions.values()])) stop();
    await Promise.all(ready.map(one));
  };
  try {
    await Promise.all(run.first.map(one));
  } finally {
    deciding.signal.removeEventListener('abort', stop);
  }
  return asked.map(({ spec }) => opinions.get(spec.name)).filter((opinion) => opinion !== undefined);
}

/** A mistake of ours with one validator is not to hide what the others say. */
function failedByUs(error: unknown): ValidatorOutcome {
  return { kind: 'failed', cause: 'crashed', message: `the supervisor could not ask it: ${(error as Error).message}` };
}

async function answerOf(validator: Validator, deciding: Deciding, rooms: DecidingRooms): Promise<ValidatorOutcome> {
  const { clock, asker, cache, breakers, answered } = rooms;
  const { spec, crew } = validator;
  const { event, env, signal, known = NOTHING_KNOWN } = deciding;
  if (signal.aborted) return { kind: 'skipped', because: 'the verdict was plain without it' };
  const deadlineAtMs = Math.min(deciding.deadlineAtMs, clock.nowMs() + spec.timeoutMs);
  const ask = async (): Promise<ValidatorOutcome> => {
    const allowed = breakers.allow(spec.name, clock.nowMs());
    if (allowed !== 'yes') {
      const retryAfterMs = Math.max(0, allowed.refusedUntilMs - clock.nowMs());
      return { kind: 'failed', cause: 'refused', message: 'its breaker is open', retryAfterMs };
    }
    const context = (isAlone: boolean) =>
      contextOf(spec, isAlone ? event : undefined, known, deadlineAtMs - clock.nowMs());
    const priority = deciding.priority ?? spec.priority;
    const asking = { event, context, affinityKey: event.cwd, sessionId: event.sessionId, priority, deadlineAtMs };
    const outcome = await asker.ask(crew, asking, signal);
    breakers.told(spec.name, outcome, clock.nowMs());
    return outcome;
  };
  const code = validator.codeIdentity();
  if (spec.cache === null || code === undefined) {
    const outcome = await ask();
    answered(validator, outcome, 'worker');
    return outcome;
  }
  const question = { spec, code, rule: spec.cache, event, env };
  const { outcome, source } = await cache.ask({ ...question, deadlineMs: deadlineAtMs, signal, compute: ask });
  const isKept = source === 'kept' || source === 'shared';
  answered(validator, outcome, isKept ? 'cache' : 'worker');
  return outcome;
}
