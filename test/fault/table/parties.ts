/** The processes of one call, as /proc shows them: the machine is stopped at a step by waiting until nobody has anything left to
 *  do, never by the clock. */
import { readFileSync } from 'node:fs';
import { waitFor } from '../../lib/wait.js';

interface Look {
  name: string;
  /** As in /proc: R, S, D, T, Z; undefined where there is none. */
  state: string | undefined;
}

export function look(pid: number): Look {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return { name: '', state: undefined };
  }
  const end = stat.lastIndexOf(')');
  return { name: stat.slice(stat.indexOf('(') + 1, end), state: stat[end + 2] };
}

/** It has been woken for what came, and waits for more. A waker leaves it runnable, so asleep means: done. */
export function untilAsleep(what: string, pid: number, name?: string): Promise<true> {
  return waitFor(`${what} to be asleep`, () => {
    const seen = look(pid);
    return seen.state === 'S' && (name === undefined || seen.name === name) ? true : undefined;
  });
}

/** It has ended, whether or not somebody has reaped it. */
export function hasEnded(pid: number): boolean {
  const { state } = look(pid);
  return state === undefined || state === 'Z';
}

export async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await waitFor(`${pid} to be stopped`, () => ('TZ'.includes(look(pid).state ?? 'Z') ? true : undefined));
}

/** One that is gone is left alone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
