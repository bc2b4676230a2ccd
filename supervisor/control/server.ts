/** The operator's socket on the daemon's side. One request per connection; every connection ends by reply, by a broken
 *  rule or by the clock, so that a silent peer holds nothing. */
import type { Planned, Reloaded, Restarted } from '../contract/changes.js';
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { RunningStatus } from '../contract/status.js';
import { FRAME_CONTROL_MAX_BYTES, FrameKind } from '../contract/wire.js';
import { CONTROL_VERBS, type ControlError, type ControlReply, type ControlVerb } from './messages.js';

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

export interface ControlHandlers {
  status(): RunningStatus;
  /** Begins an orderly stop. Called once the reply is on its way; its failure is the caller's to report. */
  stop(): Promise<void>;
  /** What a reload would change. */
  plan(): Planned;
  reload(): Promise<Reloaded>;
  /** Starts the daemon anew and hands everything over to it. */
  restart(): Promise<Restarted>;
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
  const listener = options.listen((connection) => {
    if (open.size >= LIMITS.operatorConnectionsMax) connection.destroy();
    else serve(connection, options, open);
  });
  return {
    descriptor: () => listener.descriptor(),
    stopListening: () => listener.close(),
    close() {
      listener.close();
      for (const connection of open) connection.destroy();
      open.clear();
    },
  };
}

function serve<Peer>(
  connection: OperatorConnection<Peer>,
  options: ControlServerOptions<Peer>,
  open: Set<OperatorConnection<Peer>>,
): void {
  open.add(connection);
  let isAnswered = false;
  const endAfter = (ms: number) =>
    options.clock.after(ms, () => {
      open.delete(connection);
      connection.destroy();
    });
  let forget = endAfter(LIMITS.callReceiveTimeoutMs);
  connection.setEvents({
    onFrame(kind, payload, fds) {
      for (const fd of fds) options.closeFd(fd); // nobody asked for them
      if (isAnswered) return;
      isAnswered = true;
      const give = ({ reply, afterwards }: Answer) => {
        if (!open.has(connection)) return;
        connection.send(FrameKind.CONTROL_REPLY, 0, encodeReply(reply));
        // Not end(): a peer that never reads would stay. It closes after its reply, or the clock does it.
        afterwards?.();
      };
      const answered = answer(kind, payload, connection.peer, options);
      if (!(answered instanceof Promise)) return give(answered);
      forget();
      forget = endAfter(LIMITS.operatorAnswerTimeoutMs);
      void answered.then(give);
    },
    onClosed() {
      forget();
      open.delete(connection);
    },
    onDrained() {},
  });
}

interface Answer {
  reply: ControlReply;
  afterwards?: () => void;
}

function answer<Peer>(
  kind: number,
  payload: Buffer,
  peer: Peer,
  options: ControlServerOptions<Peer>,
): Answer | Promise<Answer> {
  const { handlers, pid } = options;
  const reason = options.refusalOf(peer);
  if (reason !== undefined) {
    return failed('notAllowed', reason, 'run the command as the user of the daemon, outside any sandbox');
  }
  if (kind !== FrameKind.CONTROL_REQUEST) return failed('badRequest', `frame kind ${kind} is no request`, '');
  const verb = verbOf(payload);
  if (verb === undefined) return failed('badRequest', 'the request is not {"verb": ...}', 'use the supervisor command');
  if (!isControlVerb(verb)) {
    return failed('unknownVerb', `this daemon knows no "${verb.slice(0, 40)}"`, `it knows ${CONTROL_VERBS.join(', ')}`);
  }
  switch (verb) {
    case 'ping':
      return { reply: { ok: true, pid } };
    case 'status':
      return statusAnswer(options);
    case 'stop':
      return { reply: { ok: true, pid }, afterwards: () => void handlers.stop() };
    case 'plan':
      return { reply: { ok: true, pid, planned: handlers.plan() } };
    case 'reload':
      return handlers.reload().then((reloaded) => ({ reply: { ok: true, pid, reloaded } }));
    case 'restart':
      return handlers.restart().then((restarted) => ({ reply: { ok: true, pid, restarted } }));
  }
}

function statusAnswer<Peer>({ handlers, pid }: ControlServerOptions<Peer>): Answer {
  return { reply: { ok: true, pid, status: handlers.status() } };
}

function verbOf(payload: Buffer): string | undefined {
  try {
    const request: unknown = JSON.parse(payload.toString('utf8'));
    const verb = typeof request === 'object' && request !== null && 'verb' in request ? request.verb : undefined;
    return typeof verb === 'string' ? verb : undefined;
  } catch {
    return undefined;
  }
}

function isControlVerb(verb: string): verb is ControlVerb {
  return (CONTROL_VERBS as readonly string[]).includes(verb);
}

function failed(code: ControlError['code'], message: string, remedy: string): Answer {
  return { reply: { ok: false, error: { code, message, remedy } } };
}

function encodeReply(reply: ControlReply): Buffer {
  const bytes = Buffer.from(JSON.stringify(reply));
  if (bytes.length <= FRAME_CONTROL_MAX_BYTES) return bytes;
  return encodeReply(failed('internal', 'the answer is larger than a frame', 'report this').reply);
}
