/** The life of the daemon as a table: every state by every input. `daemon-life.ts` looks up and acts. */

/** `reloading`: new pools are tried. `handingOver`: a successor is started; this one still serves. `draining`: nothing new is taken,
 *  what runs may finish. `replaced`: the same, since a successor serves. `closing`: room after room is closed. */
export type DaemonState =
  | 'starting'
  | 'serving'
  | 'reloading'
  | 'handingOver'
  | 'draining'
  | 'replaced'
  | 'closing'
  | 'stopped';

/** `failed`: it cannot start. `reloaded`: a reload is over, taken over or not. `succeeded`: the successor is ready. `notSucceeded`: it
 *  will not be. `empty`: nothing runs any more. `overdue`: what runs has had its time. `closed`: nothing is left. */
export type DaemonInput =
  | 'ready'
  | 'failed'
  | 'reload'
  | 'reloaded'
  | 'restart'
  | 'succeeded'
  | 'notSucceeded'
  | 'stop'
  | 'empty'
  | 'overdue'
  | 'closed';

/** The next state; the same state where the input changes nothing there. */
export const DAEMON: Readonly<Record<DaemonState, Readonly<Record<DaemonInput, DaemonState>>>> = {
  starting: {
    ...{ ready: 'serving', failed: 'closing', reload: 'starting', reloaded: 'starting' },
    ...{ restart: 'starting', succeeded: 'starting', notSucceeded: 'starting' },
    ...{ stop: 'draining', empty: 'starting', overdue: 'starting', closed: 'starting' },
  },
  serving: {
    ...{ ready: 'serving', failed: 'serving', reload: 'reloading', reloaded: 'serving' },
    ...{ restart: 'handingOver', succeeded: 'serving', notSucceeded: 'serving' },
    ...{ stop: 'draining', empty: 'serving', overdue: 'serving', closed: 'serving' },
  },
  // One thing at a time: a successor would read a configuration that is perhaps not kept.
  reloading: {
    ...{ ready: 'reloading', failed: 'reloading', reload: 'reloading', reloaded: 'serving' },
    ...{ restart: 'reloading', succeeded: 'reloading', notSucceeded: 'reloading' },
    ...{ stop: 'draining', empty: 'reloading', overdue: 'reloading', closed: 'reloading' },
  },
  handingOver: {
    ...{ ready: 'handingOver', failed: 'handingOver', reload: 'handingOver', reloaded: 'handingOver' },
    ...{ restart: 'handingOver', succeeded: 'replaced', notSucceeded: 'serving' },
    ...{ stop: 'draining', empty: 'handingOver', overdue: 'handingOver', closed: 'handingOver' },
  },
  // A successor that is ready only now has been killed by then.
  draining: {
    ...{ ready: 'draining', failed: 'draining', reload: 'draining', reloaded: 'draining' },
    ...{ restart: 'draining', succeeded: 'draining', notSucceeded: 'draining' },
    ...{ stop: 'draining', empty: 'closing', overdue: 'closing', closed: 'draining' },
  },
  replaced: {
    ...{ ready: 'replaced', failed: 'replaced', reload: 'replaced', reloaded: 'replaced' },
    ...{ restart: 'replaced', succeeded: 'replaced', notSucceeded: 'replaced' },
    ...{ stop: 'replaced', empty: 'closing', overdue: 'closing', closed: 'replaced' },
  },
  closing: {
    ...{ ready: 'closing', failed: 'closing', reload: 'closing', reloaded: 'closing' },
    ...{ restart: 'closing', succeeded: 'closing', notSucceeded: 'closing' },
    ...{ stop: 'closing', empty: 'closing', overdue: 'closing', closed: 'stopped' },
  },
  stopped: {
    ...{ ready: 'stopped', failed: 'stopped', reload: 'stopped', reloaded: 'stopped' },
    ...{ restart: 'stopped', succeeded: 'stopped', notSucceeded: 'stopped' },
    ...{ stop: 'stopped', empty: 'stopped', overdue: 'stopped', closed: 'stopped' },
  },
};

/** Why a reload or a restart does not begin; '' where it does. */
export const NOT_NOW: Readonly<Record<DaemonState, string>> = {
  starting: 'the daemon is still starting',
  serving: '',
  reloading: 'a reload is under way',
  handingOver: 'a restart is under way',
  draining: 'the daemon is being stopped',
  replaced: 'another daemon has taken over',
  closing: 'the daemon is being stopped',
  stopped: 'the daemon is being stopped',
};
