/** One pool: its parked processes and the tasks in its slots; `life` has the keeper. Who gets the next worker is decided
 *  outside. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { PoolState, WorkerStatus } from '../contract/status.js';
import { CREDIT_WINDOW_BYTES, RECORD_STDIN_END, RecordKind } from '../contract/wire.js';
import type { Egress } from '../egress/process.js';
import type { CallFds, Channel, SwitchedCall } from '../native.js';
import { PROTOCOL_BROKEN, PROXY_GONE, TAKES_NO_ORDERS } from './causes.js';
import { ParkCost } from './cost.js';
import { Deaths } from './deaths.js';
import { Demand } from './demand.js';
import { heldText } from './held-text.js';
import { type JudgedEvents, judged } from './judged.js';
import { type Keeper, type KeeperOptions, startKeeper } from './keeper.js';
import type { PoolSpec } from './keeper-argv.js';
import type { AnsweredUntold, EventsOf, LeaseOf } from './lease.js';
import { type Held, Life, type LifeHands } from './life.js';
import { stdinBytesOfStart } from './order.js';
import { RecordJudge } from './record-judge.js';
import { type SetupFailure, uint32s } from './report.js';
import { type RingUse, withCounters } from './ring-use.js';
import { SlotTable, type SlotView } from './slots.js';
import { type RunOfCall, SlowWatch } from './slow.js';
import { onStateRecord } from './state-records.js';
import { Target } from './target.js';
import { TaskFlow } from './task-flow.js';
import { type TaskEvents, TaskTable } from './tasks.js';
import { Zygote } from './zygote.js';

const SIGKILL = 9;

export type Lease = LeaseOf<Pool>;
export type PoolEvents = EventsOf<Pool>;

export type PoolOptions = KeeperOptions & {
  random(): number;
  /** How many processes of the pool the kernel has ended for their memory, so far. */
  oomKills(): number;
};

/** What is remembered of a pool in quarantine that had to make room. */
export type HeldPool = Held & { words: string };

export class Pool {
  readonly slots: SlotTable;
  private readonly tasks: TaskTable;
  private finished: RingUse = { records: 0, wakeups: 0 };
  readonly zygote = new Zygote();
  readonly life: Life;
  readonly deaths: Deaths;
  /** Of the last start that failed, until one is parked. */
  failure: SetupFailure | undefined;
  /** Its interpreter keeps some of its internals elsewhere than those we know. */
  isUnknown = false;
  readonly cost: ParkCost;
  readonly target: Target;
  readonly demand: Demand;
  readonly slow = new SlowWatch();

  constructor(
    readonly spec: PoolSpec,
    private readonly options: PoolOptions,
    private readonly events: PoolEvents,
    before?: HeldPool,
  ) {
    const { clock } = options;
    this.deaths = new Deaths(spec.runtime, options.oomKills, before?.words);
    this.cost = new ParkCost(spec.runtime);
    this.demand = new Demand(spec.parked, spec.slots, spec.runtime, clock.nowMs());
    this.target = new Target(spec.parked.first, spec.slots, (payload) => {
      this.life.keeper?.link.send(RecordKind.TARGET, 0, 0, 0, 0, payload);
    });
    this.tasks = new TaskTable(clock, this.demand);
    this.slots = new SlotTable({
      offer: (slot, generation) => {
        if (this.life.isTaking) this.life.keeper?.link.channel.offer(slot, generation);
      },
      withdraw: (slot, generation) => this.life.keeper?.link.channel.withdraw(slot, generation) === true,
    });
    const hands: LifeHands = {
      startKeeper: (generation, isProbe) => {
        const parked = Math.max(this.target.share, Number(isProbe)); // one must park, or nothing is ever known
        return startKeeper(options, spec, parked, generation, () => {
          if (this.activeTasks > 0) this.target.repeat();
        });
      },
      began: (keeper) => this.listenTo(keeper),
      withdraw: () => this.slots.withdrawAll(),
      ended: (keeper) => this.keeperEnded(keeper),
      swept: () => events.keeperGone(this),
      outOfMemory: () => this.deaths.outOfMemory(),
      activeTasks: () => this.activeTasks,
      failed: (failure) => this.failed(failure),
      restarting: (delayMs, cause) => {
        events.restarting(this, delayMs, cause);
        events.available(this);
      },
      held: (cause, holdMs) => {
        events.held(this, cause, holdMs);
        events.available(this);
      },
      probing: () => events.probing(this),
      released: () => {
        events.released(this);
        if (this.target.share === 0) this.target.repeat(); // what it has parked as a try is one too many
      },
    };
    this.life = new Life(clock, options.random, hands, before);
  }

