/** Judges a keeper's records before anything of them is used: their form, what their task allows, and how many they are. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import { RecordKind } from '../contract/wire.js';
import { faultOfForm } from './record-form.js';
import type { TaskFlow } from './task-flow.js';

const SECOND_MS = 1_000;
/** A line of the log each. */
const FAILURE_WEIGHT = 20;
const OF_TASK: readonly number[] = [
  RecordKind.STDOUT,
  RecordKind.STDERR,
  RecordKind.STDIN_CREDIT,
  RecordKind.NOT_STARTED,
  RecordKind.END,
];

export class RecordJudge {
  private countedSinceMs = Number.NEGATIVE_INFINITY;
  private count = 0;

  constructor(
    private readonly slots: number,
    private readonly clock: Clock,
  ) {}

  /** @param flow of the running task that the record is for.
   *  @returns what is wrong, for the log; undefined: nothing. */
  faultOf(kind: number, slot: number, payload: Buffer, flow: TaskFlow | undefined): string | undefined {
    const ofForm = faultOfForm(kind, slot, this.slots, payload);
    if (ofForm !== undefined) return ofForm;
    if (flow !== undefined && OF_TASK.includes(kind)) return flow.faultOf(kind, payload);
    return this.isFlood(kind === RecordKind.FAILURE ? FAILURE_WEIGHT : 1) ? 'a flood of records' : undefined;
  }

  /** Those of tasks are bounded by their windows, which the client opens; of the rest each costs us and brings nothing. */
  private isFlood(weight: number): boolean {
    const nowMs = this.clock.nowMs();
    if (nowMs - this.countedSinceMs >= SECOND_MS) {
      this.countedSinceMs = nowMs;
      this.count = 0;
    }
    this.count += weight;
    return this.count > LIMITS.keeperRecordsPerSecondMax;
  }
}
