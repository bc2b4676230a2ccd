/** What a pool knows of its zygote, by the records of the keeper. */
import type { LearnedCounts, WorkerStatus } from '../contract/status.js';
import { LEARNED_BYTES } from '../contract/wire.js';

const NOTHING: LearnedCounts = { scripts: 0, modules: 0 };

export class Zygote {
  private pid = 0;
  private generation = 0;
  learned = NOTHING;

  /** @returns how it has just ended, as waitpid gives it; -1: another one serves, and tells once more how that before it ended. */
  stateRecord(payload: Buffer): number {
    this.pid = payload.readUInt32LE(0);
    this.generation = payload.readUInt32LE(4);
    this.learned = NOTHING;
    return this.pid === 0 ? payload.readInt32LE(8) : -1;
  }

  learnedRecord(payload: Buffer): void {
    if (payload.length !== LEARNED_BYTES) return;
    this.learned = { scripts: payload.readUInt32LE(0), modules: payload.readUInt32LE(4) };
  }

  /** Its keeper is gone, and it with it. */
  gone(): void {
    this.pid = 0;
    this.learned = NOTHING;
  }

  workers(): WorkerStatus[] {
    const { pid, generation } = this;
    return pid === 0 ? [] : [{ pid, kind: 'zygote', slot: null, state: 'busy', generation, cgroupPath: null }];
  }
}
