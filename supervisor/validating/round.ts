/** A task that is with a worker: it ends once, with an answer, a failure, or at its deadline. */
import type { Clock } from '../contract/clock.js';
import type { FailureCause, ValidatorOutcome } from '../contract/validating.js';

export interface Failure {
  cause: FailureCause;
  message: string;
  /** Its worker is gone with it. */
  isLost: boolean;
}

export interface RoundEvents {
  answered(answers: readonly ValidatorOutcome[]): void;
  failed(failure: Failure): void;
  /** Before `failed`: its time is over. */
  late(): void;
}

export class Round {
  readonly begunAtMs: number;
  private isOver = false;
  private readonly undoDeadline: () => void;

  constructor(
    deadlineAtMs: number,
    clock: Clock,
    private readonly events: RoundEvents,
  ) {
    this.begunAtMs = clock.nowMs();
    const leftMs = Math.max(0, deadlineAtMs - this.begunAtMs);
    this.undoDeadline = clock.after(leftMs, () => {
      if (this.isOver) return;
      this.events.late();
      this.failed({ cause: 'timedOut', message: `no answer within ${Math.round(leftMs)} ms`, isLost: false });
    });
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
