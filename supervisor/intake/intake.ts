/** call.sock: connections -> calls and their replies. Bytes in, bytes out; decides nothing about a call but whether its
 *  peer is served. */
import type { Call } from '../contract/call.js';
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import { type ClientEnd, type Explanation, OUTCOME_CODE } from '../contract/outcome.js';
import { CALL_END_BYTES, FRAME_DATA_MAX_BYTES, FrameKind, Refusal, Stream } from '../contract/wire.js';
import type { Connection, Native, Switchboard, SwitchedCall } from '../native.js';
import { decodeCall } from './decode.js';
import type { PeerRefusal } from './peer.js';

/** What happens on the client's side of a call after it was taken. */
export interface CallerEvents {
  stdin(bytes: Buffer): void;
  stdinEnd(): void;
  cancel(signal: number): void;
  /** A bit of Stream: nobody reads that output any more. */
  readerGone(stream: number): void;
  /** The connection is gone without a CANCEL: nobody waits for the answer. */
  gone(): void;
  /** The client's socket has taken everything given so far. */
  drained(): void;
}

/** The way back to one client. */
export interface Caller {
  setEvents(events: CallerEvents): void;
  /** Sends STARTED. False: the client has given up, and the task must not start. */
  started(): boolean;
  /** True: taken at once. False: waiting in the socket; `drained` follows. */
  stdout(bytes: Buffer): boolean;
  stderr(bytes: Buffer): boolean;
  end(end: ClientEnd, explanation: Explanation): void;
  refuse(code: number, message: string): void;
  pauseStdin(): void;
  resumeStdin(): void;
  /** A mistake of ours in this call is not to end everybody else's. */
  attempt(step: () => void): void;
}

export interface IntakeOptions {
  native: Native;
  clock: Clock;
  /** A path where it is to listen, or a socket of another daemon that listens there already. */
  socket: string | number;
  nextCallId(): number;
  refusePeer(connection: Connection): PeerRefusal | undefined;
  onCall(call: Call, caller: Caller): void;
  /** A call that the switchboard started. `token` is what it was taught with. */
  onTakenOver(call: Call, caller: Caller, token: object, switched: SwitchedCall): void;
  /** cgroup path below which our workers live, '' with no cgroup. */
  workersPath: string;
  onRejected(what: string, pid: number): void;
}

export interface Intake {
  readonly switchboard: Switchboard;
  /** Of its socket, for a successor. */
  descriptor(): number;
  /** Clients that are connected and have not sent their whole call. */
  readonly silentClients: number;
  close(): void;
}

/** Of all calls that JavaScript takes: the switchboard counts in odd numbers. */
export function callIds(): () => number {
  let last = 0;
  return () => (last += 2);
}

/** @throws Error with code and path if the socket cannot be bound. */
export function openIntake(options: IntakeOptions): Intake {
  const { native, clock } = options;
  const silent = new Silent(options);
  const onConnection = (connection: Connection) => {
    const refused = options.refusePeer(connection);
    if (refused !== undefined) {
      options.onRejected(refused.message, connection.peer.pid);
      refuseConnection(options, connection, refused.code, refused.message);
      return;
    }
    awaitCall(options, connection, silent);
  };
  const { socket } = options;
  const listener =
    typeof socket === 'string'
      ? native.listen(socket, 'client', onConnection)
      : native.listenOn(socket, 'client', onConnection);
  const switchboard = native.openSwitchboard(
    options.workersPath,
    (connection, payload, cwdFd, token, switched, laterStdin) => {
      const first = decodeCall(switched.callId, payload, cwdFd, clock.nowMs() - switched.ageMs, connection.peer.pid);
      if (first === undefined) throw new Error('a route of a call that cannot be decoded');
      const stdin = laterStdin.length === 0 ? first.stdin : Buffer.concat([first.stdin, laterStdin]);
      const call = { ...first, stdin, stdinComplete: switched.stdinIsOver === 1 };
      const caller = makeCaller(options, connection, call);
      caller.attempt(() => options.onTakenOver(call, caller, token, switched));
    },
  );
  switchboard.attach(listener);
  return {
    switchboard,
    descriptor: () => listener.descriptor(),
    get silentClients() {
      return silent.count;
    },
    close() {
      switchboard.close();
      listener.close();
    },
  };
}

/** Says the last word. A peer that does not take it keeps its connection for a while only. */
function endConnection(options: IntakeOptions, connection: Connection, queuedBytes: number): void {
  connection.end();
  if (queuedBytes > 0) options.clock.after(LIMITS.answerTakeTimeoutMs, () => connection.destroy());
}

function refuseConnection(options: IntakeOptions, connection: Connection, code: number, message: string): void {
  const { native } = options;
  // The reason goes out before the CALL is read: a foreign or confined peer's bytes are never looked at.
  connection.setEvents({
    onFrame: (_kind, _payload, fds) => fds.forEach(native.closeFd),
    onClosed: () => {},
    onDrained: () => {},
  });
  endConnection(options, connection, connection.send(FrameKind.REFUSED, 0, refusalPayload(code, message)));
}

/** Connections without a whole call yet. One timer for all: a timer of its own would be a fifth of a call's cost. */
class Silent {
  private readonly sinceMs = new Map<Connection, number>();
  private isWatching = false;

  constructor(private readonly options: IntakeOptions) {}

  get count(): number {
    return this.sinceMs.size;
  }

  add(connection: Connection): void {
    this.sinceMs.set(connection, this.options.clock.nowMs());
    if (!this.isWatching) this.watch();
  }

