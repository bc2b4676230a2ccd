/** Events that come from inside a hook or validator of ours: known by the parents of their client, told once, then once a minute. */
import type { Clock } from '../contract/clock.js';
import type { Tell } from '../contract/happening.js';
import { LIMITS } from '../contract/limits.js';
import { Descent, type Parentage } from '../validating/descent.js';
import type { HookRooms } from '../validating/hooks-asked.js';

export interface OwnEventsRooms {
  clock: Clock;
  tell: Tell;
  /** All that runs hooks and validators is below one: what loses its parent there is adopted by it. */
  keepers(): readonly { pid: number }[];
  parentage(pid: number): Parentage | undefined;
}

export function ownEvents({ clock, tell, keepers, parentage }: OwnEventsRooms) {
  const descent = new Descent(() => new Set(keepers().map(({ pid }) => pid)), parentage);
  let times = 0;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  const rooms: Pick<HookRooms, 'isOurs' | 'cameFromOurs'> = {
    isOurs: (pid) => descent.isOurs(pid),
    cameFromOurs(hooks) {
      times++;
      if (clock.nowMs() - toldAtMs < LIMITS.stageToldEveryMs) return;
      const about = `not run, since the event comes from inside a hook or a validator: ${hooks.join(', ')}`;
      tell({ kind: 'eventFromInside', about, inputs: { times } });
      times = 0;
      toldAtMs = clock.nowMs();
    },
  };
  return rooms;
}
