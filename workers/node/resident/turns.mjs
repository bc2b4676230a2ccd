const TURN_MAX_MS = 1;

/** Whose question is looked at next: at once, until that has taken a while; then those of each validator in turns, and what the
 *  daemon has sent meanwhile is read in between. So one that is slow, or asked much, holds up the others by one answer. */
export class Turns {
  #nowMs;
  #waiting = new Map();
  #tookMs = 0;
  #isLater = false;

  constructor(nowMs = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** @param look begins to answer. */
  take(name, look) {
    if (!this.#isLater) {
      this.#run(look);
      return;
    }
    const others = this.#waiting.get(name);
    if (others === undefined) this.#waiting.set(name, [look]);
    else others.push(look);
  }

  #run(look) {
    const beganMs = this.#nowMs();
    look();
    this.#tookMs += this.#nowMs() - beganMs;
    if (this.#tookMs < TURN_MAX_MS) return;
    this.#tookMs = 0;
    this.#isLater = true;
    setImmediate(() => this.#next());
  }

  #next() {
    this.#isLater = false;
    while (!this.#isLater && this.#waiting.size > 0) {
      const [[name, [look, ...others]]] = this.#waiting;
      this.#waiting.delete(name);
      if (others.length > 0) this.#waiting.set(name, others); // behind all others
      this.#run(look);
    }
  }
}
