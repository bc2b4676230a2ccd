/** The operator's socket on the daemon's side. One request per connection; every connection ends by its last reply, by a
 *  broken rule or by the clock, so that a silent peer holds nothing. Who follows happenings stays until it leaves, and only
 *  half of the connections may be such. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import { FRAME_CONTROL_MAX_BYTES, FrameKind } from '../contract/wire.js';
import { type Answer, answerTo, type ControlHandlers, failure } from './answer.js';
import { EventStream } from './event-stream.js';
import type { ControlError, ControlReply } from './messages.js';
import { parseRequest } from './request.js';

/** What control needs of a native connection. */
export interface OperatorConnection<Peer> {
  readonly peer: Peer;
  setEvents(events: {
    onFrame(kind: number, payload: Buffer, fds: number[]): void;
    onClosed(errnum: number): void;
    onDrained(): void;
  }): void;
  send(kind: number, callId: number, ...parts: Uint8Array[]): number;
  end(): void;
  destroy(): void;
}

export interface ControlServerOptions<Peer> {
  listen(onConnection: (connection: OperatorConnection<Peer>) => void): { close(): void; descriptor(): number };
  /** Why this peer is not served, or undefined. The checks are those of call.sock. */
  refusalOf(peer: Peer): string | undefined;
  closeFd(fd: number): void;
  handlers: ControlHandlers;
  clock: Clock;
  pid: number;
}

export interface Control {
  /** Of its socket, for a successor. */
  descriptor(): number;
  /** Nobody new is heard; who has asked still gets the answer. */
  stopListening(): void;
  close(): void;
}

export function startControl<Peer>(options: ControlServerOptions<Peer>): Control {
  const open = new Set<OperatorConnection<Peer>>();
  const streams = new Set<EventStream>();
  const listener = options.listen((connection) => {
    if (open.size >= LIMITS.operatorConnectionsMax) connection.destroy();
    else serve(connection, options, open, streams);
  });
  return {
    descriptor: () => listener.descriptor(),
    stopListening: () => listener.close(),
    close() {
      listener.close();
      for (const stream of streams) stream.stop();
      for (const connection of open) connection.destroy();
      open.clear();
    },
  };
}

function serve<Peer>(
  connection: OperatorConnection<Peer>,
  options: ControlServerOptions<Peer>,
  open: Set<OperatorConnection<Peer>>,
  streams: Set<EventStream>,
): void {
  open.add(connection);
  let isAnswered = false;
  let stream: EventStream | undefined;
  const forget = () => {
    undoTimer();
    open.delete(connection);
    if (stream === undefined) return;
    stream.stop();
    streams.delete(stream);
  };
  const cutOff = () => {
    forget();
    connection.destroy();
  };
  let undoTimer = options.clock.after(LIMITS.callReceiveTimeoutMs, cutOff);
  const send = (reply: ControlReply) => connection.send(FrameKind.CONTROL_REPLY, 0, encodeReply(reply));
  connection.setEvents({
    onFrame(kind, payload, fds) {
      for (const fd of fds) options.closeFd(fd); // nobody asked for them
      if (stream !== undefined) cutOff(); // it is there to read: words without end would keep us busy
      if (isAnswered) return;
      isAnswered = true;
      const answer = answerOf(kind, payload, connection.peer, options, streams.size);
      if (answer.kind === 'reply') {
        send(answer.reply);
        // Not end(): a peer that never reads would stay. It closes after its reply, or the clock does it.
        answer.afterwards?.();
        return;
      }
      if (answer.kind === 'later') {
        undoTimer();
        undoTimer = options.clock.after(LIMITS.operatorAnswerTimeoutMs, cutOff);
        void answer.reply.then((reply) => {
          if (open.has(connection)) send(reply);
        });
        return;
      }
      if (answer.request.follow) undoTimer();
      stream = new EventStream(answer.request, options.handlers.happenings, options.clock, {
        send: (events) => send({ ok: true, pid: options.pid, events }),
        cutOff,
      });
      streams.add(stream);
      stream.start();
    },
    onClosed: forget,
    onDrained: () => stream?.drained(),
  });
}

function answerOf<Peer>(
  kind: number,
  payload: Buffer,
  peer: Peer,
  { refusalOf, handlers, pid }: ControlServerOptions<Peer>,
  streams: number,
): Answer {
  const reason = refusalOf(peer);
  if (reason !== undefined) {
    return failed('notAllowed', reason, 'run the command as the user of the daemon, outside any sandbox');
  }
  if (kind !== FrameKind.CONTROL_REQUEST) return failed('badRequest', `frame kind ${kind} is no request`, '');
  const parsed = parseRequest(payload);
  if (!parsed.ok) return failure(parsed.error);
  if (parsed.request.verb === 'events' && streams >= LIMITS.operatorStreamsMax) {
    return failed('busy', `${streams} commands follow the events already`, 'end one of them');
  }
  return answerTo(parsed.request, handlers, pid);
}

function failed(code: ControlError['code'], message: string, remedy: string): Answer {
  return failure({ code, message, remedy });
}

function encodeReply(reply: ControlReply): Buffer {
  const bytes = Buffer.from(JSON.stringify(reply));
  if (bytes.length <= FRAME_CONTROL_MAX_BYTES) return bytes;
  const message = 'the answer is larger than a frame';
  return encodeReply({ ok: false, error: { code: 'internal', message, remedy: 'report this' } });
}
