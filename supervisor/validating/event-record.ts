/** An event that is over -> what is kept of it: its name and its tool's, who said what of it; nothing else of the event. */
import type { Opinion } from '../agents/events/verdicts.js';
import { LIMITS } from '../contract/limits.js';
import type { OutcomeKind } from '../contract/outcome.js';
import type { EndedEvent, EventFacts, SaidRecord } from '../contract/records.js';
import type { AgentEvent, ValidatorOutcome } from '../contract/validating.js';
import type { Judged } from './judging.js';

/** As names of events and tools are. Where another text stands in their place, as a program can have it, it is not kept. */
const NAME = /^[\w.:-]+$/;

type Named = Pick<AgentEvent, 'name' | 'toolName'>;

interface End {
  outcome: OutcomeKind;
  totalMs: number;
  detail?: string;
}

/** @param event undefined: it could not be read. @param judged undefined: nobody has judged it. @param later who is asked afterwards. */
export function recordOfEvent(
  event: Named | undefined,
  judged: Judged | undefined,
  end: End,
  later: readonly string[] = [],
): EndedEvent {
  const said = [...(judged?.opinions.map(saidBy) ?? []), ...later.map((name) => ({ name, said: 'later' as const }))];
  return recordOf(event === undefined ? 'event' : handlerOf('event', event), end, {
    decision: judged?.merged.decision ?? null,
    validators: said,
  });
}

/** Of what one validator was asked after the answer. @param outcome undefined: it was not. */
export function recordOfLater(
  event: Named,
  name: string,
  outcome: ValidatorOutcome | undefined,
  end: Omit<End, 'outcome'>,
): EndedEvent {
  const isAnswered = outcome?.kind === 'answered';
  return recordOf(
    handlerOf('after', event),
    { ...end, outcome: isAnswered ? 'answered' : 'crashed' },
    // A decision of it counts for nothing.
    { decision: null, validators: outcome === undefined ? [] : [saidBy({ name, outcome })] },
  );
}

function recordOf(
  handler: string,
  { outcome, totalMs, detail = '' }: End,
  facts: Omit<EventFacts, 'times'>,
): EndedEvent {
  return {
    ...{ handler, path: 'worker', runtime: null, level: null, outcome, exitCode: null, signal: null, totalMs },
    ...{ runMs: null, cpuMs: null, memoryPeakBytes: null, pid: null, denialsTold: 0, isSwitched: false, detail },
    event: { ...facts, times: 1 },
  };
}

function handlerOf(what: string, { name, toolName }: Named): string {
  return toolName === null ? `${what} ${shown(name)}` : `${what} ${shown(name)} ${shown(toolName)}`;
}

function shown(name: string): string {
  return name.length <= LIMITS.eventWordMaxCharacters && NAME.test(name) ? name : '?';
}

function saidBy({ name, outcome }: Pick<Opinion, 'name' | 'outcome'>): SaidRecord {
  switch (outcome.kind) {
    case 'answered':
      return { name, said: outcome.verdict.decision ?? 'nothing' };
    case 'failed':
      return { name, said: outcome.cause };
    case 'skipped':
      return { name, said: 'skipped' };
  }
}
