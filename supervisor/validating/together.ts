/** Validators and hooks of one event, asked at the same time: none is waited for once what the others have said is plain. */
import { isPlain } from '../agents/events/merge.js';
import type { Opinion } from '../agents/events/verdicts.js';
import { Stop, type StopSignal } from '../contract/stop.js';
import type { AgentEvent } from '../contract/validating.js';

export interface Beside {
  /** @param told of those that are known so far, and whether more are to come. */
  ask(
    event: AgentEvent,
    signal: StopSignal,
    told: (known: readonly Opinion[], isPending: boolean) => void,
  ): Promise<Opinion[]>;
}

/** @param validators asks them; told of what is known of them, it is told whether that is enough.
 *  @returns the opinions of both, each in declared order. */
export async function together(
  event: AgentEvent,
  signal: StopSignal,
  validators: (signal: StopSignal, isPlain: (known: readonly Opinion[]) => boolean) => Promise<Opinion[]>,
  hooks: Beside,
): Promise<Opinion[]> {
  const over = new Stop();
  const stop = () => over.abort();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let ofValidators: readonly Opinion[] = [];
  let ofHooks: readonly Opinion[] = [];
  let areHooksPending = true;
  const look = (): boolean => {
    const isEnough = isPlain(event, [...ofValidators, ...ofHooks], areHooksPending);
    if (isEnough) stop();
    return isEnough;
  };
  const asked = validators(over, (known) => {
    ofValidators = known;
    return look();
  }).then((all) => {
    ofValidators = all;
    look();
    return all;
  });
  const run = hooks.ask(event, over, (known, isPending) => {
    ofHooks = known;
    areHooksPending = isPending;
    look();
  });
  try {
    return (await Promise.all([asked, run])).flat();
  } finally {
    signal.removeEventListener('abort', stop);
    stop(); // where the one has failed by a mistake of ours, nobody waits for the other
  }
}
