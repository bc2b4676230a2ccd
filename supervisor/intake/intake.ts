/** call.sock: connections -> calls and their replies. Bytes in, bytes out; decides nothing about a call but whether its
 *  peer is served. */
import type { Call } from '../contract/call.js';
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import { type ClientEnd, type Explanation, OUTCOME_CODE } from '../contract/outcome.js';
import { CALL_END_BYTES, FRAME_DATA_MAX_BYTES, FrameKind, Refusal } from '../contract/wire.js';
import type { Connection, Listener, Native } from '../native.js';
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
}

export interface IntakeOptions {
  native: Native;
  clock: Clock;
  socketPath: string;
  refusePeer(connection: Connection): PeerRefusal | undefined;
  onCall(call: Call, caller: Caller): void;
  onRejected(what: string, pid: number): void;
}

/** @throws Error with code and path if the socket cannot be bound. */
export function openIntake(options: IntakeOptions): Listener {
  let lastCallId = 0;
  return options.native.listen(options.socketPath, 'client', (connection) => {
    const refused = options.refusePeer(connection);
    if (refused !== undefined) {
      options.onRejected(refused.message, connection.peer.pid);
      refuseConnection(options, connection, refused.code, refused.message);
      return;
    }
    awaitCall(options, connection, () => ++lastCallId);
  });
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

function awaitCall(options: IntakeOptions, connection: Connection, nextId: () => number): void {
  const { native, clock } = options;
  const undoTimer = clock.after(LIMITS.callReceiveTimeoutMs, () => {
    options.onRejected('no whole call within the time allowed', connection.peer.pid);
    connection.destroy();
  });
  connection.setEvents({
    onFrame(kind, payload, fds) {
      undoTimer();
      const cwdFd = fds[0];
      if (kind !== FrameKind.CALL || cwdFd === undefined || fds.length !== 1) {
        fds.forEach(native.closeFd);
        options.onRejected('the first frame is not a call with its folder', connection.peer.pid);
        connection.destroy();
        return;
      }
      const id = nextId();
      const call = decodeCall(id, payload, cwdFd, clock.nowMs());
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
      options.onCall(call, makeCaller(options, connection, id));
    },
    onClosed(errnum) {
      undoTimer();
      if (errnum !== 0) options.onRejected(`malformed frame (errno ${errnum})`, connection.peer.pid);
    },
    onDrained: () => {},
  });
}

function makeCaller(options: IntakeOptions, connection: Connection, id: number): Caller {
  const { native } = options;
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
  return {
    setEvents(events) {
      connection.setEvents({
        onFrame(kind, payload, fds) {
          fds.forEach(native.closeFd);
          if (finished) return;
          if (kind === FrameKind.STDIN) events.stdin(payload);
          else if (kind === FrameKind.STDIN_END) events.stdinEnd();
          else if (kind === FrameKind.CANCEL && payload.length === 4) events.cancel(payload.readUInt32LE(0));
          else if (kind === FrameKind.READER_GONE && payload.length === 4) events.readerGone(payload.readUInt32LE(0));
          else {
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
    end: (end, explanation) => finish(FrameKind.END, endPayload(end, explanation)),
    refuse: (code, message) => finish(FrameKind.REFUSED, refusalPayload(code, message)),
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

function endPayload(end: ClientEnd, explanation: Explanation): Buffer {
  const message = Buffer.from(end.message);
  const explain = Buffer.from(JSON.stringify(explanation));
  const head = Buffer.alloc(CALL_END_BYTES);
  head.writeUInt32LE(OUTCOME_CODE[explanation.outcome], 0);
  head.writeUInt32LE(end.exitCode, 4);
  head.writeUInt32LE(end.signal, 8);
  head.writeUInt32LE(message.length, 12);
  head.writeUInt32LE(explain.length, 16);
  return Buffer.concat([head, message, explain]);
}
