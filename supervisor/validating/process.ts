/** A resident worker's process: a task without an end, in a pool that forks such workers or in the exec pool of its sandbox. From a
 *  place in the pool to its end, with its input and output as bytes. */
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
import { giveBackPlace, stopWaiting, takePlace, waitFor } from './places.js';
import type { WorkerEnd } from './worker.js';

export interface ProcessRooms {
  clock: Clock;
  config: Pick<Config, 'limits'>;
  closeFd(fd: number): void;
}

/** A pool that may have a process, and what that is to become. */
interface Way {
  pool: Pool;
  plan: Extract<Plan, { kind: 'exec' }>;
}

/** Asked when it is come to; a string says why it is none. */
export type AskWay = () => Way | string;

export interface ProcessStart {
  /** One after the other, until one has a process. */
  ways: readonly AskWay[];
  /** More arguments for the program. */
  words: readonly string[];
  /** To be found as descriptors 3 and 4. */
  peerEnds: readonly [ring: number, socket: number] | undefined;
}

export interface ProcessEvents {
  begun(pid: number): void;
  output(bytes: Buffer): void;
  /** Once. */
  gone(end: WorkerEnd): void;
}

const POLL_EVERY_MS = 20;
/** A look less than whoever wants it waits, so that it hears what was lacking. */
const WAIT_MAX_MS = LIMITS.residentReadyTimeoutMs - 2 * POLL_EVERY_MS;
const STARTS_MAX = 3;
const SIGKILL = 9;
/** The word of a worker that no other start of it will do. */
const CANNOT_START = 78;
/** It ends when its input does; whoever is asked to end and does not is killed after that. */
const GRACE_MS = 500;
const KICKED: WorkerEnd = { cause: 'refused', message: 'the operator ended it (supervisor kick)', isAnothers: true };
const UNBOUNDED_BYTES = 2 ** 52;

export class ResidentProcess {
  private lease: Lease | undefined;
  private way: Way | undefined;
  private waysTried = 0;
  private stdin = new StdinFlow();
  private stdinBytes = 0;
  private readonly output = new OutputFlow();
  private readonly words = new LastWords(LIMITS.residentWordsMaxBytes);
  private undoTimer = () => {};
  /** Its input has ended: a word after that the keeper would take for a breach of its protocol. Nor is another begun in its place. */
  private isEnding = false;
  private isOver = false;
  private starts = 0;
  private giveUpAtMs = 0;

  /** `call.cwdFd` is this one's to close; `peerEnds` are not. */
  constructor(
    private readonly call: Call,
    private readonly start: ProcessStart,
    private readonly rooms: ProcessRooms,
    private readonly events: ProcessEvents,
  ) {
    this.tryNext('there is no way to start it');
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
      this.over({ cause: 'refused', message: 'it was ended before it had begun' });
      return;
    }
    this.isEnding = true;
    this.way?.pool.stdin(this.call.id, Buffer.alloc(0), true);
    this.undoTimer();
    this.undoTimer = this.rooms.clock.after(GRACE_MS, () => this.kill());
  }

  kill(): void {
    if (this.isOver) return;
    if (this.lease === undefined) {
      this.end();
      return;
    }
    this.isEnding = true;
    this.way?.pool.cancel(this.call.id, SIGKILL);
  }

  /** @param why the one before does not do. */
  private tryNext(why: string): void {
    this.leaveWay();
    const ask = this.start.ways[this.waysTried++];
    if (ask === undefined) {
      this.over({ cause: 'refused', message: why });
      return;
    }
    const way = ask();
    const full = typeof way === 'string' ? way : takePlace(way.pool);
    if (typeof way === 'string' || full !== undefined) {
      this.tryNext(String(full));
      return;
    }
    this.way = way;
    this.starts = 0;
    this.giveUpAtMs = this.rooms.clock.nowMs() + WAIT_MAX_MS / this.start.ways.length;
    this.place(way);
  }

  private leaveWay(): void {
    if (this.way === undefined) return;
    stopWaiting(this.way.pool, this);
    giveBackPlace(this.way.pool);
    this.way = undefined;
  }

  private place(way: Way): void {
    const { pool } = way;
    const { clock } = this.rooms;
    const lease = pool.lease();
    if (lease !== undefined) {
      this.begin(way, lease);
      return;
    }
    const why = pool.closedBecause ?? (clock.nowMs() >= this.giveUpAtMs ? 'no process came free in time' : undefined);
    if (why !== undefined) {
      this.tryNext(why);
      return;
    }
    waitFor(pool, this);
    this.undoTimer = clock.after(POLL_EVERY_MS, () => this.place(way));
  }

  private begin(way: Way, lease: Lease): void {
    const { pool } = way;
    const { words, peerEnds } = this.start;
    const none = Buffer.alloc(0);
    const limits = { timeoutMs: 0, cancelGraceMs: GRACE_MS, outputMaxBytes: UNBOUNDED_BYTES, outputGraceMs: 0 };
    const flags = OrderFlag.RESIDENT | (peerEnds === undefined ? 0 : OrderFlag.PEER_ENDS);
    const plan = { ...way.plan, argv: [...way.plan.argv, ...words] };
    const start = encodeStart(this.call, execOrder(plan), none, false, limits, flags);
    const { cwdFd } = this.call;
    const fds: CallFds = peerEnds === undefined ? [cwdFd] : [cwdFd, ...peerEnds];
    this.starts++;
    this.lease = lease;
    if (!pool.begin(lease, this.call.id, start, fds, this.taskEvents(way))) {
      this.notStarted(way);
      return;
    }
    stopWaiting(pool, this); // not before: its keeper would have one too many, and end it
    this.events.begun(lease.pid);
    this.feed();
  }

  private taskEvents(way: Way): TaskEvents {
    const { pool } = way;
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
      notStarted: () => this.notStarted(way),
      lost: () => this.over({ cause: 'crashed', message: 'its keeper died' }),
      kicked: () => this.over(KICKED),
    };
  }

  private notStarted(way: Way): void {
    const message = 'no process could start it';
    this.lease = undefined;
    if (this.isEnding || !this.stdin.restart()) this.over({ cause: 'refused', message });
    else if (this.starts >= STARTS_MAX) this.tryNext(message);
    else this.place(way);
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
      this.way?.pool.stdin(this.call.id, piece.bytes, piece.last);
    }
  }

  private over(end: WorkerEnd): void {
    if (this.isOver) return;
    this.isOver = true;
    this.undoTimer();
    this.rooms.closeFd(this.call.cwdFd);
    this.leaveWay();
    this.events.gone(end);
  }
}
