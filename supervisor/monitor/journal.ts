/** The latest happenings, bounded, and those who follow them. */
import type { Happening, ToldHappening } from '../contract/happening.js';
import { LIMITS } from '../contract/limits.js';

export class Journal {
  private readonly kept: ToldHappening[] = [];
  private readonly followers = new Set<(told: ToldHappening) => void>();
  private lastSeq = 0;

  /** @param wallMs milliseconds since 1970. */
  constructor(
    private readonly wallMs: () => number,
    private readonly keptMax: number = LIMITS.happeningsKeptMax,
  ) {}

  add(happening: Happening): ToldHappening {
    this.lastSeq++;
    const about = happening.about.slice(0, LIMITS.loggedTextMaxCharacters);
    const told: ToldHappening = { ...happening, about, seq: this.lastSeq, atMs: Math.round(this.wallMs()) };
    this.kept.push(told);
    if (this.kept.length > this.keptMax) this.kept.shift();
    for (const follower of this.followers) follower(told);
    return told;
  }

  /** Those told after number `seq`, oldest first; a gap before the first of them shows how many are not kept any more. */
  after(seq: number): ToldHappening[] {
    return this.kept.filter((one) => one.seq > seq);
  }

  /** @returns what ends it. */
  follow(follower: (told: ToldHappening) => void): () => void {
    this.followers.add(follower);
    return () => this.followers.delete(follower);
  }
}
