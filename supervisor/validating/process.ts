/** A resident worker's process: a task without an end, in the exec pool of its sandbox. From a place in the pool to its end, with
 *  its input and output as bytes. */
import type { Call, Plan } from '../contract/call.js';
import type { Clock } from '../contract/clock.js';
import type { Config } from '../contract/config.js';
import { LIMITS } from '../contract/limits.js';
import { OrderFlag } from '../contract/wire.js';
import type { CallFds } from '../native.js';
import { encodeStart, execOrder } from '../pool/order.js';
import type { Lease, Pool } from '../pool/pool.js';
import type { TaskEnd } from '../pool/report.js';
import type { TaskEvents } from '../pool/tasks.js';
import { OutputFlow, StdinFlow } from '../scheduler/flow.js';
import { endText, LastWords } from './end-text.js';
import { giveBackPlace, takePlace } from './places.js';
import type { WorkerEnd } from './worker.js';

export interface ProcessRooms {
  clock: Clock;
  config: Pick<Config, 'limits'>;
  pool: Pool;
  closeFd(fd: number): void;
}

export interface ProcessEvents {
  begun(pid: number): void;
  output(bytes: Buffer): void;
  /** Once. */
  gone(end: WorkerEnd): void;
}

const POLL_EVERY_MS = 20;
const STARTS_MAX = 3;
const SIGKILL = 9;
/** The word of a worker that no other start of it will do. */
const CANNOT_START = 78;
/** It ends when its input does; whoever is asked to end and does not is killed after that. */
const GRACE_MS = 500;
const UNBOUNDED_BYTES = 2 ** 52;

export class ResidentProcess {
  private lease: Lease | undefined;
  private stdin = new StdinFlow();
  private stdinBytes = 0;
  private readonly output = new OutputFlow();
  private readonly words = new LastWords(LIMITS.residentWordsMaxBytes);
  private undoTimer = () => {};
  /** Its input has ended: a word after that the keeper would take for a breach of its protocol. */
  private isEnding = false;
  private isOver = false;
  private starts = 0;
  private readonly giveUpAtMs: number;
  private readonly hasPlace: boolean;

  /** `call.cwdFd` is this one's to close; `peerEnds` are not. */
  constructor(
    private readonly call: Call,
    private readonly plan: Plan,
    private readonly peerEnds: readonly [ring: number, socket: number] | undefined,
    private readonly rooms: ProcessRooms,
    private readonly events: ProcessEvents,
  ) {
    this.giveUpAtMs = rooms.clock.nowMs() + LIMITS.residentReadyTimeoutMs;
    const full = takePlace(rooms.pool);
    this.hasPlace = full === undefined;
    if (full === undefined) this.place();
    else this.over({ cause: 'refused', message: full });
  }

  /** False: it takes nothing any more, or has not taken far too much. */
  write(bytes: Buffer): boolean {
    if (this.isOver || this.isEnding || this.stdinBytes + bytes.length > LIMITS.residentBacklogMaxBytes) return false;
    this.stdinBytes += bytes.length;
    this.stdin.offer(bytes, false);
    this.feed();
    return true;
  }

  /** Its input ends; then it has some time. */
  end(): void {
    if (this.isOver || this.isEnding) return;
    if (this.lease === undefined) {
      this.over({ cause: 'refused', message: 'it was not wanted any more before it had begun' });
      return;
    }
    this.isEnding = true;
    this.rooms.pool.stdin(this.call.id, Buffer.alloc(0), true);
    this.undoTimer();
    this.undoTimer = this.rooms.clock.after(GRACE_MS, () => this.kill());
  }

  kill(): void {
    if (this.isOver) return;
    if (this.lease === undefined) this.end();
    else this.rooms.pool.cancel(this.call.id, SIGKILL);
  }

  private place(): void {
    const { pool, clock } = this.rooms;
    const lease = pool.lease();
    if (lease !== undefined) {
      this.begin(lease);
      return;
    }
    const why = pool.closedBecause ?? (clock.nowMs() >= this.giveUpAtMs ? 'no process came free in time' : undefined);
    if (why === undefined) this.undoTimer = clock.after(POLL_EVERY_MS, () => this.place());
    else this.over({ cause: 'refused', message: why });
  }

  private begin(lease: Lease): void {
    const { pool } = this.rooms;
    const none = Buffer.alloc(0);
    const limits = { timeoutMs: 0, cancelGraceMs: GRACE_MS, outputMaxBytes: UNBOUNDED_BYTES, outputGraceMs: 0 };
    const flags = OrderFlag.RESIDENT | (this.peerEnds === undefined ? 0 : OrderFlag.PEER_ENDS);
    const start = encodeStart(this.call, execOrder(this.plan), none, false, limits, flags);
    const { cwdFd } = this.call;
    const fds: CallFds = this.peerEnds === undefined ? [cwdFd] : [cwdFd, ...this.peerEnds];
    this.starts++;
    this.lease = lease;
    if (!pool.begin(lease, this.call.id, start, fds, this.taskEvents())) {
      this.notStarted();
      return;
    }
    this.events.begun(lease.pid);
    this.feed();
  }

  private taskEvents(): TaskEvents {
    const { pool } = this.rooms;
    const passed = (bytes: Buffer) => {
      const credit = this.output.passed(bytes.length, true);
      if (credit > 0) pool.outputTaken(this.call.id, credit);
    };
    return {
      stdout: (bytes) => {
        if (!this.isOver) this.events.output(bytes);
        passed(bytes);
      },
      stderr: (bytes) => {
        this.words.take(bytes);
        passed(bytes);
      },
      stdinTaken: (bytes) => {
        this.stdinBytes -= bytes;
        this.stdin.taken(bytes);
        this.feed();
      },
      ended: (end) => this.ended(end),
      notStarted: () => this.notStarted(),
      lost: () => this.over({ cause: 'crashed', message: 'its keeper died' }),
      kicked: () => this.over({ cause: 'crashed', message: 'the operator ended it (supervisor kick)' }),
    };
  }

  private notStarted(): void {
    this.lease = undefined;
    if (this.isEnding || this.starts >= STARTS_MAX || !this.stdin.restart())
      this.over({ cause: 'refused', message: 'no process could start it' });
    else this.place();
  }

  private ended(end: TaskEnd): void {
    const cause = end.kind === 'limitHit' ? 'limitHit' : 'crashed';
    const isHopeless = cause === 'crashed' && end.signal === 0 && end.exitCode === CANNOT_START;
    this.over({
      cause,
      message: endText(end, this.rooms.config.limits, this.words.line()),
      ...(isHopeless && { isHopeless }),
    });
  }

  private feed(): void {
    if (this.lease === undefined || this.isEnding) return;
    for (let piece = this.stdin.next(); piece !== undefined; piece = this.stdin.next()) {
      this.rooms.pool.stdin(this.call.id, piece.bytes, piece.last);
    }
  }

  private over(end: WorkerEnd): void {
    if (this.isOver) return;
    this.isOver = true;
    this.undoTimer();
    this.rooms.closeFd(this.call.cwdFd);
    if (this.hasPlace) giveBackPlace(this.rooms.pool);
    this.events.gone(end);
  }
}
