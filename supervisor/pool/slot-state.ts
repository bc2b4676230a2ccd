/** The life of one parked process, as the daemon sees it, as a table: every state by every input. That of the keeper, which
 *  starts, kills and reaps it, is `native-shim/keeper/machine.c`. `slots.ts` looks up and acts. */

/** `unknown`: being started, being ended, or nothing is there; only the keeper knows. */
export type SlotState = 'unknown' | 'parked' | 'busy' | 'lingering';

/** `leased`: taken for a task, by us or by the switchboard. `ended`: the keeper's last word on a process or its task. */
export type SlotInput = 'parked' | 'leased' | 'putBack' | 'ended' | 'lingering' | 'lingerEnded';

export const SLOT: Readonly<Record<SlotState, Readonly<Record<SlotInput, SlotState>>>> = {
  unknown: {
    ...{ parked: 'parked', leased: 'unknown', putBack: 'unknown' },
    ...{ ended: 'unknown', lingering: 'lingering', lingerEnded: 'unknown' },
  },
  parked: {
    ...{ parked: 'parked', leased: 'busy', putBack: 'parked' },
    ...{ ended: 'unknown', lingering: 'lingering', lingerEnded: 'parked' },
  },
  busy: {
    ...{ parked: 'busy', leased: 'busy', putBack: 'parked' },
    ...{ ended: 'unknown', lingering: 'lingering', lingerEnded: 'busy' },
  },
  // Its task has its END already or is about to have it: what outlived it keeps the slot.
  lingering: {
    ...{ parked: 'lingering', leased: 'lingering', putBack: 'lingering' },
    ...{ ended: 'lingering', lingering: 'lingering', lingerEnded: 'unknown' },
  },
};
