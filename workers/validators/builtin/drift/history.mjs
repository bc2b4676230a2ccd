/** What happened lately in each session, bounded in sessions, in results of each, and in all by an estimate of its bytes. Sessions
 *  that were not heard of longest go first. */

const RESULT_BYTES = 400; // an object with its strings, roughly, without label and paths
export const BOUNDS = { sessionsMax: 64, resultsMax: 200, bytesMax: 1024 * 1024 };

export class History {
  #sessions = new Map();
  #bounds;
  #bytes = 0;
  #sequence = 0;

  constructor(bounds = BOUNDS) {
    this.#bounds = bounds;
  }

  get sessionCount() {
    return this.#sessions.size;
  }

  get bytes() {
    return this.#bytes;
  }

  /** Of a session, oldest first. */
  of(sessionId) {
    return this.#sessions.get(sessionId) ?? [];
  }

  /** Of the other sessions, oldest first in each. */
  ofOthers(sessionId) {
    return [...this.#sessions].flatMap(([id, results]) => (id === sessionId ? [] : results));
  }

  /** Counts results of all sessions: how long ago something was, in events. */
  get sequence() {
    return this.#sequence;
  }

  add(result) {
    const results = this.of(result.sessionId);
    this.#sessions.delete(result.sessionId);
    this.#sessions.set(result.sessionId, results);
    this.#sequence += 1;
    results.push({ ...result, sequence: this.#sequence });
    this.#bytes += bytesOf(result);
    if (results.length > this.#bounds.resultsMax) this.#dropOldest(results);
    while (this.#sessions.size > this.#bounds.sessionsMax) this.#dropSession();
    while (this.#bytes > this.#bounds.bytesMax && this.#bytes > 0) {
      if (this.#sessions.size > 1) this.#dropSession();
      else this.#dropOldest(results);
    }
  }

  #dropOldest(results) {
    this.#bytes -= bytesOf(results.shift());
  }

  #dropSession() {
    const [[id, results]] = this.#sessions;
    this.#sessions.delete(id);
    this.#bytes -= results.reduce((sum, result) => sum + bytesOf(result), 0);
  }
}

function bytesOf({ label, edits }) {
  return RESULT_BYTES + 2 * (label.length + edits.reduce((sum, { path }) => sum + path.length, 0));
}