  get clock(): Clock {
    return this.options.clock;
  }

  start(): void {
    this.life.start();
  }

  /** The worker that has been parked longest, or undefined. */
  lease(): Lease | undefined {
    if (!this.life.isReady || this.target.isClosed) return undefined;
    const parked = this.slots.takeParked();
    if (parked === undefined) this.demand.missed(this.clock.nowMs());
    return parked && this.leaseOf(parked);
  }

  private leaseOf({ slot, generation, pid, cgroupPath, layers }: Omit<SlotView, 'state'>): Lease {
    return { pool: this, keeperGeneration: this.life.generation, slot, generation, pid, cgroupPath, layers };
  }

  /** Gives back a lease whose task was never sent. */
  release(lease: Lease): void {
    if (lease.keeperGeneration !== this.life.generation) return;
    this.slots.putBack(lease.slot, lease.generation);
    this.events.available(this);
  }

  /** Hands the task to the keeper. False: it was not sent, and did not start. */
  begin(lease: Lease, callId: number, payload: Buffer, fds: CallFds, events: TaskEvents): boolean {
    const { keeper } = this.life;
    if (keeper === undefined || lease.keeperGeneration !== this.life.generation) return false;
    // The folder first: its message wakes the keeper, which is up by the time the order is in the ring.
    const sent = keeper.link.sendFds(callId, ...fds)
      ? keeper.link.send(RecordKind.START, 0, callId, lease.slot, lease.generation, payload)
      : undefined;
    if (sent === undefined) {
      this.slots.putBack(lease.slot, lease.generation);
      this.life.finish(0, undefined); // dead, or it does not read any more: its other slots would not do either
      return false;
    }
    const flow = new TaskFlow(stdinBytesOfStart(payload), 0);
    this.tasks.add(callId, { slot: lease.slot, generation: lease.generation, sent, flow, events });
    return true;
  }

  /** Where the switchboard is taught calls that this pool serves, while it does. */
  get channel(): Channel | undefined {
    return this.life.isReady && !this.target.isClosed ? this.life.keeper?.link.channel : undefined;
  }

  /** Takes over a task that the switchboard began by `channel`. @returns undefined where that is not ours any more. */
  adopt(channel: Channel, callId: number, task: SwitchedCall, events: TaskEvents): Lease | undefined {
    const { slot, generation, ordinal } = task;
    if (this.life.keeper?.link.channel !== channel) return undefined;
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
    this.life.keeper?.link.channel.settle();
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
    this.tasks.cancelled(callId);
    this.toTask(callId, RecordKind.CANCEL, 0, uint32s(signal));
  }

  /** @param stream a bit of Stream: the hook is to meet a closed pipe there. */
  readerGone(callId: number, stream: number): void {
    this.toTask(callId, RecordKind.READER_GONE, 0, uint32s(stream));
  }

  /** A call that it may serve has come, `agoMs` ago. */
  use(agoMs = 0): void {
    const isMoreWanted = this.demand.arrived(this.clock.nowMs() - agoMs);
    this.events.used(this, isMoreWanted);
  }

  stop(onStopped: () => void): void {
    this.settle();
    this.life.stop(onStopped);
  }

  get state(): PoolState {
    return this.life.shown;
  }

  /** Why it serves no call at present and for a while; undefined where it does, or will in a moment. */
  get heldBecause(): string | undefined {
    return this.state === 'quarantined' ? heldText(this.spec, this.life.deathCause, this.deaths.words) : undefined;
  }

  /** The same, or that it is not to take any. */
  get closedBecause(): string | undefined {
    return this.target.closedBecause ?? this.heldBecause;
  }

  get held(): HeldPool | undefined {
    const { held } = this.life;
    return held && { ...held, words: this.deaths.words };
  }

  get parkedMemoryBytes(): number {
    return Math.round(this.slots.parkedCount * this.cost.nowBytes);
  }

  get isReady(): boolean {
    return this.life.isReady;
  }

  get isRecycling(): boolean {
    return this.life.isRecycling;
  }

  get dueBecause(): string | undefined {
    const isQuiet = this.activeTasks === 0 && this.demand.idleMs(this.clock.nowMs()) >= LIMITS.recycleQuietMs;
    // What outlives its hook would end with the keeper.
    if (!isQuiet || this.slots.workers().some(({ state }) => state === 'lingering')) return undefined;
    return this.life.wornOut(this.cost.growthBytes);
  }

  recycle(because: string): void {
    this.events.recycling(this, because);
    this.life.recycle();
  }

