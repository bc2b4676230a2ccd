/** One computation for equal keys at a time. Who comes while it runs follows: it gets what the leader got. A leader that has nothing
 *  to share (it failed, it was cancelled) makes nobody fail: the first of its followers leads then. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { StopSignal } from '../contract/stop.js';

/** What a leader has for itself, and for those that follow: undefined, nothing. */
export interface Led<Own, Shared> {
  own: Own;
  shared: Shared | undefined;
}

export interface Patience {
  /** By the clock that was handed in. */
  deadlineMs: number;
  signal?: StopSignal | undefined;
}

export type Flown<Own, Shared> =
  | { kind: 'led'; own: Own }
  | { kind: 'shared'; shared: Shared }
  /** It followed until its own deadline, or until nobody wanted its answer any more. */
  | { kind: 'late' }
  | { kind: 'aborted' };

type Followed<Shared> = Exclude<Flown<never, Shared>, { kind: 'led' }> | { kind: 'turn' };

interface Flight<Shared> {
  leaderDeadlineMs: number;
  followers: Set<(followed: Followed<Shared>) => void>;
}

export class SingleFlight<Own, Shared> {
  private readonly flights = new Map<string, Flight<Shared>>();
  private following = 0;

  constructor(private readonly clock: Clock) {}

  /** Rejects only if `lead` does. */
  async run(key: string, patience: Patience, lead: () => Promise<Led<Own, Shared>>): Promise<Flown<Own, Shared>> {
    let flight = this.flights.get(key);
    // A leader that is beyond its deadline may never come back: it is not followed.
    if (flight !== undefined && this.clock.nowMs() < flight.leaderDeadlineMs) {
      // Where too many wait each computes for itself: they are bounded where work is admitted.
      if (this.following >= LIMITS.flightFollowersMax) return { kind: 'led', own: (await lead()).own };
      const followed = await this.follow(flight, patience);
      if (followed.kind !== 'turn') return followed;
    } else {
      if (this.flights.size >= LIMITS.flightsMax) return { kind: 'led', own: (await lead()).own };
      flight = { leaderDeadlineMs: 0, followers: new Set() };
      this.flights.set(key, flight);
    }
    flight.leaderDeadlineMs = patience.deadlineMs;
    return this.lead(key, flight, lead);
  }

  private async lead(
    key: string,
    flight: Flight<Shared>,
    lead: () => Promise<Led<Own, Shared>>,
  ): Promise<Flown<Own, Shared>> {
    let shared: Shared | undefined;
    try {
      const led = await lead();
      shared = led.shared;
      return { kind: 'led', own: led.own };
    } finally {
      this.land(key, flight, shared);
    }
  }

  private land(key: string, flight: Flight<Shared>, shared: Shared | undefined): void {
    const [next] = flight.followers;
    if (shared === undefined && next !== undefined) {
      next({ kind: 'turn' });
      return;
    }
    // Another may fly under this key by now.
    if (this.flights.get(key) === flight) this.flights.delete(key);
    if (shared !== undefined) for (const follower of [...flight.followers]) follower({ kind: 'shared', shared });
  }

  private follow({ followers }: Flight<Shared>, { deadlineMs, signal }: Patience): Promise<Followed<Shared>> {
    if (signal?.aborted) return Promise.resolve({ kind: 'aborted' });
    const leftMs = deadlineMs - this.clock.nowMs();
    if (leftMs <= 0) return Promise.resolve({ kind: 'late' });
    return new Promise((resolve) => {
      const settle = (followed: Followed<Shared>) => {
        if (!followers.delete(settle)) return;
        this.following--;
        undoTimer();
        signal?.removeEventListener('abort', onAbort);
        resolve(followed);
      };
      const onAbort = () => settle({ kind: 'aborted' });
      const undoTimer = this.clock.after(leftMs, () => settle({ kind: 'late' }));
      signal?.addEventListener('abort', onAbort);
      followers.add(settle);
      this.following++;
    });
  }
}
