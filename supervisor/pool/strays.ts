/** Processes that a dead keeper left behind: orphaned, they were adopted by the daemon (it is a subreaper). Where there is
 *  a cgroup, the group is emptied anyway; this is what is left to do without one. */
import type { Clock } from '../contract/clock.js';
import type { Native } from '../native.js';

const SIGKILL = 9;
const ROUNDS_MAX = 200;

export interface Strays {
  /** Kills every adopted process, until there is none: each death may hand us its own children.
   *  @returns how many were killed. */
  kill(keepers: () => ReadonlySet<number>): Promise<number>;
}

/** Call before the first spawn: children that are there already came with the process that became us, and are not ours
 *  to kill. As PID 1 of a container everybody's orphans come to us; then nothing is swept but cgroups. */
export function watchStrays(native: Native, clock: Clock, ownPid: number): Strays {
  const notOurs = new Set(native.children());
  return {
    async kill(keepers) {
      const killed = new Set<number>();
      for (let round = 0; round < ROUNDS_MAX && ownPid !== 1; round++) {
        const spared = keepers();
        const strays = native.children().filter((pid) => !spared.has(pid) && !notOurs.has(pid));
        for (const pid of strays) {
          native.kill(pid, SIGKILL);
          killed.add(pid);
          native.reap(pid);
        }
        if (strays.length === 0) break;
        await new Promise<void>((done) => void clock.after(1, done));
      }
      return killed.size;
    },
  };
}
