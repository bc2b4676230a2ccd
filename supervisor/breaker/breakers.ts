/** The breakers of all validators, by name. One that is closed and has seen no failure lately needs no place. */
import type { BreakerChange, BreakerSettings, BreakerStatus } from '../contract/breaking.js';
import { LIMITS } from '../contract/limits.js';
import { OPENS_BREAKER, type ValidatorOutcome } from '../contract/validating.js';
import { readSaved, restored, saved } from './saved.js';
import { admit, afterAnswer, atTime, type Breaker, CLOSED } from './table.js';

/** `refusedUntilMs`: not to be asked before, at the earliest. */
export type Allowed = 'yes' | { refusedUntilMs: number };

interface Place {
  breaker: Breaker;
  /** Of the last failure. */
  reason: string;
}

export class Breakers {
  /** Whose failures began longest ago first. */
  private readonly places = new Map<string, Place>();
  /** Until it is known what an earlier daemon has kept: those that have answered this one. */
  private answered: Set<string> | undefined = new Set();

  constructor(
    private readonly settings: BreakerSettings,
    private readonly changed: (change: BreakerChange) => void,
  ) {}

  /** Each 'yes' is followed by one `told`, whatever becomes of it. */
  allow(name: string, nowMs: number): Allowed {
    const place = this.places.get(name);
    if (place === undefined) return 'yes';
    const { breaker, refusedUntilMs } = admit(place.breaker, nowMs, this.settings);
    const reason =
      breaker.phase === 'open' && place.breaker.phase === 'halfOpen' ? 'a trial did not answer' : place.reason;
    this.set(name, { breaker, reason });
    return refusedUntilMs === undefined ? 'yes' : { refusedUntilMs };
  }

  told(name: string, outcome: ValidatorOutcome, nowMs: number): void {
    const said = meaningOf(outcome);
    if (said === 'success' && this.answered !== undefined && this.answered.size < LIMITS.breakersMax)
      this.answered.add(name);
    const before = this.places.get(name) ?? { breaker: CLOSED, reason: '' };
    const reason = said === 'failure' ? reasonOf(outcome) : before.reason;
    this.set(name, { breaker: afterAnswer(before.breaker, said, nowMs, this.settings), reason });
  }

  /** @param name undefined: all of them. @param why as it is told. */
  reset(name?: string, why = 'reset'): void {
    for (const one of name === undefined ? [...this.places.keys()] : [name]) {
      if (this.places.has(one)) this.set(one, { breaker: CLOSED, reason: '' }, why);
    }
  }

  /** Those that are not closed, and those that have seen failures. */
  list(nowMs: number): BreakerStatus[] {
    return [...this.places].map(([name, place]) => {
      const { phase, failuresInARow, successes, untilMs } = atTime(place.breaker, nowMs, this.settings);
      const retryInMs = phase === 'open' ? untilMs - nowMs : 0;
      return { name, phase, failuresInARow, successes, retryInMs, reason: place.reason };
    });
  }

  /** As text, for whoever keeps it. @param wallMs now, since 1970. */
  snapshot(nowMs: number, wallMs: number): string {
    const all = [...this.places].map(([name, { breaker }]) => [name, atTime(breaker, nowMs, this.settings)] as const);
    return JSON.stringify(all.map(([name, breaker]) => saved(name, breaker, wallMs - nowMs)));
  }

  /** Once, whenever it has been read. Who has answered since is not held back, a failure since is only one more. */
  restore(text: string, nowMs: number, wallMs: number): void {
    for (const one of readSaved(text)) {
      const isKnown = (this.places.get(one.name)?.breaker.phase ?? 'closed') !== 'closed';
      if (isKnown || this.answered?.has(one.name)) continue;
      this.set(one.name, {
        breaker: restored(one, nowMs, wallMs - nowMs, this.settings),
        reason: 'before the restart',
      });
    }
    this.answered = undefined;
  }

  private set(name: string, place: Place, why = aboutChange(place)): void {
    const from = this.places.get(name)?.breaker.phase ?? 'closed';
    const { phase: to, failuresInARow, failedAtMs } = place.breaker;
    if (to === 'closed' && failuresInARow === 0 && failedAtMs.length === 0) this.places.delete(name);
    else {
      if (!this.places.has(name)) this.makeRoom();
      this.places.set(name, place);
    }
    if (from !== to) this.changed({ name, from, to, about: why });
  }

  /** One that is closed loses a few failures; that they are all open does not happen while there are fewer validators. */
  private makeRoom(): void {
    if (this.places.size < LIMITS.breakersMax) return;
    const all = [...this.places];
    const [victim] = all.find(([, { breaker }]) => breaker.phase === 'closed') ?? all[0] ?? [];
    if (victim !== undefined) this.places.delete(victim);
  }
}

function aboutChange({ breaker: { phase }, reason }: Place): string {
  switch (phase) {
    case 'open':
      return reason;
    case 'halfOpen':
      return 'it is tried again';
    case 'closed':
      return 'it answers again';
  }
}

function meaningOf(outcome: ValidatorOutcome): 'success' | 'failure' | 'noWord' {
  if (outcome.kind === 'answered') return 'success';
  return outcome.kind === 'failed' && OPENS_BREAKER[outcome.cause] ? 'failure' : 'noWord';
}

function reasonOf(outcome: ValidatorOutcome): string {
  return outcome.kind === 'failed'
    ? `${outcome.cause}: ${outcome.message}`.slice(0, LIMITS.loggedTextMaxCharacters)
    : '';
}
