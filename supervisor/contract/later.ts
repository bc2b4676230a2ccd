/** Events that validators are asked about after the answer (`"after": true`): tasks that outlive the daemon. */

export interface LaterTask {
  /** Of no other task, whichever daemon has made it. */
  id: string;
  /** The daemon that has. */
  daemon: string;
  validator: string;
  /** The event, as JSON. */
  text: string;
  /** Since 1970. */
  addedAtMs: number;
  /** How often it was begun to be asked, or taken over by another daemon. */
  tries: number;
}

/** Where such tasks lie. */
export interface TaskShelf {
  /** @returns true once it is on disk; false: it will not be. */
  add(task: LaterTask): Promise<boolean>;
  /** It was not answered. */
  tried(id: string, tries: number): void;
  remove(id: string): void;
  /** What other daemons have left, oldest first, each with one try more; and how many were given up. From then on they are this one's.
   *  undefined: they could not be read; the store tells why. */
  load(daemon: string): Promise<LeftTasks | undefined>;
}

export interface LeftTasks {
  tasks: readonly LaterTask[];
  dropped: number;
}

/** Of one validator that is asked afterwards, in `supervisor status --json`. */
export interface LaterStatus {
  pending: number;
  answered: number;
  /** Given up: too many waited, or it failed too often. */
  dropped: number;
  /** Taken without being on the disk: they would be lost with the daemon. */
  undurable: number;
}
