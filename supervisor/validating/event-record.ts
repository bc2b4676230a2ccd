/** An event that is over -> what is kept of it: its name and its tool's, who said what of it; nothing else of the event. */
import type { Opinion } from '../agents/events/verdicts.js';
import { LIMITS } from '../contract/limits.js';
import type { OutcomeKind } from '../contract/outcome.js';
import type { EndedEvent, SaidRecord } from '../contract/records.js';
import type { AgentEvent } from '../contract/validating.js';
import type { Judged } from './judging.js';

/** As names of events and tools are. Where another text stands in their place, as a program can have it, it is not kept. */
const NAME = /^[\w.:-]+$/;

/** @param event undefined: it could not be read. @param judged undefined: nobody has judged it. */
export function recordOfEvent(
  event: Pick<AgentEvent, 'name' | 'toolName'> | undefined,
  judged: Judged | undefined,
  { outcome, totalMs, detail = '' }: { outcome: OutcomeKind; totalMs: number; detail?: string },
): EndedEvent {
  return {
    handler: handlerOf(event),
    ...{ path: 'worker', runtime: null, level: null, outcome, exitCode: null, signal: null, totalMs },
    ...{ runMs: null, cpuMs: null, memoryPeakBytes: null, pid: null, denialsTold: 0, isSwitched: false, detail },
    event: {
      decision: judged?.merged.decision ?? null,
      validators: judged?.opinions.map(saidBy) ?? [],
      times: 1,
    },
  };
}

function handlerOf(event: Pick<AgentEvent, 'name' | 'toolName'> | undefined): string {
  if (event === undefined) return 'event';
  const { name, toolName } = event;
  return toolName === null ? `event ${shown(name)}` : `event ${shown(name)} ${shown(toolName)}`;
}

function shown(name: string): string {
  return name.length <= LIMITS.eventWordMaxCharacters && NAME.test(name) ? name : '?';
}

function saidBy({ name, outcome }: Opinion): SaidRecord {
  switch (outcome.kind) {
    case 'answered':
      return { name, said: outcome.verdict.decision ?? 'nothing' };
    case 'failed':
      return { name, said: outcome.cause };
    case 'skipped':
      return { name, said: 'skipped' };
  }
}
