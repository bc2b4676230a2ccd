/** What becomes of a task whose keeper died with it in its hands. Pure. */

export interface LostTask {
  /** Its handler is declared to do no harm when run twice. */
  isIdempotent: boolean;
  /** Some of its output has gone to the client, which must not see the beginning of two runs. */
  hasOutput: boolean;
  /** It was lost before. */
  wasRetried: boolean;
  isCancelled: boolean;
  /** All of its stdin can be sent again. */
  canRestart: boolean;
}

/** `poison`: two keepers have died with it, so it is not given to a third. */
export type Loss = 'crash' | 'retry' | 'poison';

export function lossOf({ isIdempotent, hasOutput, wasRetried, isCancelled, canRestart }: LostTask): Loss {
  if (wasRetried) return 'poison';
  return isIdempotent && !hasOutput && !isCancelled && canRestart ? 'retry' : 'crash';
}

/** What is told of it beyond the answer. */
export const LOSS_TOLD: Readonly<Record<Loss, { kind: 'retried' | 'poisoned'; what: string } | undefined>> = {
  crash: undefined,
  retry: { kind: 'retried', what: 'its keeper died, it is run once more' },
  poison: { kind: 'poisoned', what: 'two keepers died while it ran, it is not run again' },
};
