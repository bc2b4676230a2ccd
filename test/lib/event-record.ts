/** The record of an event, for tests that need one. */
import type { EndedEvent, EventFacts } from '../../supervisor/contract/records.js';

export function eventRecord(
  facts: Partial<EventFacts> = {},
  change: Partial<Omit<EndedEvent, 'event'>> = {},
): EndedEvent {
  return {
    ...{ handler: 'event PreToolUse Bash', path: 'worker', runtime: null, level: null, outcome: 'answered' },
    ...{ exitCode: null, signal: null, totalMs: 1, runMs: null, cpuMs: null, memoryPeakBytes: null, pid: null },
    ...{ denialsTold: 0, isSwitched: false, detail: '', ...change },
    event: { decision: null, validators: [{ name: 'guard', said: 'nothing' }], times: 1, ...facts },
  };
}
