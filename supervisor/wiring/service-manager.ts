/** What a service manager is told of this daemon: sd_notify(3), with its watchdog. Without a manager nothing is sent. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { Native } from '../native.js';

export interface ServiceManagerRooms {
  native: Pick<Native, 'notify'>;
  clock: Clock;
  /** What is meant for this process alone is taken out. */
  env: NodeJS.ProcessEnv;
  pid: number;
  /** CLOCK_MONOTONIC, which the manager compares with its own. */
  monotonicUs(): bigint;
}

export interface ServiceManager {
  /** It follows this service to another process. PID 1 of a container cannot be followed: its end is that of them all. */
  readonly follows: boolean;
  /** What a successor needs to be heard by it, too. */
  readonly variables: Readonly<Record<string, string>>;
  ready(status: string): void;
  reloading(): void;
  stopping(): void;
  replacedBy(pid: number): void;
  /** A sign of life at half the time after which the manager ends and restarts the service, unless `isServing` says no. It
   *  comes from the event loop, so there is none while that is stuck. */
  beat(isServing: () => boolean): void;
}

const EAGAIN = -11;
const RETRY_MS = 100;

export function serviceManager(rooms: ServiceManagerRooms): ServiceManager {
  const { native, clock, env, pid } = rooms;
  const { NOTIFY_SOCKET: address, WATCHDOG_USEC, WATCHDOG_PID } = env;
  // Hooks and workers must not speak for the service.
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  const isWatched = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === pid;
  const watchdogMs = isWatched ? Number(WATCHDOG_USEC ?? 0) / 1000 : 0;
  const unsent: string[] = [];
  let endBeats = () => {};

  function sendAll(): void {
    for (let text = unsent[0]; text !== undefined; text = unsent[0]) {
      if (native.notify(address ?? '', text) === EAGAIN) {
        clock.after(RETRY_MS, sendAll);
        return;
      }
      unsent.shift();
    }
  }

  function send(...lines: string[]): void {
    if (address === undefined || unsent.length >= LIMITS.serviceMessagesMax) return;
    unsent.push(lines.join('\n'));
    if (unsent.length === 1) sendAll();
  }

  return {
    follows: address !== undefined && env.INVOCATION_ID !== undefined && pid !== 1,
    variables: {
      ...(address !== undefined && { NOTIFY_SOCKET: address }),
      ...(watchdogMs > 0 && { WATCHDOG_USEC: String(watchdogMs * 1000) }),
    },
    ready: (status) => send('READY=1', `STATUS=${status}`),
    reloading: () => send('RELOADING=1', `MONOTONIC_USEC=${rooms.monotonicUs()}`, 'STATUS=reading its configuration'),
    stopping() {
      endBeats();
      send('STOPPING=1', 'STATUS=stopping: what runs may finish');
    },
    replacedBy(successorPid) {
      endBeats();
      // With a sign of life: the successor's first comes half the time after it was ready.
      send(`MAINPID=${successorPid}`, 'WATCHDOG=1', 'STATUS=taken over from the daemon before');
    },
    beat(isServing) {
      if (!(watchdogMs > 0)) return;
      const next = () => {
        endBeats = clock.after(watchdogMs / 2, () => {
          // Behind what waits it says nothing new, and might fill the queue before what counts.
          if (isServing() && unsent.length === 0) send('WATCHDOG=1');
          next();
        });
      };
      next();
    },
  };
}
