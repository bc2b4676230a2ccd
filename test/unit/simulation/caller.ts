/** One client of the simulation: what it was told, in which order, and how often its hook has run. */
import type { Explanation } from '../../../supervisor/contract/outcome.js';
import { Refusal, type RefusalCode } from '../../../supervisor/contract/wire.js';
import type { Caller, CallerEvents } from '../../../supervisor/intake/intake.js';
import type { Chance, SimClock } from './clock.js';

const HUNG_AFTER_MS = 120_000;

export class SimCaller implements Caller {
  executions = 0;
  fdsClosed = 0;
  outcome: Explanation['outcome'] | undefined;
  /** Runs that it has seen output of. */
  private readonly outputOf = new Set<number>();
  private answers = 0;
  private startedCount = 0;
  private refusal: RefusalCode | undefined;
  private hasGivenUp = false;
  events: CallerEvents | undefined;
  private readonly bornAtMs: number;

  constructor(
    readonly id: number,
    readonly words: string,
    /** 2: it is declared idempotent. */
    private readonly executionsMax: 1 | 2,
    private readonly chance: Chance,
    private readonly clock: SimClock,
  ) {
    this.bornAtMs = clock.nowMs();
    if (chance.in(0.03)) clock.after(chance.between(1, 3_000), () => this.loseInterest());
  }

  setEvents(events: CallerEvents): void {
    this.events = events;
  }

  started(): boolean {
    if (this.hasGivenUp || this.chance.in(0.01)) {
      this.hasGivenUp = true;
      return false;
    }
    this.startedCount++;
    return true;
  }

  stdout(): boolean {
    this.outputOf.add(this.executions);
    return true;
  }

  stderr(): boolean {
    return true;
  }

  end(_end: unknown, { outcome }: Pick<Explanation, 'outcome'>): void {
    this.answers++;
    this.outcome = outcome;
  }

  refuse(code: RefusalCode): void {
    this.answers++;
    this.outcome = 'refused';
    this.refusal = code;
  }

  pauseStdin(): void {}
  resumeStdin(): void {}

  attempt(step: () => void): void {
    step();
  }

  get isOver(): boolean {
    return this.answers > 0 || this.hasGivenUp;
  }

  /** What is wrong with how it was served so far; undefined: nothing. */
  wrong(): string | undefined {
    if (this.answers > 1) return `answered ${this.answers} times`;
    if (this.startedCount > 1) return `told STARTED ${this.startedCount} times`;
    if (this.executions > this.executionsMax) return `ran ${this.executions} times`;
    if (this.outputOf.size > 1) return 'saw the output of two runs';
    if (this.executions > 0 && this.startedCount === 0) return 'ran without STARTED';
    if (this.outcome === 'answered' && this.executions === 0) return 'answered, and did not run';
    if (this.outcome === 'refused' && this.executions > 0) return 'ran and was refused: the client runs it again';
    if (this.words === 'restricted' && this.refusal !== undefined && this.refusal !== Refusal.LEVEL_UNAVAILABLE)
      return 'refused so that its client runs it without its sandbox';
    if (!this.isOver && this.clock.nowMs() - this.bornAtMs > HUNG_AFTER_MS) return 'not answered';
    return undefined;
  }

  private loseInterest(): void {
    if (this.isOver) return;
    if (this.chance.in(0.5)) this.events?.cancel(15);
    else this.events?.gone();
  }
}
