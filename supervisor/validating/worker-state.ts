/** The life of one resident worker as a table: every state by every input. `crew.ts` looks up and acts. */

export type WorkerState = 'starting' | 'ready' | 'draining' | 'killed' | 'gone';

/** `late`: it was not ready in time, or hangs. `retire`: it is not needed any more, or its code has changed. */
export type WorkerInput = 'ready' | 'late' | 'retire' | 'gone';

export const WORKER: Readonly<Record<WorkerState, Readonly<Record<WorkerInput, WorkerState>>>> = {
  starting: { ready: 'ready', late: 'killed', retire: 'killed', gone: 'gone' },
  ready: { ready: 'ready', late: 'killed', retire: 'draining', gone: 'gone' },
  // What it was asked it may still answer.
  draining: { ready: 'draining', late: 'killed', retire: 'draining', gone: 'gone' },
  killed: { ready: 'killed', late: 'killed', retire: 'killed', gone: 'gone' },
  gone: { ready: 'gone', late: 'gone', retire: 'gone', gone: 'gone' },
};
