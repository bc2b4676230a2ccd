/** The way back to whoever asked by HTTP: what the hook says is gathered, since an answer has one body. */
import type { HookEnd } from '../agents/http/answer.js';
import { LIMITS } from '../contract/limits.js';
import type { ClientEnd, Explanation } from '../contract/outcome.js';
import type { Caller, CallerEvents } from '../intake/intake.js';

/** `ended`: by itself, with a status. */
export type HttpEnd = { kind: 'ended'; end: HookEnd } | { kind: 'failed'; what: string };

export class HttpCaller implements Caller {
  #events: CallerEvents | undefined;
  #isOver = false;
  readonly #stdout: Buffer[] = [];
  #stdoutBytes = 0;
  readonly #stderr: Buffer[] = [];
  #stderrRoomBytes: number = LIMITS.httpStderrMaxBytes;

  /** @param onEnd once, unless nobody waits any more. */
  constructor(
    private readonly onEnd: (end: HttpEnd) => void,
    private readonly tell: (what: string) => void,
  ) {}

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
    if (this.#stdoutBytes > LIMITS.httpAnswerMaxBytes) {
      this.#finish({ kind: 'failed', what: `hook stopped: an answer of more than ${LIMITS.httpAnswerMaxBytes} bytes` });
      this.#events?.gone();
    } else this.#stdout.push(Buffer.from(bytes)); // they are the ring's
    return true;
  }

  /** What is too much of it is left out: nobody would read it. */
  stderr(bytes: Buffer): boolean {
    const taken = bytes.subarray(0, this.#stderrRoomBytes);
    this.#stderrRoomBytes -= taken.length;
    if (taken.length > 0) this.#stderr.push(Buffer.from(taken));
    return true;
  }

  end({ exitCode, signal, message }: ClientEnd, { outcome }: Explanation): void {
    if (outcome !== 'answered') {
      const what = message.replace(/^hook-supervisor: |\n$/g, '');
      this.#finish({ kind: 'failed', what: what || 'the hook was cancelled' });
    } else if (signal !== 0) this.#finish({ kind: 'failed', what: `the hook died of signal ${signal}` });
    else {
      const [stdout, stderr] = [Buffer.concat(this.#stdout), Buffer.concat(this.#stderr)];
      this.#finish({ kind: 'ended', end: { exitCode, stdout, stderr } });
    }
  }

  refuse(_code: number, message: string): void {
    this.#finish({ kind: 'failed', what: message });
  }

  /** All of it is here. */
  pauseStdin(): void {}
  resumeStdin(): void {}

  attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.tell(`call failed: ${(error as Error).stack}`);
      this.#finish({ kind: 'failed', what: 'the supervisor could not take this call' });
    }
  }

  #finish(end: HttpEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.onEnd(end);
  }
}
