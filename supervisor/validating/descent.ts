/** Whether a process is one of ours, or a child of one, or a child's child, by what the kernel says of parents. */
import { LIMITS } from '../contract/limits.js';

export interface Parentage {
  parentPid: number;
  /** With its number they tell a process from any other. */
  startTicks: string;
}

export class Descent {
  /** Not below ours, and that for good: a process comes below nobody who was not above it from its start. The agent is among them, so
   *  of its next client only the steps up to it are looked at. The last that were met are last. */
  readonly #elsewhere = new Set<string>();

  /** @param ours now. @param parentage undefined: there is no such process, or it is hidden from us. */
  constructor(
    private readonly ours: () => ReadonlySet<number>,
    private readonly parentage: (pid: number) => Parentage | undefined,
  ) {}

  isOurs(pid: number): boolean {
    const ours = this.ours();
    const passed: string[] = [];
    let missing = 0;
    let at = pid;
    for (let looks = 0; looks < LIMITS.ancestorLooksMax; looks++) {
      if (ours.has(at)) return true;
      const found = at === 0 ? undefined : this.parentage(at);
      if (found !== undefined) {
        const key = `${at} ${found.startTicks}`;
        passed.push(key);
        if (this.#elsewhere.has(key)) return this.#keep(passed);
        at = found.parentPid;
      } else if (at === 0 || at === missing || at === pid) return this.#keep(passed);
      else {
        // It has ended meanwhile, and what it has left has another parent now. Missing again, it is hidden, with all above it.
        missing = at;
        at = pid;
        passed.length = 0;
      }
    }
    // No agent has so many parents, and a hook is not to get away by starting ever more.
    return true;
  }

  #keep(keys: readonly string[]): false {
    for (const key of keys) {
      this.#elsewhere.delete(key);
      this.#elsewhere.add(key);
    }
    for (const key of this.#elsewhere) {
      if (this.#elsewhere.size <= LIMITS.elsewhereKnownMax) break;
      this.#elsewhere.delete(key);
    }
    return false;
  }
}
