/** The life of one pool as a table: every state by every input. `life.ts` looks up and acts. */

export type LifeState = 'idle' | 'starting' | 'ready' | 'backoff' | 'held' | 'stopping' | 'stopped';

/** `died`: its keeper is dead and swept. `retry`: the next start is due. `hold`: it is put into quarantine. */
export type LifeInput = 'start' | 'parked' | 'died' | 'retry' | 'hold' | 'stop';

/** The next state; the same state where the input changes nothing there. */
export const LIFE: Readonly<Record<LifeState, Readonly<Record<LifeInput, LifeState>>>> = {
  idle: { start: 'starting', parked: 'idle', died: 'idle', retry: 'idle', hold: 'held', stop: 'stopped' },
  // A keeper that has said hello may still be without a single parked process: it is ready when one is there.
  starting: {
    ...{ start: 'starting', parked: 'ready', died: 'backoff', retry: 'starting' },
    ...{ hold: 'held', stop: 'stopping' },
  },
  ready: { start: 'ready', parked: 'ready', died: 'backoff', retry: 'ready', hold: 'held', stop: 'stopping' },
  backoff: { start: 'backoff', parked: 'backoff', died: 'backoff', retry: 'starting', hold: 'held', stop: 'stopped' },
  // Its keeper may live on until the hooks that run have ended: what that one parks is not used.
  held: { start: 'held', parked: 'held', died: 'held', retry: 'starting', hold: 'held', stop: 'stopping' },
  stopping: {
    ...{ start: 'stopping', parked: 'stopping', died: 'stopped', retry: 'stopping' },
    ...{ hold: 'stopping', stop: 'stopping' },
  },
  stopped: {
    ...{ start: 'stopped', parked: 'stopped', died: 'stopped', retry: 'stopped' },
    ...{ hold: 'stopped', stop: 'stopped' },
  },
};
