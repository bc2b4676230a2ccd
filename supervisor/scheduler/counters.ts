/** What `status` tells about calls since the daemon started. */
import type { CallPath } from '../contract/call.js';
import type { OutcomeKind } from '../contract/outcome.js';
import { Refusal, type RefusalCode } from '../contract/wire.js';

export class CallCounters {
  private total = 0;
  private over = 0;
  private switched = 0;
  private readonly byOutcome: Partial<Record<OutcomeKind, number>> = {};
  private readonly byPath: Record<CallPath, number> = { worker: 0, exec: 0, direct: 0 };

  taken(): void {
    this.total++;
  }

  /** Started by the switchboard. */
  takenBySwitchboard(): void {
    this.taken();
    this.switched++;
  }

  /** @param path null: nobody runs it. */
  outcome(kind: OutcomeKind, path: CallPath | null): void {
    this.end(kind);
    if (path !== null) this.byPath[path]++;
  }

  /** The client runs it itself or blocks, as it was told to; where its level cannot be had, it never runs it. */
  refused(code: RefusalCode): void {
    this.end('refused');
    if (code !== Refusal.LEVEL_UNAVAILABLE) this.byPath.direct++;
  }

  private end(kind: OutcomeKind): void {
    this.over++;
    this.byOutcome[kind] = (this.byOutcome[kind] ?? 0) + 1;
  }

  snapshot() {
    return {
      total: this.total,
      byOutcome: { ...this.byOutcome },
      byPath: { ...this.byPath },
      switched: this.switched,
      active: this.total - this.over,
    };
  }
}
