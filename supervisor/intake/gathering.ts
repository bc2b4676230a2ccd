/** The way back to whoever in the daemon has a hook run and wants all that it says at once: bounded, and told once. */
import type { ClientEnd, Explanation, OutcomeKind } from '../contract/outcome.js';
import type { Caller, CallerEvents } from './intake.js';

/** `ended`: by itself, with a status or by a signal. `failed`: with what became of it, and why in words; `refused` is also what
 *  failed for want of our room or by our mistake, whatever the hook did. */
export type Gathered =
  | { kind: 'ended'; exitCode: number; signal: number; stdout: Buffer; stderr: Buffer }
  | { kind: 'failed'; outcome: Exclude<OutcomeKind, 'answered'>; what: string; isUnstarted: boolean };

export interface GatheringBounds {
  stdoutMaxBytes: number;
  stderrMaxBytes: number;
  /** Whether there is room for so many bytes more, of all that are held together; then they are taken. */
  hold?(bytes: number): boolean;
}

export class GatheringCaller implements Caller {
  #events: CallerEvents | undefined;
  #isOver = false;
  readonly #stdout: Buffer[] = [];
  #stdoutBytes = 0;
  readonly #stderr: Buffer[] = [];
  #stderrRoomBytes: number;

  /** @param onEnd once, unless nobody waits any more. */
  constructor(
    private readonly bounds: GatheringBounds,
    private readonly onEnd: (end: Gathered) => void,
    private readonly tell: (what: string) => void,
  ) {
    this.#stderrRoomBytes = bounds.stderrMaxBytes;
  }

  /** Nobody waits for the answer. */
  gone(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events?.gone();
  }

  setEvents(events: CallerEvents): void {
    this.#events = events;
  }

  started(): boolean {
    return !this.#isOver;
  }

  stdout(bytes: Buffer): boolean {
    this.#stdoutBytes += bytes.length;
    if (this.#isOver) return true;
    if (this.#stdoutBytes > this.bounds.stdoutMaxBytes) {
      this.#giveUp(`hook stopped: an answer of more than ${this.bounds.stdoutMaxBytes} bytes`, 'limitHit');
    } else this.#keep(bytes, this.#stdout);
    return true;
  }

  /** What is too much of it is left out: nobody would read it. */
  stderr(bytes: Buffer): boolean {
    const taken = bytes.subarray(0, this.#stderrRoomBytes);
    this.#stderrRoomBytes -= taken.length;
    if (taken.length > 0 && !this.#isOver) this.#keep(taken, this.#stderr);
    return true;
  }

  end({ exitCode, signal, message, isUnstarted = false }: ClientEnd, { outcome }: Explanation): void {
    if (outcome === 'answered') {
      const [stdout, stderr] = [Buffer.concat(this.#stdout), Buffer.concat(this.#stderr)];
      this.#finish({ kind: 'ended', exitCode, signal, stdout, stderr });
      return;
    }
    const what = message.replace(/^hook-supervisor: |\n$/g, '');
    this.#finish({ kind: 'failed', outcome, what: what || 'the hook was cancelled', isUnstarted });
  }

  refuse(_code: number, message: string): void {
    this.#finish({ kind: 'failed', outcome: 'refused', what: message, isUnstarted: true });
  }

  /** All of it is here. */
  pauseStdin(): void {}
  resumeStdin(): void {}

  attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.tell(`call failed: ${(error as Error).stack}`);
      this.#giveUp('the supervisor could not take this call', 'refused');
    }
  }

  #keep(bytes: Buffer, where: Buffer[]): void {
    if (this.bounds.hold?.(bytes.length) === false) {
      // What others say must not take a guard's word away.
      this.#giveUp('hook stopped: too much output of hooks is held', 'refused');
    } else where.push(Buffer.from(bytes)); // they are the ring's
  }

  #giveUp(what: string, outcome: 'limitHit' | 'refused'): void {
    this.#finish({ kind: 'failed', outcome, what, isUnstarted: false });
    this.#events?.gone();
  }

  #finish(end: Gathered): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.onEnd(end);
  }
}