  remove(connection: Connection): void {
    this.sinceMs.delete(connection);
  }

  private watch(): void {
    this.isWatching = this.sinceMs.size > 0;
    if (!this.isWatching) return;
    this.options.clock.after(LIMITS.callReceiveTimeoutMs / 2, () => {
      const dueMs = this.options.clock.nowMs() - LIMITS.callReceiveTimeoutMs;
      for (const [connection, sinceMs] of this.sinceMs) {
        if (sinceMs > dueMs) continue;
        this.sinceMs.delete(connection);
        this.options.onRejected('no whole call within the time allowed', connection.peer.pid);
        connection.destroy();
      }
      this.watch();
    });
  }
}

function awaitCall(options: IntakeOptions, connection: Connection, silent: Silent): void {
  const { native, clock } = options;
  silent.add(connection);
  connection.setEvents({
    onFrame(kind, payload, fds) {
      silent.remove(connection);
      const cwdFd = fds[0];
      if (kind !== FrameKind.CALL || cwdFd === undefined || fds.length !== 1) {
        fds.forEach(native.closeFd);
        options.onRejected('the first frame is not a call with its folder', connection.peer.pid);
        connection.destroy();
        return;
      }
      const id = options.nextCallId();
      const call = decodeCall(id, payload, cwdFd, clock.nowMs(), connection.peer.pid);
      if (call === undefined) {
        native.closeFd(cwdFd);
        refuseConnection(
          options,
          connection,
          Refusal.LEVEL_UNAVAILABLE,
          'this version does not know the level asked for',
        );
        return;
      }
      const caller = makeCaller(options, connection, call);
      caller.attempt(() => options.onCall(call, caller));
    },
    onClosed(errnum) {
      silent.remove(connection);
      if (errnum !== 0) options.onRejected(`malformed frame (errno ${errnum})`, connection.peer.pid);
    },
    onDrained: () => {},
  });
}

const SIGNAL_MAX = 64;

function makeCaller(options: IntakeOptions, connection: Connection, call: Call): Caller {
  const { id, explain } = call;
  const { native } = options;
  let stdinOver = call.stdinComplete;
  let finished = false;
  const output = (kind: number, bytes: Buffer): boolean => {
    if (finished) return true;
    let queuedBytes = 0;
    for (let at = 0; at < bytes.length; at += FRAME_DATA_MAX_BYTES) {
      queuedBytes = connection.send(kind, id, bytes.subarray(at, at + FRAME_DATA_MAX_BYTES));
    }
    return queuedBytes === 0;
  };
  const finish = (kind: number, payload: Buffer) => {
    if (finished) return;
    finished = true;
    endConnection(options, connection, connection.send(kind, id, payload));
  };
  const refuse = (code: number, message: string) => finish(FrameKind.REFUSED, refusalPayload(code, message));
  return {
    setEvents(events) {
      connection.setEvents({
        onFrame(kind, payload, fds) {
          fds.forEach(native.closeFd);
          if (finished) return;
          // Checked here, where it costs its sender alone: the keeper would take it for a broken daemon.
          const number = payload.length === 4 ? payload.readUInt32LE(0) : 0;
          if (kind === FrameKind.STDIN && !stdinOver) events.stdin(payload);
          else if (kind === FrameKind.STDIN_END && !stdinOver) {
            stdinOver = true;
            events.stdinEnd();
          } else if (kind === FrameKind.CANCEL && number >= 1 && number <= SIGNAL_MAX) events.cancel(number);
          else if (kind === FrameKind.READER_GONE && (number === Stream.STDOUT || number === Stream.STDERR)) {
            events.readerGone(number);
          } else {
            options.onRejected(`frame kind ${kind} in the middle of a call`, connection.peer.pid);
            finished = true;
            connection.destroy();
            events.gone();
          }
        },
        onClosed() {
          if (finished) return;
          finished = true;
          events.gone();
        },
        onDrained: () => {
          if (!finished) events.drained();
        },
      });
    },
    started: () => !finished && connection.sendNow(FrameKind.STARTED, id) === 0,
    stdout: (bytes) => output(FrameKind.STDOUT, bytes),
    stderr: (bytes) => output(FrameKind.STDERR, bytes),
    end: (end, explanation) => finish(FrameKind.END, endPayload(end, explanation, explain)),
    refuse,
    attempt(step) {
      try {
        step();
      } catch (error) {
        options.onRejected(`call failed: ${(error as Error).stack}`, 0);
        refuse(Refusal.BAD_CALL, 'the supervisor could not take this call');
      }
    },
    pauseStdin: () => connection.pauseReading(),
    resumeStdin: () => connection.resumeReading(),
  };
}

function refusalPayload(code: number, message: string): Buffer {
  const payload = Buffer.alloc(4 + Buffer.byteLength(message));
  payload.writeUInt32LE(code, 0);
  payload.write(message, 4);
  return payload;
}

function endPayload(end: ClientEnd, explanation: Explanation, isAskedFor: boolean): Buffer {
  const message = Buffer.from(end.message);
  const explain = Buffer.from(isAskedFor ? JSON.stringify(explanation) : '');
  const head = Buffer.alloc(CALL_END_BYTES);
  head.writeUInt32LE(OUTCOME_CODE[explanation.outcome], 0);
  head.writeUInt32LE(end.exitCode, 4);
  head.writeUInt32LE(end.signal, 8);
  head.writeUInt32LE(message.length, 12);
  head.writeUInt32LE(explain.length, 16);
  return Buffer.concat([head, message, explain]);
}
