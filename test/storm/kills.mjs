// What was killed and when, and which failed call each kill explains. Pure.

/** Told where the keeper of a call has died; perhaps behind lines of the hook's own. */
const OUR_WORD = /^hook-supervisor: (the keeper of this hook died|no worker could start this hook)/m;
const KILLED_EXIT_CODE = 137; // as a shell tells it

export class Kills {
  list = [];

  /** @param what keeper, zygote, parked or hook: as it was when it was chosen. */
  add(what, pid, atMs) {
    this.list.push({ what, pid, atMs, isUsed: false });
  }

  count(what) {
    return this.list.filter((kill) => kill.what === what).length;
  }

  /** True if the end of a call is what a kill within its time does to it: a keeper takes all its calls along, which are told
   *  so; a hook's first process takes one, which ends as a direct run whose process was killed. What was parked when it was
   *  chosen may be a hook when the signal comes. The death of a zygote or of a keeper's neighbour explains nothing. */
  explain({ answer, startedAtMs, endedAtMs }) {
    const meanwhile = this.list.filter(({ atMs }) => startedAtMs <= atMs && atMs <= endedAtMs);
    if (answer.isHung) return false;
    if (OUR_WORD.test(answer.stderr)) return answer.code === 1 && meanwhile.some(({ what }) => what === 'keeper');
    if (answer.signal !== 'SIGKILL' && answer.code !== KILLED_EXIT_CODE) return false;
    const kill = meanwhile.find(({ what, isUsed }) => !isUsed && (what === 'hook' || what === 'parked'));
    if (kill === undefined) return false;
    kill.isUsed = true;
    return true;
  }
}
