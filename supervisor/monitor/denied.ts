/** Confined hooks that say on stderr that they were refused something: one happening for the first of a handler, then one a
 *  minute with the count of those between, so that a hook cannot fill the journal. */
import type { Tell } from '../contract/happening.js';
import { LIMITS } from '../contract/limits.js';
import type { CallRecord } from '../contract/records.js';

export type DeniedCall = Pick<CallRecord, 'handler' | 'level' | 'denialsTold'>;

interface Handler {
  /** Calls since it was told last. */
  untold: number;
  toldAtMs: number;
}

export class DeniedWatch {
  /** The one that was denied last is the last. */
  private readonly handlers = new Map<string, Handler>();

  constructor(
    private readonly tell: Tell,
    private readonly nowMs: () => number,
  ) {}

  ended(pool: string, { handler, level, denialsTold }: DeniedCall): void {
    if (denialsTold === 0) return;
    const about = this.about(handler);
    about.untold++;
    if (this.nowMs() - about.toldAtMs < LIMITS.deniedToldEveryMs) return;
    const name = handler.slice(0, LIMITS.loggedTextMaxCharacters);
    const inputs = { handler: name, level, denials: denialsTold, calls: about.untold };
    this.tell({ kind: 'denied', pool, about: `${name || 'a hook'} says that it was refused something`, inputs });
    about.untold = 0;
    about.toldAtMs = this.nowMs();
  }

  private about(handler: string): Handler {
    const known = this.handlers.get(handler) ?? { untold: 0, toldAtMs: Number.NEGATIVE_INFINITY };
    this.handlers.delete(handler);
    this.handlers.set(handler, known);
    const oldest = this.handlers.keys().next().value;
    if (this.handlers.size > LIMITS.usualHandlersMax && oldest !== undefined) this.handlers.delete(oldest);
    return known;
  }
}
