/** The life of one keeper process as a table: every state by every input. `life.ts` looks up and acts. */

/** `none`: there is no process. `ending`: it has been told to end, or is being killed. `sweeping`: it is reaped, and what it left
 *  behind is being killed. */
export type KeeperState = 'none' | 'started' | 'greeted' | 'ending' | 'sweeping';
export type KeeperInput = 'spawned' | 'hello' | 'finish' | 'reaped' | 'swept';

export const KEEPER: Readonly<Record<KeeperState, Readonly<Record<KeeperInput, KeeperState>>>> = {
  none: { spawned: 'started', hello: 'none', finish: 'none', reaped: 'none', swept: 'none' },
  started: { spawned: 'started', hello: 'greeted', finish: 'ending', reaped: 'sweeping', swept: 'started' },
  greeted: { spawned: 'greeted', hello: 'greeted', finish: 'ending', reaped: 'sweeping', swept: 'greeted' },
  // It may still write records: a late hello does not bring it back.
  ending: { spawned: 'ending', hello: 'ending', finish: 'ending', reaped: 'sweeping', swept: 'ending' },
  sweeping: { spawned: 'sweeping', hello: 'sweeping', finish: 'sweeping', reaped: 'sweeping', swept: 'none' },
};
