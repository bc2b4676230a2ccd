/** One configured validator: its spec, its place among all, its workers, and which code they run. */
import type { AgentEvent, ValidatorOutcome, ValidatorSpec } from '../contract/validating.js';
import { type Code, codeOf } from './code.js';
import type { Crew } from './crew.js';

const FOR_ALL: ReadonlySet<string> = new Set(['', '*']);

export class Validator {
  private code: Code | undefined;
  /** As soon as it could be told, also where it cannot be at present. */
  private lastDigest: string | undefined;
  readonly counts = { asked: 0, fromCache: 0, denied: 0, failed: 0 };

  constructor(
    /** Other bounds of it, and another place, with the next configuration. */
    public spec: ValidatorSpec,
    public order: number,
    readonly crew: Crew,
    /** Of its entry. */
    private readonly file: string,
    private readonly wallMs: () => number,
    private readonly matches: (event: AgentEvent) => boolean,
    private readonly codeChanged: (name: string) => void,
  ) {}

  adjust(spec: ValidatorSpec, order: number): void {
    this.spec = spec;
    this.order = order;
    this.crew.adjust(spec);
  }

  concerns(event: AgentEvent): boolean {
    const { agents, events, matcher } = this.spec;
    if (agents.length > 0 && !agents.includes(event.agent)) return false;
    if (events.length > 0 && !events.includes(event.name)) return false;
    // To the agents a matcher means all events that have nothing to match; who names a tool and no event means those with a tool.
    if (events.length === 0 && event.matched === '' && !FOR_ALL.has(matcher)) return false;
    return this.matches(event);
  }

  count(outcome: ValidatorOutcome, source: 'cache' | 'worker'): void {
    if (outcome.kind === 'skipped') return;
    this.counts.asked++;
    if (source === 'cache') this.counts.fromCache++;
    if (outcome.kind === 'failed') this.counts.failed++;
    else if (outcome.verdict.decision === 'deny') this.counts.denied++;
  }

  /** Undefined: it cannot be told at present, so nothing may be kept. Workers of other code are renewed; those that were started
   *  while it could not be told may be of either. */
  codeIdentity(): string | undefined {
    const now = codeOf(this.file, this.code, this.wallMs());
    if (now?.stamp !== this.code?.stamp) {
      this.code = now;
      this.crew.renewCode();
    }
    const digest = now?.digest;
    if (digest !== undefined) {
      if (this.lastDigest !== undefined && this.lastDigest !== digest) this.codeChanged(this.spec.name);
      this.lastDigest = digest;
    }
    return digest;
  }
}
