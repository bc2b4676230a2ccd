/** One pool: its keeper, its parked processes, the tasks in its slots. Leases, starts, restarts the keeper with backoff.
 *  Who gets the next worker is decided outside. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { PoolState, WorkerStatus } from '../contract/status.js';
import { NotStarted, RECORD_STDIN_END, RecordKind } from '../contract/wire.js';
import { type Keeper, type KeeperOptions, startKeeper } from './keeper.js';
import type { PoolSpec } from './keeper-argv.js';
import { type KeeperInput, type KeeperState, nextKeeperState } from './keeper-state.js';
import {
  decodeFailure,
  decodeParked,
  decodeTaskEnd,
  type SetupFailure,
  type TaskEnd,
  uint32,
  ZYGOTE_UNSUITABLE,
} from './report.js';
import { afterDeath, afterStart, FRESH, type RestartState } from './restart.js';
import { SlotTable } from './slots.js';

/** The right to use one parked process for one task. */
export interface Lease {
  readonly pool: Pool;
  readonly keeperGeneration: number;
  readonly slot: number;
  readonly generation: number;
  readonly pid: number;
  readonly cgroupPath: string | null;
}

export interface TaskEvents {
  /** `bytes` is valid during the call only. */
  stdout(bytes: Buffer): void;
  stderr(bytes: Buffer): void;
  stdinTaken(bytes: number): void;
  /** Once, unless notStarted or lost came. */
  ended(end: TaskEnd): void;
  /** No user code ran: the task may go to another worker. */
  notStarted(why: 'gone' | 'declined'): void;
  /** The keeper died with the task in its hands. */
  lost(): void;
}

export interface PoolEvents {
  /** A worker has come free or the state has changed. */
  available(pool: Pool): void;
  failed(pool: Pool, failure: SetupFailure): void;
  restarting(pool: Pool, delayMs: number, exit: { exitCode: number; signal: number } | undefined): void;
  /** The keeper is dead and reaped: what it left behind is swept before another is started. */
  keeperGone(pool: Pool): Promise<void>;
}

interface RunningTask {
  lease: Lease;
  startOrdinal: number;
  events: TaskEvents;
}

export class Pool {
  readonly slots = new SlotTable();
  private keeper: Keeper | undefined;
  private keeperState: KeeperState = 'idle';
  private restart: RestartState = FRESH;
  private keeperGeneration = 0;
  private readonly tasks = new Map<number, RunningTask>();
  private target: number;
  private undoTimer: (() => void) | undefined;
  private onStopped: (() => void) | undefined;
  private finished = { records: 0, wakeups: 0 };
  private zygotePid = 0;
  private zygoteGeneration = 0;
  private usedAtMs: number;
  private zygoteDeaths = 0;
  /** Why this interpreter can never be kept warm; its calls go to `exec`. */
  unsuitable: string | undefined;

  constructor(
    readonly spec: PoolSpec,
    private readonly options: KeeperOptions & { random(): number },
    private readonly events: PoolEvents,
  ) {
    this.target = spec.parked;
    this.usedAtMs = options.clock.nowMs();
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
    this.usedAtMs = this.clock.nowMs();
    const parked = this.slots.takeParked();
    if (parked === undefined) return undefined;
    const { slot, generation, pid, cgroupPath } = parked;
    return { pool: this, keeperGeneration: this.keeperGeneration, slot, generation, pid, cgroupPath };
  }

  /** Gives back a lease whose task was never sent. */
  release(lease: Lease): void {
    if (lease.keeperGeneration !== this.keeperGeneration) return;
    this.slots.putBack(lease.slot, lease.generation);
    this.events.available(this);
  }