  /** The operator wants a new keeper, whatever runs. False: the pool is being stopped. */
  kick(): boolean {
    if (!this.life.renew()) return false;
    this.tasks.kicked();
    return true;
  }

  /** The operator is about to kill a parked process. False: it is none any more. */
  giveUp(slot: number, generation: number): boolean {
    const isFree = this.slots.takeOut(slot, generation);
    if (isFree) this.deaths.willEnd(slot, generation);
    return isFree;
  }

  /** The operator ends what runs in a slot, with all it has started. False: it is just ending. */
  kickTask(slot: number): boolean {
    const calls = this.tasks.kicked(slot);
    for (const callId of calls) this.toTask(callId, RecordKind.CANCEL, 0, uint32s(SIGKILL));
    return calls.length > 0;
  }

  get egress(): Egress | undefined {
    return this.life.keeper?.egress;
  }

  get keeperPid(): number | undefined {
    return this.life.keeper?.pid;
  }

  get activeTasks(): number {
    this.settle();
    return this.tasks.size;
  }

  workers(): WorkerStatus[] {
    return [...this.zygote.workers(), ...this.slots.workers()];
  }

  get ringMemory(): 'memfd' | 'file' | undefined {
    return this.life.keeper?.link.memory;
  }

  /** Records and doorbells over all generations of the ring. */
  ringCounters(): RingUse {
    return withCounters(this.finished, this.life.keeper?.link.counters());
  }

  failed(failure: SetupFailure): void {
    this.failure = failure;
    this.events.failed(this, failure);
  }

  /** A call that one of its processes has run is over. */
  ran(call: RunOfCall): void {
    this.tellSlow(this.slow.ran(call, this.clock.nowMs()));
  }

  /** @param startMs that it took to park one more. */
  parkedWithin(startMs: number): void {
    this.tellSlow(this.slow.parked(startMs, this.clock.nowMs()));
  }

  available(hasNewCost: boolean): void {
    if (hasNewCost) this.events.costChanged(this);
    this.events.available(this);
  }

  private listenTo(keeper: Keeper): void {
    // Doors go with the proxy that has them: what is parked, and what would come, would find nobody.
    keeper.egress?.whenGone(() => {
      if (this.life.keeper === keeper) this.life.finish(0, PROXY_GONE);
    });
    this.target.begin();
    this.deaths.begin();
    this.cost.begin();
    const flowOf = (callId: number) => this.tasks.get(callId)?.flow;
    const events: JudgedEvents = {
      record: (...record) => this.onRecord(...record),
      answered: (...answered) => this.onAnswered(...answered),
      closed: (violation) => {
        if (this.life.keeper !== keeper) return;
        if (violation !== undefined) this.events.violated(this, violation);
        this.slots.clear(); // nothing of it is leased any more, though it may take a moment to die
        this.life.finish(0, violation === undefined ? undefined : PROTOCOL_BROKEN);
      },
    };
    keeper.link.setEvents(judged(keeper.link, new RecordJudge(this.spec.slots, this.options.clock), flowOf, events));
  }

  private tellSlow(told: ReturnType<SlowWatch['parked']>): void {
    if (told !== undefined) this.events.slow(this, told);
  }

  private keeperEnded(keeper: Keeper): () => void {
    this.settle();
    const tellTasks = this.tasks.takeAll(keeper.link);
    this.finished = this.ringCounters();
    this.slots.clear();
    this.zygote.gone();
    return tellTasks;
  }

  private toTask(callId: number, kind: number, flags: number, payload: Buffer): void {
    const { keeper } = this.life;
    const task = this.tasks.get(callId);
    if (task === undefined || keeper === undefined) return;
    const sent = keeper.link.send(kind, flags, callId, task.slot, task.generation, payload);
    // Its backlog is full: a keeper that does not read any more. A record left out would hang the task for ever.
    if (sent === undefined) this.life.finish(0, TAKES_NO_ORDERS);
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
        if (kind === RecordKind.END) this.life.served();
        this.life.letGoIfHeld();
        return;
      }
      default:
        onStateRecord(this, kind, slot, generation, payload);
    }
  }

  private onAnswered(slot: number, generation: number, call: Omit<AnsweredUntold, 'pid'>): void {
    const pid = this.slots.ended(slot, generation);
    this.use(call.agoMs + call.tookMs);
    this.demand.ran(call.tookMs, this.clock.nowMs());
    this.events.answeredUntold(this, { ...call, pid });
    this.life.served();
    this.life.letGoIfHeld();
  }
}
