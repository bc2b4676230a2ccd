/** The operator's side of control.sock: one question, one answer, every failure a value. The caller has checked the
 *  runtime folder: only its owner can have put a socket there. */
import { connect } from 'node:net';
import { FRAME_CONTROL_MAX_BYTES, FRAME_HEADER_BYTES, FrameKind, WIRE_VERSION } from '../contract/wire.js';
import type { ControlReply, ControlVerb } from './messages.js';

export type ControlAnswer =
  | { kind: 'reply'; reply: ControlReply }
  /** No socket, or nobody behind it. */
  | { kind: 'absent' }
  | { kind: 'noPermission' }
  /** Somebody is there and does not answer as a daemon should. */
  | { kind: 'unreachable'; reason: string };

export function ask(socketPath: string, verb: ControlVerb, timeoutMs: number): Promise<ControlAnswer> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    let received = Buffer.alloc(0);
    const settle = (answer: ControlAnswer) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => settle({ kind: 'unreachable', reason: `no answer in ${timeoutMs} ms` }), timeoutMs);
    socket.on('connect', () => socket.write(encodeRequest(verb)));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const answer = decodeReply(received);
      if (answer !== undefined) settle(answer);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => settle(answerForError(error)));
    socket.on('close', () => settle({ kind: 'unreachable', reason: 'it closed the connection without an answer' }));
  });
}

function answerForError(error: NodeJS.ErrnoException): ControlAnswer {
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ENOTDIR') return { kind: 'absent' };
  if (error.code === 'EACCES' || error.code === 'EPERM') return { kind: 'noPermission' };
  return { kind: 'unreachable', reason: error.code ?? error.message };
}

function encodeRequest(verb: ControlVerb): Buffer {
  const payload = Buffer.from(JSON.stringify({ verb }));
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt16LE(WIRE_VERSION, 4);
  header.writeUInt16LE(FrameKind.CONTROL_REQUEST, 6);
  return Buffer.concat([header, payload]);
}

/** The reply once it is whole; undefined while bytes are missing. */
function decodeReply(received: Buffer): ControlAnswer | undefined {
  if (received.length < FRAME_HEADER_BYTES) return undefined;
  const lengthBytes = received.readUInt32LE(0);
  const version = received.readUInt16LE(4);
  if (version !== WIRE_VERSION) {
    const reason = `it speaks protocol ${version}, this command ${WIRE_VERSION}: restart it with this version`;
    return { kind: 'unreachable', reason };
  }
  if (received.readUInt16LE(6) !== FrameKind.CONTROL_REPLY || lengthBytes > FRAME_CONTROL_MAX_BYTES) {
    return { kind: 'unreachable', reason: 'its answer is malformed' };
  }
  if (received.length < FRAME_HEADER_BYTES + lengthBytes) return undefined;
  const text = received.toString('utf8', FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + lengthBytes);
  try {
    const reply = JSON.parse(text) as ControlReply;
    if (typeof reply?.ok === 'boolean') return { kind: 'reply', reply };
  } catch {
    // falls through: not JSON is as malformed as JSON of another shape
  }
  return { kind: 'unreachable', reason: 'its answer is malformed' };
}