  /** Hands the task to the keeper. False: it was not sent, and did not start. */
  begin(lease: Lease, callId: number, payload: Buffer, cwdFd: number, events: TaskEvents): boolean {
    const link = this.keeper?.link;
    if (link === undefined || lease.keeperGeneration !== this.keeperGeneration) return false;
    // The folder first: its message wakes the keeper, which is up by the time the order is in the ring.
    const ordinal = link.sendFd(callId, cwdFd)
      ? link.send(RecordKind.START, 0, callId, lease.slot, lease.generation, payload)
      : undefined;
    if (ordinal === undefined) {
      this.slots.putBack(lease.slot, lease.generation);
      return false;
    }
    this.tasks.set(callId, { lease, startOrdinal: ordinal, events });
    this.slots.setBusy(lease.slot, lease.generation);
    return true;
  }

  stdin(callId: number, bytes: Buffer, last: boolean): void {
    this.toTask(callId, RecordKind.STDIN, last ? RECORD_STDIN_END : 0, bytes);
  }

  outputTaken(callId: number, bytes: number): void {
    this.toTask(callId, RecordKind.OUTPUT_CREDIT, 0, uint32(bytes));
  }

  cancel(callId: number, signal: number): void {
    this.toTask(callId, RecordKind.CANCEL, 0, uint32(signal));
  }

  /** @param stream a bit of Stream: the hook is to meet a closed pipe there. */
  readerGone(callId: number, stream: number): void {
    this.toTask(callId, RecordKind.READER_GONE, 0, uint32(stream));
  }

  /** How many processes to keep parked while `waiting` calls want one. */
  setDemand(waiting: number): void {
    const target = Math.min(this.spec.parked + waiting, this.spec.slots);
    if (target === this.target) return;
    this.target = target;
    this.sendTarget();
  }

