/** One pool: its keeper, its parked processes, the tasks in its slots. Leases, starts, restarts the keeper with backoff.
 *  Who gets the next worker is decided outside. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { PoolState, WorkerStatus } from '../contract/status.js';
import { CREDIT_WINDOW_BYTES, RECORD_STDIN_END, RecordKind } from '../contract/wire.js';
import type { Egress } from '../egress/process.js';
import type { Channel, SwitchedCall } from '../native.js';
import { ParkCost } from './cost.js';
import { type JudgedEvents, judged } from './judged.js';
import { type Keeper, type KeeperOptions, startKeeper } from './keeper.js';
import type { PoolSpec } from './keeper-argv.js';
import { type KeeperInput, type KeeperState, nextKeeperState } from './keeper-state.js';
import type { AnsweredUntold, EventsOf, LeaseOf } from './lease.js';
import { stdinBytesOfStart } from './order.js';
import { RecordJudge } from './record-judge.js';
import { decodeFailure, decodeParked, notEntered, type SetupFailure, uint32s } from './report.js';
import { afterDeath, afterStart, FRESH, type RestartState } from './restart.js';
import { type RingUse, withCounters } from './ring-use.js';
import { SlotTable, type SlotView } from './slots.js';
import { Starts } from './starts.js';
import { Target } from './target.js';
import { TaskFlow } from './task-flow.js';
import { type TaskEvents, TaskTable } from './tasks.js';
import { Zygote } from './zygote.js';

export type Lease = LeaseOf<Pool>;
export type PoolEvents = EventsOf<Pool>;

export class Pool {
  readonly slots: SlotTable;
  private keeper: Keeper | undefined;
  private keeperState: KeeperState = 'idle';
  /** It has been told to stop, though it may still park a process. */
  private isFinishing = false;
  private restart: RestartState = FRESH;
  private keeperGeneration = 0;
  private readonly tasks = new TaskTable();
  private undoTimer: (() => void) | undefined;
  private onStopped: (() => void) | undefined;
  private finished: RingUse = { records: 0, wakeups: 0 };
  readonly zygote = new Zygote();
  private usedAtMs: number;
  readonly starts: Starts;
  /** Of the last start that failed, until one is parked. */
  failure: SetupFailure | undefined;
  readonly cost: ParkCost;
  readonly target: Target;

  constructor(
    readonly spec: PoolSpec,
    private readonly options: KeeperOptions & { random(): number },
    private readonly events: PoolEvents,
    timesGivenUp = 0,
  ) {
    this.starts = new Starts(timesGivenUp);
    this.cost = new ParkCost(spec.runtime);
    this.target = new Target(spec.parked, spec.slots, (payload) => {
      this.keeper?.link.send(RecordKind.TARGET, 0, 0, 0, 0, payload);
    });
    this.usedAtMs = options.clock.nowMs();
    this.slots = new SlotTable({
      offer: (slot, generation) => {
        if (!this.isFinishing) this.keeper?.link.channel.offer(slot, generation);
      },
      withdraw: (slot, generation) => this.keeper?.link.channel.withdraw(slot, generation) === true,
    });
  }

  private get clock(): Clock {
    return this.options.clock;
  }

  start(): void {
    this.input('start');
    this.launch();
  }

  /** The worker that has been parked longest, or undefined. */
  lease(): Lease | undefined {
    if (this.keeperState !== 'ready') return undefined;
    const parked = this.slots.takeParked();
    return parked && this.leaseOf(parked);
  }

  private leaseOf({ slot, generation, pid, cgroupPath, layers }: Omit<SlotView, 'state'>): Lease {
    return { pool: this, keeperGeneration: this.keeperGeneration, slot, generation, pid, cgroupPath, layers };
  }

  /** Gives back a lease whose task was never sent. */
  release(lease: Lease): void {
    if (lease.keeperGeneration !== this.keeperGeneration) return;
    this.slots.putBack(lease.slot, lease.generation);
    this.events.available(this);
  }

  /** Hands the task to the keeper. False: it was not sent, and did not start. */
  begin(lease: Lease, callId: number, payload: Buffer, cwdFd: number, events: TaskEvents): boolean {
    const { keeper } = this;
    if (keeper === undefined || lease.keeperGeneration !== this.keeperGeneration) return false;
    // The folder first: its message wakes the keeper, which is up by the time the order is in the ring.
    const sent = keeper.link.sendFd(callId, cwdFd)
      ? keeper.link.send(RecordKind.START, 0, callId, lease.slot, lease.generation, payload)
      : undefined;
    if (sent === undefined) {
      this.slots.putBack(lease.slot, lease.generation);
      this.finishKeeper(keeper, 0); // dead, or it does not read any more: its other slots would not do either
      return false;
    }
    const flow = new TaskFlow(stdinBytesOfStart(payload), 0);
    this.tasks.add(callId, { slot: lease.slot, generation: lease.generation, sent, flow, events });
    return true;
  }

  /** Where the switchboard is taught calls that this pool serves, while it does. */
  get channel(): Channel | undefined {
    return this.keeperState === 'ready' ? this.keeper?.link.channel : undefined;
  }

  /** Takes over a task that the switchboard began by `channel`. @returns undefined where that is not ours any more. */
  adopt(channel: Channel, callId: number, task: SwitchedCall, events: TaskEvents): Lease | undefined {
    const { slot, generation, ordinal } = task;
    if (this.keeper?.link.channel !== channel) return undefined;
    this.use();
    // How much stdin is on its way only the switchboard knows: a window at most.
    const flow = new TaskFlow(CREDIT_WINDOW_BYTES, task.outputBytes);
    this.tasks.add(callId, { slot, generation, sent: { ordinal }, flow, events });
    // Of a parked process that has died meanwhile nothing is known any more; that its task did not start is still to come.
    const unknown = { slot, generation, pid: 0, cgroupPath: null, layers: [] };
    return this.leaseOf(this.slots.taken(slot, generation) ?? unknown);
  }

  /** What the switchboard knows, this pool and its tasks know from here on. */
  settle(): void {
    this.keeper?.link.channel.settle();
  }

  stdin(callId: number, bytes: Buffer, last: boolean): void {
    this.tasks.get(callId)?.flow.stdinSent(bytes.length);
    this.toTask(callId, RecordKind.STDIN, last ? RECORD_STDIN_END : 0, bytes);
  }

  outputTaken(callId: number, bytes: number): void {
    this.tasks.get(callId)?.flow.outputCredited(bytes);
    this.toTask(callId, RecordKind.OUTPUT_CREDIT, 0, uint32s(bytes));
  }

  cancel(callId: number, signal: number): void {
    this.toTask(callId, RecordKind.CANCEL, 0, uint32s(signal));
  }

  /** @param stream a bit of Stream: the hook is to meet a closed pipe there. */
  readerGone(callId: number, stream: number): void {
    this.toTask(callId, RecordKind.READER_GONE, 0, uint32s(stream));
  }

  /** A call that it may serve has come. */
  use(): void {
    this.usedAtMs = this.clock.nowMs();
    this.events.used(this);
  }

  stop(onStopped: () => void): void {
    this.settle();
    const before = this.keeperState;
    this.input('stop');
    this.undoTimer?.();
    const earlier = this.onStopped;
    this.onStopped = () => {
      earlier?.();
      onStopped();
    };
    if (this.keeperState === 'stopped') this.tellStopped();
    if (before === 'stopping' || this.keeper === undefined) return;
    this.finishKeeper(this.keeper, LIMITS.stopBudgetMs);
  }

  get state(): PoolState {
    const shown = { idle: 'starting', stopped: 'stopping' } as const;
    return this.keeperState === 'idle' || this.keeperState === 'stopped' ? shown[this.keeperState] : this.keeperState;
  }

  /** It was given up, has ended, and may be tried anew. */
  get isToBeReplaced(): boolean {
    return this.keeperState === 'stopped' && this.starts.isRetryDue(this.clock.nowMs());
  }

  get parkedMemoryBytes(): number {
    return Math.round(this.slots.parkedCount * this.cost.nowBytes);
  }

  get isReady(): boolean {
    return this.keeperState === 'ready';
  }

  get egress(): Egress | undefined {
    return this.keeper?.egress;
  }

  get keeperPid(): number | undefined {
    return this.keeper?.pid;
  }

  get restarts(): number {
    return this.restart.restarts;
  }

  /** How long ago a call came that it might serve. */
  idleMs(): number {
    return this.clock.nowMs() - this.usedAtMs;
  }

  get activeTasks(): number {
    this.settle();
    return this.tasks.size;
  }

  workers(): WorkerStatus[] {
    return [...this.zygote.workers(), ...this.slots.workers()];
  }

  get ringMemory(): 'memfd' | 'file' | undefined {
    return this.keeper?.link.memory;
  }

  /** Records and doorbells over all generations of the ring. */
  ringCounters(): RingUse {
    return withCounters(this.finished, this.keeper?.link.counters());
  }

  private input(input: KeeperInput): void {
    this.keeperState = nextKeeperState(this.keeperState, input);
  }

  private launch(): void {
    this.keeperGeneration++;
    this.restart = afterStart(this.restart, this.clock.nowMs());
    const keeper = startKeeper(this.options, { ...this.spec, parked: this.target.share }, this.keeperGeneration);
    if ('step' in keeper) {
      this.events.failed(this, { stage: 0, errnum: keeper.errnum, subject: keeper.step });
      this.keeperDied(undefined);
      return;
    }
    this.keeper = keeper;
    // Doors go with the proxy that has them: what is parked, and what would come, would find nobody.
    keeper.egress?.whenGone(() => this.finishKeeper(keeper, 0));
    this.isFinishing = false;
    this.target.begin();
    this.undoTimer = this.clock.after(LIMITS.keeperHelloTimeoutMs, () => this.finishKeeper(keeper, 0));
    const flowOf = (callId: number) => this.tasks.get(callId)?.flow;
    const events: JudgedEvents = {
      record: (...record) => this.onRecord(...record),
      answered: (...answered) => this.onAnswered(...answered),
      closed: (violation) => {
        if (violation !== undefined) this.events.violated(this, violation);
        this.slots.clear(); // nothing of it is leased any more, though it may take a moment to die
        this.finishKeeper(keeper, 0);
      },
    };
    keeper.link.setEvents(judged(keeper.link, new RecordJudge(this.spec.slots, this.clock), flowOf, events));
  }

  private finishKeeper(keeper: Keeper, graceMs: number): void {
    if (this.keeper !== keeper) return;
    this.undoTimer?.();
    this.isFinishing = true;
    this.slots.withdrawAll();
    keeper.finish(graceMs, (exit) => {
      if (this.keeper !== keeper) return;
      this.settle();
      const tellTasks = this.tasks.takeAll(keeper.link);
      const counters = this.ringCounters();
      this.keeper = undefined;
      this.finished = counters;
      this.slots.clear();
      this.zygote.gone();
      tellTasks();
      void this.events.keeperGone(this).then(() => this.keeperDied(exit));
    });
  }

  private keeperDied(exit: { exitCode: number; signal: number } | undefined): void {
    this.input('died');
    if (this.keeperState === 'stopped') {
      this.tellStopped();
      return;
    }
    const { state, delayMs } = afterDeath(this.restart, this.clock.nowMs(), this.options.random());
    this.restart = state;
    this.events.restarting(this, delayMs, exit);
    this.undoTimer = this.clock.after(delayMs, () => {
      this.input('retry');
      this.launch();
    });
    this.events.available(this);
  }

  /** Hooks that run are let finish. */
  private stopIfUnsuitable(): void {
    if (this.starts.unsuitable !== undefined && this.activeTasks === 0) this.stop(() => {});
  }

  private tellStopped(): void {
    const tell = this.onStopped;
    this.onStopped = undefined;
    tell?.();
  }

  /** @param exitStatus of the zygote before, or of a Node that was to be parked, as waitpid gives it; -1: there was none. */
  private onZygoteEnd(exitStatus: number): void {
    if (exitStatus === -1 || !this.starts.died(exitStatus, this.clock.nowMs())) return;
    this.events.gaveUp(this);
    this.stopIfUnsuitable();
  }

  private toTask(callId: number, kind: number, flags: number, payload: Buffer): void {
    const { keeper } = this;
    const task = this.tasks.get(callId);
    if (task === undefined || keeper === undefined) return;
    const sent = keeper.link.send(kind, flags, callId, task.slot, task.generation, payload);
    // Its backlog is full: a keeper that does not read any more. A record left out would hang the task for ever.
    if (sent === undefined) this.finishKeeper(keeper, 0);
  }

  private onRecord(kind: number, callId: number, slot: number, generation: number, payload: Buffer): void {
    switch (kind) {
      case RecordKind.STDOUT:
      case RecordKind.STDERR:
      case RecordKind.STDIN_CREDIT:
        this.tasks.data(kind, callId, payload);
        return;
      case RecordKind.END:
      case RecordKind.NOT_STARTED: {
        const tell = this.tasks.takeLastWord(kind, callId, payload);
        this.slots.ended(slot, generation);
        tell?.();
        this.stopIfUnsuitable();
        return;
      }
      default:
        this.onStateRecord(kind, slot, generation, payload);
    }
  }

  private onAnswered(slot: number, generation: number, call: Omit<AnsweredUntold, 'pid'>): void {
    const pid = this.slots.ended(slot, generation);
    this.use();
    this.events.answeredUntold(this, { ...call, pid });
    this.stopIfUnsuitable();
  }

  private onStateRecord(kind: number, slot: number, generation: number, payload: Buffer): void {
    switch (kind) {
      case RecordKind.HELLO:
        this.undoTimer?.();
        this.input('hello');
        return;
      case RecordKind.PARKED: {
        const parked = decodeParked(payload);
        if (parked === undefined) return;
        const missing = notEntered(parked, this.spec.confinement);
        if (missing !== undefined) {
          this.onFailure(missing);
          if (this.keeper !== undefined) this.finishKeeper(this.keeper, 0);
          return;
        }
        this.slots.parked(slot, generation, parked);
        this.failure = undefined;
        this.input('parked');
        this.starts.parked(parked.isUnknown);
        if (this.cost.told(parked.memoryBytes)) this.events.costChanged(this);
        this.events.available(this);
        return;
      }
      case RecordKind.GONE:
        this.slots.ended(slot, generation);
        return;
      case RecordKind.LINGERING:
        if (payload.readInt32LE(4) === -1) this.slots.lingerEnded(slot, generation);
        else this.slots.lingering(slot, generation, payload.readUInt32LE(0));
        return;
      case RecordKind.ZYGOTE:
        this.onZygoteEnd(this.zygote.stateRecord(payload));
        return;
      case RecordKind.LEARNED:
        this.zygote.learnedRecord(payload);
        return;
      case RecordKind.FAILURE: {
        const failure = decodeFailure(payload);
        if (failure !== undefined) this.onFailure(failure);
      }
    }
  }

  private onFailure(failure: SetupFailure): void {
    this.failure = failure;
    this.starts.failed(failure.subject);
    this.events.failed(this, failure);
  }
}
