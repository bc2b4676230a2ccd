/** The life of one pool and of its keeper: started, ended, started anew with backoff, held back in quarantine. What becomes of
 *  slots and tasks meanwhile is the pool's business. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import { KICKED, type PoolState } from '../contract/status.js';
import { causeOfEnd, causeOfFailure, isWhileParked, TIMED_OUT } from './causes.js';
import type { Death } from './deaths.js';
import type { Keeper } from './keeper.js';
import { KEEPER, type KeeperInput, type KeeperState } from './keeper-state.js';
import { LIFE, type LifeInput, type LifeState } from './pool-state.js';
import { afterInput, NOT_HELD, type Quarantine, type QuarantineInput } from './quarantine.js';
import { drawnSpan, type Span, wornOut } from './recycle.js';
import type { SetupFailure } from './report.js';
import { afterDeath, afterReady, afterStart, afterTask, FRESH, isHealthy, type RestartState } from './restart.js';
import { DeathTally } from './tally.js';

/** A quarantine that outlives its pool, and what it is for. */
export interface Held {
  quarantine: Quarantine;
  cause: string;
}

/** A keeper that could not be started: which step, and a positive errno. */
export interface NotStarted {
  step: string;
  errnum: number;
}

export interface LifeHands {
  /** @param isProbe it is to show whether the pool comes up again. */
  startKeeper(generation: number, isProbe: boolean): Keeper | NotStarted;
  began(keeper: Keeper): void;
  /** Nothing that the keeper has parked may be used any more. */
  withdraw(): void;
  /** The keeper is dead and reaped. @returns how to tell its tasks. */
  ended(keeper: Keeper): () => void;
  /** Settled when nothing of the dead keeper is left. */
  swept(): Promise<void>;
  outOfMemory(): boolean;
  activeTasks(): number;
  failed(failure: SetupFailure): void;
  restarting(delayMs: number, cause: string): void;
  /** Quarantine begins, tries whether the cause is gone, and ends. */
  held(cause: string, holdMs: number): void;
  probing(): void;
  released(): void;
}

/** Of a keeper that is ended by us, for no fault of its own. */
const LET_GO = '';
const SHOWN: Readonly<Record<LifeState, PoolState>> = {
  ...{ idle: 'starting', starting: 'starting', ready: 'ready', backoff: 'backoff', held: 'quarantined' },
  ...{ stopping: 'stopping', stopped: 'stopping' },
};

