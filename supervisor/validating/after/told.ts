/** What goes wrong with validators that are asked after the answer: told at once, then once a minute with the count of those between. */
import type { Clock } from '../../contract/clock.js';
import type { Tell } from '../../contract/happening.js';
import { LIMITS } from '../../contract/limits.js';

type Kind = 'analysisDropped' | 'analysisUndurable';

export class Told {
  private readonly untold = new Map<Kind, { count: number; toldAtMs: number }>();

  constructor(
    private readonly tell: Tell,
    private readonly clock: Clock,
  ) {}

  dropped(validator: string, why: string, count: number): void {
    this.one('analysisDropped', count, `validator ${validator}: events are not analysed: ${why}`);
  }

  undurable(validator: string): void {
    const about = `validator ${validator}: events are analysed, but were not written down: a daemon that dies loses them`;
    this.one('analysisUndurable', 1, about);
  }

  private one(kind: Kind, count: number, about: string): void {
    const its = this.untold.get(kind) ?? { count: 0, toldAtMs: Number.NEGATIVE_INFINITY };
    this.untold.set(kind, its);
    its.count += count;
    if (this.clock.nowMs() - its.toldAtMs < LIMITS.laterToldEveryMs) return;
    this.tell({ kind, about, inputs: { events: its.count } });
    its.count = 0;
    its.toldAtMs = this.clock.nowMs();
  }
}
