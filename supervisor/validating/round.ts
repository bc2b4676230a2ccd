/** A task that is with a worker: it ends once, with an answer, a failure, or at the last deadline of those who wait for it. */
import type { Clock } from '../contract/clock.js';
import type { FailureCause, ValidatorOutcome } from '../contract/validating.js';

export interface Failure {
  cause: FailureCause;
  message: string;
  /** Its worker is gone with it. */
  isLost: boolean;
  /** And not by its doing. */
  isAnothers?: boolean | undefined;
}

export interface RoundEvents {
  answered(answers: readonly ValidatorOutcome[]): void;
  failed(failure: Failure): void;
  /** A deadline has come: whoever has waited until then is told. @returns the next one; undefined: nobody waits any more. */
  due(): number | undefined;
  /** Before `failed`: its time is over. */
  late(): void;
}

export class Round {
  readonly begunAtMs: number;
  private isOver = false;
  private undoDeadline = () => {};

  constructor(
    deadlineAtMs: number,
    private readonly clock: Clock,
    private readonly events: RoundEvents,
  ) {
    this.begunAtMs = clock.nowMs();
    this.waitUntil(deadlineAtMs);
  }

  answered(answers: readonly ValidatorOutcome[]): void {
    if (this.end()) this.events.answered(answers);
  }

  failed(failure: Failure): void {
    if (this.end()) this.events.failed(failure);
  }

  /** Its task is taken back: nothing more is told. */
  undo(): void {
    this.end();
  }

  private waitUntil(atMs: number): void {
    this.undoDeadline = this.clock.after(Math.max(0, atMs - this.clock.nowMs()), () => {
      if (this.isOver) return;
      const nextAtMs = this.events.due();
      if (nextAtMs !== undefined) {
        this.waitUntil(nextAtMs);
        return;
      }
      this.events.late();
      this.failed({ cause: 'timedOut', message: 'no answer in time', isLost: false });
    });
  }

  private end(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    this.undoDeadline();
    return true;
  }
}

export function failed({ cause, message }: Failure): ValidatorOutcome {
  return { kind: 'failed', cause, message };
}