  stop(onStopped: () => void): void {
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

  get isReady(): boolean {
    return this.keeperState === 'ready';
  }

  get keeperPid(): number | undefined {
    return this.keeper?.pid;
  }

  get restarts(): number {
    return this.restart.restarts;
  }

  /** How long ago a worker was last asked for. */
  idleMs(): number {
    return this.clock.nowMs() - this.usedAtMs;
  }

  get activeTasks(): number {
    return this.tasks.size;
  }

  workers(): WorkerStatus[] {
    const workers = this.slots.workers();
    if (this.zygotePid === 0) return workers;
    const zygote = {
      pid: this.zygotePid,
      kind: 'zygote',
      state: 'busy',
      generation: this.zygoteGeneration,
      cgroupPath: null,
    };
    return [zygote as WorkerStatus, ...workers];
  }

  get ringMemory(): 'memfd' | 'file' | undefined {
    return this.keeper?.link.memory;
  }

  /** Records and doorbells over all generations of the ring. */
  ringCounters(): { records: number; wakeups: number } {
    const now = this.keeper?.link.counters();
    if (now === undefined) return this.finished;
    return {
      records: this.finished.records + now.recordsWritten + now.recordsRead,
      wakeups: this.finished.wakeups + now.wakeupsSent + now.wakeupsReceived,
    };
  }

  private input(input: KeeperInput): void {
    this.keeperState = nextKeeperState(this.keeperState, input);
  }

  private launch(): void {
    this.keeperGeneration++;
    this.restart = afterStart(this.restart, this.clock.nowMs());
    const keeper = startKeeper(this.options, this.spec, this.keeperGeneration);
    if ('step' in keeper) {
      this.events.failed(this, { stage: 0, errnum: keeper.errnum, subject: keeper.step });
      this.keeperDied(undefined);
      return;
    }
    this.keeper = keeper;
    this.target = this.spec.parked;
    this.undoTimer = this.clock.after(LIMITS.keeperHelloTimeoutMs, () => this.finishKeeper(keeper, 0));
    keeper.link.setEvents({
      record: (kind, _flags, callId, slot, generation, payload) =>
        this.onRecord(kind, callId, slot, generation, payload),
      closed: () => {
        this.slots.clear(); // nothing of it is leased any more, though it may take a moment to die
        this.finishKeeper(keeper, 0);
      },
    });
  }

  private finishKeeper(keeper: Keeper, graceMs: number): void {
    if (this.keeper !== keeper) return;
    this.undoTimer?.();
    keeper.finish(graceMs, (exit) => {
      if (this.keeper !== keeper) return;
      // Asked now that it is dead: before, it might still have taken an order out of the ring.
      const stillUnread = new Map(
        [...this.tasks].map(([id, task]) => [id, !keeper.link.isConsumed(task.startOrdinal)]),
      );
      const counters = this.ringCounters();
      this.keeper = undefined;
      this.finished = counters;
      this.slots.clear();
      this.zygotePid = 0;
      this.failTasks(stillUnread);
      void this.events.keeperGone(this).then(() => this.keeperDied(exit));
    });
  }

  private failTasks(stillUnread: Map<number, boolean>): void {
    const tasks = [...this.tasks];
    this.tasks.clear();
    for (const [id, { events }] of tasks) {
      if (stillUnread.get(id) === true) events.notStarted('gone');
      else events.lost();
    }
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

  /** The zygote says that no start of it will ever do: trying again would only burn time. */
  private giveUp(): void {
    this.unsuitable = 'this interpreter or environment cannot be kept warm: keeper.log says why';
    this.stopIfUnsuitable();
  }

  /** Hooks that run are let finish. */
  private stopIfUnsuitable(): void {
    if (this.unsuitable !== undefined && this.tasks.size === 0) this.stop(() => {});
  }

  private tellStopped(): void {
    const tell = this.onStopped;
    this.onStopped = undefined;
    tell?.();
  }

  /** @param exitStatus of the zygote before, as waitpid gives it; -1: there was none. */
  private onZygoteEnd(exitStatus: number): void {
    if (exitStatus === -1) return;
    this.zygoteDeaths++;
    if (exitStatus === ZYGOTE_UNSUITABLE || this.zygoteDeaths >= LIMITS.zygoteDeathsMax) this.giveUp();
  }

  private sendTarget(): void {
    const payload = Buffer.alloc(8);
    payload.writeUInt32LE(this.target, 0);
    payload.writeUInt32LE(this.spec.slots, 4);
    this.keeper?.link.send(RecordKind.TARGET, 0, 0, 0, 0, payload);
  }

  private toTask(callId: number, kind: number, flags: number, payload: Buffer): void {
    const task = this.tasks.get(callId);
    if (task === undefined) return;
    const keeper = this.keeper;
    if (keeper === undefined) return;
    const sent = keeper.link.send(kind, flags, callId, task.lease.slot, task.lease.generation, payload);
    // Its backlog is full: a keeper that does not read any more. A record left out would hang the task for ever.
    if (sent === undefined) this.finishKeeper(keeper, 0);
  }

  private onRecord(kind: number, callId: number, slot: number, generation: number, payload: Buffer): void {
    const task = this.tasks.get(callId);
    switch (kind) {
      case RecordKind.STDOUT:
        task?.events.stdout(payload);
        return;
      case RecordKind.STDERR:
        task?.events.stderr(payload);
        return;
      case RecordKind.STDIN_CREDIT:
        task?.events.stdinTaken(payload.readUInt32LE(0));
        return;
      case RecordKind.END: {
        const end = decodeTaskEnd(payload);
        if (task === undefined || end === undefined) return;
        this.tasks.delete(callId);
        this.slots.ended(slot, generation);
        task.events.ended(end);
        this.stopIfUnsuitable();
        return;
      }
      case RecordKind.NOT_STARTED:
        if (task === undefined) return;
        this.tasks.delete(callId);
        this.slots.ended(slot, generation);
        task.events.notStarted(payload.readUInt32LE(0) === NotStarted.DECLINED ? 'declined' : 'gone');
        this.stopIfUnsuitable();
        return;
      default:
        this.onStateRecord(kind, slot, generation, payload);
    }
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
        this.slots.parked(slot, generation, parked.pid, parked.cgroupPath);
        this.input('parked');
        this.zygoteDeaths = 0;
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
        this.zygotePid = payload.readUInt32LE(0);
        this.zygoteGeneration = payload.readUInt32LE(4);
        this.onZygoteEnd(payload.readInt32LE(8));
        return;
      case RecordKind.FAILURE: {
        const failure = decodeFailure(payload);
        if (failure === undefined) return;
        this.events.failed(this, failure);
      }
    }
  }
}
