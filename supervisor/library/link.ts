/** One connection of a program to the daemon: each request is settled once, by its reply or by the connection's end. */
import { connect, type Socket } from 'node:net';
import { encodeFrame, JsonFrames } from '../contract/json-frame.js';
import type { LibraryError, LibraryReply } from '../contract/library.js';
import { FrameKind } from '../contract/wire.js';
import { CLOSED, type Outcome, outcomeOf, unavailable } from './outcomes.js';
import { START } from './place.js';

export type Settle = (outcomes: readonly Outcome[] | Outcome) => void;

/** What is read at a time, into memory that is used again: a stream would make as much anew for each answer. */
const READ_BYTES = 64 * 1024;
const ABSENT = ['ENOENT', 'ECONNREFUSED', 'ENOTDIR'];

export class Link {
  private readonly socket: Socket;
  private readonly frames = new JsonFrames(FrameKind.CONTROL_REPLY);
  private readonly pending = new Map<number, Settle>();
  private lastId = 0;
  private isConnected = false;
  /** The daemon takes nothing more; what it has taken it answers. */
  private farewell: LibraryError | undefined;
  private isOver = false;

  constructor(path: string) {
    const callback = (bytes: number, buffer: Uint8Array) => {
      this.take(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
      return true;
    };
    this.socket = connect({ path, onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback } });
    this.socket.on('connect', () => {
      this.isConnected = true;
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => this.end(this.isConnected ? LOST : failureOf(error)));
    this.socket.on('close', () => this.end(LOST));
  }

  get isUsable(): boolean {
    return !this.isOver && this.farewell === undefined;
  }

  /** @param asks JSON. @returns what names the request. */
  ask(asks: string, settle: Settle): number {
    const id = ++this.lastId;
    const isFirst = this.pending.size === 0;
    this.pending.set(id, settle);
    if (isFirst) this.socket.ref();
    else {
      // What is asked in the same turn goes out at once.
      this.socket.cork();
      process.nextTick(() => this.socket.uncork());
    }
    this.socket.write(encodeFrame(FrameKind.CONTROL_REQUEST, `{"id":${id},"asks":${asks}}`));
    return id;
  }

  /** It is not settled any more. */
  abort(id: number): void {
    if (!this.pending.delete(id)) return;
    this.socket.write(encodeFrame(FrameKind.CONTROL_REQUEST, `{"id":${id},"abort":true}`));
    this.rest();
  }

  /** Who hangs up aborts what it has asked. */
  close(): void {
    this.end(CLOSED);
  }

  private take(piece: Buffer): void {
    this.frames.push(piece);
    for (let next = this.frames.next(); next.kind !== 'more'; next = this.frames.next()) {
      if (next.kind === 'broken') {
        this.end(unavailable('unreadable', `what listens there is no daemon of this version: ${next.reason}`, START));
        return;
      }
      this.told(next.value as LibraryReply);
    }
    this.frames.keep();
    this.rest();
  }

  private told(reply: LibraryReply): void {
    if (reply.id === 0 && 'error' in reply) {
      this.farewell = reply.error;
      return;
    }
    const settle = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    settle?.('error' in reply ? outcomeOf(reply.error) : reply.outcomes);
  }

  /** A connection that waits for nothing does not keep the program alive. */
  private rest(): void {
    if (this.pending.size === 0) this.socket.unref();
  }

  private end(outcome: Outcome): void {
    if (this.isOver) return;
    this.isOver = true;
    this.socket.destroy();
    // After its farewell the daemon answers what it has taken: the rest it has not.
    const told = this.farewell === undefined ? outcome : outcomeOf(this.farewell);
    const pending = [...this.pending.values()];
    this.pending.clear();
    for (const settle of pending) settle(told);
  }
}

const LOST = unavailable(
  'lost',
  'the daemon ended before it answered; validators may have been asked',
  'ask again if that does no harm',
);

function failureOf({ code = 'unknown error' }: NodeJS.ErrnoException): Outcome {
  if (ABSENT.includes(code)) return unavailable('absent', 'no daemon listens for programs', START);
  return unavailable('absent', `no connection to the daemon (${code})`, 'run as the user of the daemon');
}
