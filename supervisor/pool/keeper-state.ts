/** The life of one pool's keeper as a table: every state by every input. The pool looks up and acts. */

export type KeeperState = 'idle' | 'starting' | 'ready' | 'backoff' | 'stopping' | 'stopped';
export type KeeperInput = 'start' | 'hello' | 'parked' | 'died' | 'retry' | 'stop';

/** The next state; the same state where the input changes nothing there. */
const TABLE: Record<KeeperState, Record<KeeperInput, KeeperState>> = {
  idle: { start: 'starting', hello: 'idle', parked: 'idle', died: 'idle', retry: 'idle', stop: 'stopped' },
  // A keeper that has said hello may still be without a single parked process: it is ready when one is there.
  starting: {
    start: 'starting',
    hello: 'starting',
    parked: 'ready',
    died: 'backoff',
    retry: 'starting',
    stop: 'stopping',
  },
  ready: { start: 'ready', hello: 'ready', parked: 'ready', died: 'backoff', retry: 'ready', stop: 'stopping' },
  backoff: {
    start: 'backoff',
    hello: 'backoff',
    parked: 'backoff',
    died: 'backoff',
    retry: 'starting',
    stop: 'stopped',
  },
  stopping: {
    start: 'stopping',
    hello: 'stopping',
    parked: 'stopping',
    died: 'stopped',
    retry: 'stopping',
    stop: 'stopping',
  },
  stopped: {
    start: 'stopped',
    hello: 'stopped',
    parked: 'stopped',
    died: 'stopped',
    retry: 'stopped',
    stop: 'stopped',
  },
};

export function nextKeeperState(state: KeeperState, input: KeeperInput): KeeperState {
  return TABLE[state][input];
}
