/** Answers of validators that are used again: key, memory, one computation at a time, and what is kept of its answer. */
import type { AnswerShelf, CacheSettings, CacheStats, KeptAnswer } from '../contract/caching.js';
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { ValidatorOutcome, Verdict } from '../contract/validating.js';
import type { FileIdentities } from './file-digests.js';
import { type FileOfKey, filesOf, keyOf, type Question } from './key.js';
import { AnswerMemory, type Moment } from './memory.js';
import { isWhole, mayLeaveMemory } from './restored.js';
import { type Led, type Patience, SingleFlight } from './single-flight.js';

export interface CacheRooms {
  clock: Clock;
  /** Since 1970. */
  wallMs(): number;
  files: FileIdentities;
  shelf: AnswerShelf;
}

export interface Asked extends Question, Patience {
  /** Breaker, queue and worker. */
  compute(): Promise<ValidatorOutcome>;
}

/** `computed`: for this event. `kept`: before it. `shared`: for another that asked the same. `gaveUp`: it waited for such a one in
 *  vain; nothing is known of the validator. */
export type AnswerSource = 'computed' | 'kept' | 'shared' | 'gaveUp';

export interface Answer {
  outcome: ValidatorOutcome;
  source: AnswerSource;
}

interface Keyed {
  key: string;
  /** Of the files: another one although the key is the same means that they were changed and changed back. */
  stamps: string;
}

export class AnswerCache {
  private readonly memory: AnswerMemory;
  private readonly flights: SingleFlight<ValidatorOutcome, string>;
  private readonly counts = { hits: 0, misses: 0, shared: 0, unkeyed: 0 };
  /** Counts up with each `clear`: what was asked before it is not kept after it. */
  private epoch = 0;

  constructor(
    private readonly rooms: CacheRooms,
    settings: CacheSettings,
  ) {
    this.memory = new AnswerMemory(settings);
    this.flights = new SingleFlight(rooms.clock);
  }

  /** Rejects only if `compute` does. */
  async ask(asked: Asked): Promise<Answer> {
    const keyed = await this.keyed(asked);
    if (keyed === undefined) {
      this.counts.unkeyed++;
      return { outcome: await asked.compute(), source: 'computed' };
    }
    const kept = this.memory.get(keyed.key, this.moment());
    if (kept !== undefined) {
      this.counts.hits++;
      return { outcome: answered(kept), source: 'kept' };
    }
    const { epoch } = this;
    const flown = await this.flights.run(`${epoch} ${keyed.key}`, asked, () => this.lead(asked, keyed, epoch));
    switch (flown.kind) {
      case 'led':
        return { outcome: flown.own, source: 'computed' };
      case 'shared':
        this.counts.shared++;
        return { outcome: answered(flown.shared), source: 'shared' };
      case 'late':
        return { outcome: tooLate(), source: 'gaveUp' };
      case 'aborted':
        return { outcome: { kind: 'skipped', because: 'nobody waits for it any more' }, source: 'gaveUp' };
    }
  }

  bound(settings: CacheSettings): void {
    this.memory.bound(settings);
  }

  /** What an earlier daemon has kept, once, whenever it has been read. */
  restore(answers: readonly KeptAnswer[]): void {
    // What the operator has cleared meanwhile does not come back.
    if (this.epoch > 0) return;
    const now = this.moment();
    for (const answer of answers) if (isWhole(answer) && !this.memory.has(answer.key)) this.memory.put(answer, now);
  }

  /** @param validator undefined: all of them. @returns how many answers there were. */
  clear(validator?: string): number {
    this.epoch++;
    this.rooms.shelf.forget(validator);
    return this.memory.clear(validator);
  }

  stats(): CacheStats {
    const { hits, misses, shared } = this.counts;
    const asked = hits + shared + misses;
    const hitRatio = asked === 0 ? null : (hits + shared) / asked;
    return { entries: this.memory.size, ...this.memory.counts, ...this.counts, hitRatio };
  }

  private async lead(asked: Asked, before: Keyed, epoch: number): Promise<Led<ValidatorOutcome, string>> {
    this.counts.misses++;
    // As old as the question is, however long the answer took.
    const keptAtMs = this.rooms.wallMs();
    const own = await asked.compute();
    if (own.kind !== 'answered') return { own, shared: undefined };
    // The validator may have read a file before or after it was changed: that answer belongs to no key.
    const after = asked.rule.files.length === 0 ? before : await this.keyed(asked);
    if (after?.key !== before.key || after.stamps !== before.stamps) return { own, shared: undefined };
    const text = JSON.stringify(own.verdict);
    const isWorthKeeping = own.verdict.decision !== undefined || asked.rule.negative;
    if (isWorthKeeping && epoch === this.epoch) this.keep(asked, own.verdict, { key: before.key, text, keptAtMs });
    return { own, shared: text };
  }

  private keep({ spec, rule }: Asked, verdict: Verdict, rest: Pick<KeptAnswer, 'key' | 'text' | 'keptAtMs'>): void {
    const answer = { ...rest, validator: spec.name, ttlMs: Math.min(rule.ttlMs, LIMITS.cacheTtlMaxMs) };
    if (this.memory.put(answer, this.moment()) && mayLeaveMemory(verdict)) this.rooms.shelf.save(answer);
  }

  private async keyed(question: Question): Promise<Keyed | undefined> {
    const paths = filesOf(question.rule, question.event);
    if (paths === undefined) return undefined;
    const files: FileOfKey[] = [];
    let stamps = '';
    const found = paths.length === 0 ? [] : await Promise.all(paths.map((path) => this.rooms.files.of(path)));
    for (const [index, path] of paths.entries()) {
      const identity = found[index];
      if (identity === undefined) return undefined;
      files.push({ path, digest: identity.digest });
      stamps += `${identity.stamp}\0`;
    }
    const key = keyOf(question, files);
    return key === undefined ? undefined : { key, stamps };
  }

  private moment(): Moment {
    return { nowMs: this.rooms.clock.nowMs(), wallMs: this.rooms.wallMs() };
  }
}

function tooLate(): ValidatorOutcome {
  const message = 'it waited for the answer to the same question, which came too late';
  return { kind: 'failed', cause: 'timedOut', message };
}

/** Made anew for each, so that none can change what another gets. */
function answered(text: string): ValidatorOutcome {
  return { kind: 'answered', verdict: JSON.parse(text) as Verdict };
}
