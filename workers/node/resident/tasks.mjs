/** The questions that are being answered. */
export class Tasks {
  #tasks = new Map();

  begin(callId) {
    const task = new Task();
    this.#tasks.set(callId, task);
    return task;
  }

  has(callId) {
    return this.#tasks.has(callId);
  }

  /** @returns whether its answer is still to be given. */
  end(callId) {
    return this.#tasks.delete(callId);
  }

  /** Nobody waits any more: answered at once, since what it waits for may never come. @returns whether it was there. */
  forget(callId) {
    this.#tasks.get(callId)?.abort();
    return this.#tasks.delete(callId);
  }
}

class Task {
  #controller;
  #isAborted = false;

  /** Made when it is asked for: most validators never look. */
  get signal() {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isAborted) this.abort();
    }
    return this.#controller.signal;
  }

  abort() {
    this.#isAborted = true;
    this.#controller?.abort(new Error('nobody waits for this answer any more'));
  }
}
