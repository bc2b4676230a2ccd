/** One program that is connected: its requests under way, each with one reply. It may ask much at a time, so everything it can
 *  make us hold is bounded; who does not take what it has asked for is cut off. */
import type { Clock } from '../../contract/clock.js';
import type { Decided, LibraryError, LibraryReply, Refused } from '../../contract/library.js';
import { LIMITS } from '../../contract/limits.js';
import { Stop, type StopSignal } from '../../contract/stop.js';
import { FRAME_CONTROL_MAX_BYTES, FrameKind } from '../../contract/wire.js';
import { type Amount, Load } from '../load.js';
import { type Asked, isRefused, parseRequest } from './request.js';

export interface SessionRooms {
  clock: Clock;
  /** Its failure is a mistake of ours. `signal` says that nobody waits. */
  judge(asked: Asked, signal: StopSignal): Promise<Decided>;
  /** For our log. */
  note(text: string): void;
  /** Of those that are configured. */
  validatorNames(): readonly string[];
}

export interface SessionEnds {
  /** @returns bytes that wait for the program, or a negative errno. */
  send(payload: Buffer): number;
  /** It may ask its next question in a moment. */
  awaitRequest(): void;
  /** Once all is sent; it is `closed`. */
  end(): void;
  cutOff(): void;
}

interface Running {
  amount: Amount;
  over: Stop;
}

const BUSY: LibraryError = {
  code: 'busy',
  message: 'too many events are asked about',
  remedy: 'wait for answers before the next question',
  retryAfterMs: LIMITS.libraryRetryAfterMs,
};
const INTERNAL: LibraryError = {
  code: 'internal',
  message: 'the daemon could not judge the events',
  remedy: 'its log says why: supervisor logs',
};
const TOO_LARGE: LibraryError = {
  code: 'tooLarge',
  message: `the answer has more than ${FRAME_CONTROL_MAX_BYTES} bytes`,
  remedy: 'ask about fewer events at a time',
};

export class Session {
  private readonly running = new Map<number, Running>();
  private readonly load: Load;
  private undoTakeTimer: (() => void) | undefined;
  private leaving: LibraryError | undefined;

  constructor(
    private readonly ends: SessionEnds,
    private readonly rooms: SessionRooms,
    whole: Load,
  ) {
    const max = { events: LIMITS.libraryEventsPerConnectionMax, bytes: LIMITS.libraryBytesPerConnectionMax };
    this.load = new Load(max, whole);
  }

  get inFlight(): number {
    return this.load.count;
  }

  frame(kind: number, payload: Buffer): void {
    const parsed = kind === FrameKind.CONTROL_REQUEST ? parseRequest(payload) : undefined;
    if (parsed?.kind === 'abort') {
      this.forget(parsed.id)?.over.abort();
      this.leaveIfDone();
    } else if (parsed?.kind === 'asks' && !this.running.has(parsed.id)) {
      this.take(parsed.id, parsed.asks, payload.length);
    } else if (parsed?.kind === 'bad' && parsed.id > 0) {
      this.reply({ id: parsed.id, error: badRequest(parsed.message) });
    } else {
      // Whoever cannot count its own requests would take one answer for another.
      const message = parsed?.kind === 'bad' ? parsed.message : 'a frame of another kind, or an id that is used twice';
      this.leave(badRequest(message));
      this.ends.end();
    }
  }

  /** Nothing more is taken; what is under way is answered. */
  leave(why: LibraryError): void {
    if (this.leaving !== undefined) return;
    this.leaving = why;
    this.reply({ id: 0, error: why });
    this.leaveIfDone();
  }

  drained(): void {
    this.undoTakeTimer?.();
    this.undoTakeTimer = undefined;
  }

  /** The program is gone, or to be: nobody waits for what it has asked. */
  closed(): void {
    this.drained();
    for (const id of [...this.running.keys()]) this.forget(id)?.over.abort();
  }

  private take(id: number, asks: readonly (Asked | Refused)[], bytes: number): void {
    const amount = { events: asks.length, bytes };
    const error = this.leaving ?? (this.load.hasRoomFor(amount) ? undefined : BUSY);
    if (error !== undefined) {
      this.reply({ id, error });
      return;
    }
    const over = new Stop();
    this.load.add(amount);
    this.running.set(id, { amount, over });
    const told = Promise.all(asks.map(async (asked) => this.outcomeOf(asked, over)))
      .then((outcomes): LibraryReply => ({ id, outcomes }))
      .catch((error: Error): LibraryReply => {
        this.rooms.note(`events of a program could not be judged: ${error.stack}`);
        return { id, error: INTERNAL };
      });
    void told.then((reply) => {
      if (this.forget(id) === undefined) return;
      this.reply(reply);
      if (this.running.size > 0) return; // who has more under way has not waited for this answer to ask on
      if (this.leaving === undefined) this.ends.awaitRequest();
      else this.ends.end();
    });
  }

  private outcomeOf(asked: Asked | Refused, signal: StopSignal): Refused | Promise<Decided> {
    if (isRefused(asked)) return asked;
    if (asked.validators === undefined) return this.rooms.judge(asked, signal);
    const known = this.rooms.validatorNames();
    const unknown = asked.validators.find((name) => !known.includes(name));
    if (unknown === undefined) return this.rooms.judge(asked, signal);
    const message = `there is no validator "${unknown.slice(0, 64)}"`;
    const remedy = known.length === 0 ? 'none is configured' : `there are: ${known.join(', ')}`;
    return { kind: 'refused', code: 'unknownValidator', message, remedy };
  }

  private forget(id: number): Running | undefined {
    const running = this.running.get(id);
    if (this.running.delete(id) && running !== undefined) this.load.remove(running.amount);
    return running;
  }

  private reply(reply: LibraryReply): void {
    const payload = Buffer.from(JSON.stringify(reply));
    if (payload.length > FRAME_CONTROL_MAX_BYTES) {
      this.reply({ id: reply.id, error: TOO_LARGE });
      return;
    }
    const queuedBytes = this.ends.send(payload);
    if (queuedBytes > 0) this.undoTakeTimer ??= this.rooms.clock.after(LIMITS.libraryTakeTimeoutMs, this.ends.cutOff);
    // A negative one: the connection tells of its end itself.
  }

  private leaveIfDone(): void {
    if (this.leaving !== undefined && this.running.size === 0) this.ends.end();
  }
}

function badRequest(message: string): LibraryError {
  return { code: 'badRequest', message, remedy: 'docs/library.md says what can be asked' };
}
