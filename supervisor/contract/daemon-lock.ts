/** What stands in the lock file of a runtime folder: the pid of the daemon, then, each on a line, the last one first, the daemons
 *  before it that may still end their hooks. `down` has to wait for all, and the oldest of three is nobody's descendant. */
import { LIMITS } from './limits.js';

/** A pid alone may be somebody else's by the time it is looked at again. */
export interface ProcessId {
  pid: number;
  /** When it started, since boot. */
  startTicks: string;
}

export interface DaemonLock {
  /** undefined: none can be read. It says nothing about whether the lock is held. */
  pid: number | undefined;
  before: ProcessId[];
}

export function lockText(pid: number, before: readonly ProcessId[]): string {
  return [String(pid), ...before.map((one) => `${one.pid} ${one.startTicks}`), ''].join('\n');
}

export function parseLock(text: string): DaemonLock {
  const [first = '', ...others] = text.split('\n', LIMITS.replacedDaemonsMax + 1);
  const before = others.flatMap((line) => {
    const [, pid, startTicks] = /^(\d+) (\d+)$/.exec(line) ?? [];
    // Never 1: signals are sent to them.
    return startTicks === undefined || !isPid(Number(pid), 2) ? [] : [{ pid: Number(pid), startTicks }];
  });
  const pid = Number.parseInt(first, 10);
  return { pid: isPid(pid, 1) ? pid : undefined, before };
}

function isPid(pid: number, least: number): boolean {
  return Number.isSafeInteger(pid) && pid >= least;
}