export class Life {
  keeper: Keeper | undefined;
  generation = 0;
  /** Its keeper is being replaced, for no fault of its own. */
  isRecycling = false;
  private startedAtMs = 0;
  private span: Span | undefined;
  private state: LifeState = 'idle';
  private keeperState: KeeperState = 'none';
  private restart: RestartState = FRESH;
  private quarantine: Quarantine;
  private readonly tally = new DeathTally();
  /** Of the keeper that is ending, where we end it. */
  private cause: string | undefined;
  /** Of the last death that counted. */
  private lastCause: string;
  private undoTimer: (() => void) | undefined;
  private nextStartAtMs: number | undefined;
  private onStopped: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly hands: LifeHands,
    before: Held | undefined,
  ) {
    this.quarantine = before?.quarantine ?? NOT_HELD;
    this.lastCause = before?.cause ?? '';
  }

  start(): void {
    if (this.quarantine.phase === 'open') {
      this.input('hold');
      this.probeLater();
      return;
    }
    this.input('start');
    this.launch();
  }

  stop(onStopped: () => void): void {
    this.input('stop');
    this.undoTimer?.();
    this.nextStartAtMs = undefined;
    const earlier = this.onStopped;
    this.onStopped = () => {
      earlier?.();
      onStopped();
    };
    if (this.keeperState === 'none') this.input('died');
    if (this.state === 'stopped') this.tellStopped();
    else this.finish(LIMITS.stopBudgetMs, LET_GO);
  }

  /** Ends the keeper; a new one follows, unless the pool is stopping.
   *  @param cause of its death; the first one counts. */
  finish(graceMs: number, cause: string | undefined): void {
    const { keeper } = this;
    if (keeper === undefined) return;
    this.cause ??= cause;
    this.keeperInput('finish');
    this.undoTimer?.();
    this.hands.withdraw();
    keeper.finish(graceMs, (exit) => this.reaped(keeper, exit));
  }

  /** A new keeper now, whatever the schedule says; what it died of before is forgiven. False: the pool is being stopped. */
  renew(): boolean {
    if (this.state === 'stopping' || this.state === 'stopped') return false;
    const nowMs = this.clock.nowMs();
    this.tally.forgive();
    this.restart = { ...FRESH, restarts: this.restart.restarts };
    this.quarantine = { ...this.quarantine, untilMs: Math.min(this.quarantine.untilMs, nowMs) };
    if (this.keeper !== undefined) {
      this.tally.count(KICKED);
      this.recycle();
    } else if (this.nextStartAtMs !== undefined) {
      this.undoTimer?.();
      this.startAfter(0);
    }
    return true;
  }

  /** Replaces the keeper: no death of it. */
  recycle(): void {
    this.isRecycling = true;
    this.finish(LIMITS.stopBudgetMs, LET_GO);
  }

  hello(): void {
    this.isRecycling = false;
    if (this.keeperState === 'started') this.undoTimer?.();
    this.keeperInput('hello');
  }

  parked(): void {
    if (!this.isTaking) return;
    this.input('parked');
    this.restart = afterReady(this.restart, this.clock.nowMs());
    const wasTried = this.quarantine.phase === 'halfOpen';
    this.quarantineInput('parked');
    if (!wasTried) return;
    this.tally.forgive();
    this.hands.released();
  }

  /** A task has ended as tasks do. */
  served(): void {
    this.restart = afterTask(this.restart);
    this.tally.interrupt(isWhileParked);
  }

  /** Something in the pool has died, other than its keeper. */
  died({ cause, isHopeless, isOnlyCounted = false }: Death): void {
    if (!this.isTaking) return;
    if (isOnlyCounted) {
      this.tally.count(cause);
      return;
    }
    this.count(cause, isHopeless);
    if (this.quarantine.phase === 'open') this.hold(cause);
  }

  /** Hooks that run are let finish. */
  letGoIfHeld(): void {
    if (this.state === 'held' && this.hands.activeTasks() === 0) this.finish(LIMITS.stopBudgetMs, LET_GO);
  }

  /** Why the keeper is to be replaced; undefined: it is not. */
  wornOut(growthBytes: number): string | undefined {
    if (!this.isReady || this.span === undefined) return undefined;
    const ageMs = this.clock.nowMs() - this.startedAtMs;
    return wornOut({ tasks: this.restart.tasks, ageMs, growthBytes }, this.span);
  }

  /** What is parked may be used. */
  get isReady(): boolean {
    return this.state === 'ready' && this.keeperState !== 'ending' && this.keeperState !== 'sweeping';
  }

  /** What becomes ready is welcome. */
  get isTaking(): boolean {
    const isUp = this.keeperState === 'started' || this.keeperState === 'greeted';
    return isUp && (this.state === 'starting' || this.state === 'ready');
  }

  /** What a pool that takes its place is to know. A try that was under way is to be made again. */
  get held(): Held | undefined {
    if (this.quarantine.phase === 'closed') return undefined;
    return { quarantine: { ...this.quarantine, phase: 'open' }, cause: this.lastCause };
  }

  get shown(): PoolState {
    return this.state === 'starting' && this.quarantine.phase === 'halfOpen' ? 'quarantined' : SHOWN[this.state];
  }

  /** Of what it last died; '' for nothing. */
  get deathCause(): string {
    return this.lastCause;
  }

  get restarts(): number {
    return this.restart.restarts;
  }

  deaths(): { cause: string; count: number }[] {
    return this.tally.counts();
  }

  /** undefined: it runs, or the next start is not yet known. */
  nextStartInMs(): number | undefined {
    const atMs = this.state === 'held' ? this.quarantine.untilMs : this.nextStartAtMs;
    return atMs === undefined ? undefined : Math.max(0, atMs - this.clock.nowMs());
  }

  private launch(): void {
    this.generation++;
    this.startedAtMs = this.clock.nowMs();
    this.span = drawnSpan(this.random);
    this.nextStartAtMs = undefined;
    this.cause = undefined;
    const isProbe = this.quarantine.phase === 'halfOpen';
    this.restart = afterStart(this.restart);
    if (isProbe) this.restart = { ...this.restart, restarts: this.restart.restarts + 1 };
    const keeper = this.hands.startKeeper(this.generation, isProbe);
    if ('step' in keeper) {
      const failure = { stage: 0, errnum: keeper.errnum, subject: keeper.step };
      this.hands.failed(failure);
      this.keeperDied(causeOfFailure(failure));
      return;
    }
    this.keeper = keeper;
    this.keeperInput('spawned');
    this.undoTimer = this.clock.after(LIMITS.keeperHelloTimeoutMs, () => this.finish(0, TIMED_OUT));
    this.hands.began(keeper);
  }

  private reaped(keeper: Keeper, exit: { exitCode: number; signal: number } | undefined): void {
    const cause = this.cause ?? causeOfEnd(exit, this.hands.outOfMemory());
    this.keeperInput('reaped');
    const tellTasks = this.hands.ended(keeper);
    this.keeper = undefined;
    tellTasks();
    void this.hands.swept().then(() => {
      this.keeperInput('swept');
      this.keeperDied(cause);
    });
  }

  private keeperDied(cause: string): void {
    if (this.state === 'stopping') {
      this.input('died');
      this.tellStopped();
      return;
    }
    if (this.state === 'held') {
      this.probeLater();
      return;
    }
    if (cause === LET_GO) {
      // It has shown nothing: a try that was under way goes on with the next keeper.
      this.input('died');
      this.startAfter(0);
      return;
    }
    this.count(cause, false);
    if (this.quarantine.phase === 'open') {
      this.hold(cause);
      return;
    }
    this.input('died');
    const { state, delayMs } = afterDeath(this.restart, this.clock.nowMs(), this.random());
    this.restart = state;
    this.hands.restarting(delayMs, cause);
    this.startAfter(delayMs);
  }

  private count(cause: string, isHopeless: boolean): void {
    const nowMs = this.clock.nowMs();
    this.lastCause = cause;
    this.isRecycling = false;
    if (isHealthy(this.restart, nowMs)) this.quarantineInput('healthy');
    const isTooMany = this.tally.add(cause, nowMs) || isHopeless;
    this.quarantineInput(isTooMany ? 'tooMany' : 'died');
  }

  private hold(cause: string): void {
    this.input('hold');
    this.hands.withdraw();
    this.hands.held(cause, this.quarantine.untilMs - this.clock.nowMs());
    if (this.keeperState === 'none') this.probeLater();
    else this.letGoIfHeld();
  }

  private probeLater(): void {
    this.startAfter(Math.max(0, this.quarantine.untilMs - this.clock.nowMs()));
  }

  private startAfter(delayMs: number): void {
    this.nextStartAtMs = this.clock.nowMs() + delayMs;
    this.undoTimer = this.clock.after(delayMs, () => {
      if (this.state === 'held') {
        this.quarantineInput('due');
        this.hands.probing();
      }
      this.input('retry');
      this.launch();
    });
  }

  private tellStopped(): void {
    const tell = this.onStopped;
    this.onStopped = undefined;
    tell?.();
  }

  private input(input: LifeInput): void {
    this.state = LIFE[this.state][input];
  }

  private keeperInput(input: KeeperInput): void {
    this.keeperState = KEEPER[this.keeperState][input];
  }

  private quarantineInput(input: QuarantineInput): void {
    this.quarantine = afterInput(this.quarantine, input, this.clock.nowMs());
  }
}
