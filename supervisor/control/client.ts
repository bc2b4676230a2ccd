/** The operator's side of control.sock: one question, one answer or a row of them, every failure a value. The caller has
 *  checked the runtime folder: only its owner can have put a socket there. */
import { connect } from 'node:net';
import { FRAME_CONTROL_MAX_BYTES, FRAME_HEADER_BYTES, FrameKind, WIRE_VERSION } from '../contract/wire.js';
import type { ControlReply, ControlVerb } from './messages.js';

export type ControlAnswer = { kind: 'reply'; reply: ControlReply } | NoAnswer;

/** Why no more replies came. */
export type End =
  /** Ours has said so. */
  | { kind: 'stopped' }
  /** The daemon has closed after a reply. */
  | { kind: 'ended' }
  | NoAnswer;

export type NoAnswer =
  /** No socket, or nobody behind it. */
  | { kind: 'absent' }
  | { kind: 'noPermission' }
  /** Somebody is there and does not answer as a daemon should. */
  | { kind: 'unreachable'; reason: string };

/** What a verb takes beside its name: see ControlRequest. */
export type VerbWords = Readonly<Record<string, string | number | boolean | undefined>>;

export async function ask(
  socketPath: string,
  verb: ControlVerb,
  timeoutMs: number,
  words: VerbWords = {},
): Promise<ControlAnswer> {
  let reply: ControlReply | undefined;
  const take = (first: ControlReply) => {
    reply = first;
    return false;
  };
  const end = await listenTo(socketPath, { verb, ...words }, take, { timeoutMs });
  return reply === undefined ? (end as NoAnswer) : { kind: 'reply', reply };
}

export interface ListenOptions {
  /** Until the first reply. */
  timeoutMs: number;
  /** Ends it. */
  signal?: AbortSignal;
}

/** @param take is handed each reply; false: no more of them. */
export function listenTo(
  socketPath: string,
  request: { verb: ControlVerb } & VerbWords,
  take: (reply: ControlReply) => boolean,
  { timeoutMs, signal }: ListenOptions,
): Promise<End> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    let received: Buffer = Buffer.alloc(0);
    let hasReplied = false;
    const settle = (end: End) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(end);
    };
    const timer = setTimeout(() => settle({ kind: 'unreachable', reason: `no answer in ${timeoutMs} ms` }), timeoutMs);
    signal?.addEventListener('abort', () => settle({ kind: 'stopped' }));
    socket.on('connect', () => socket.write(encodeRequest(request)));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (let next = takeFrame(received); next !== undefined; next = takeFrame(received)) {
        if (next.kind !== 'frame') return settle(next);
        received = next.rest;
        clearTimeout(timer);
        hasReplied = true;
        if (!take(next.reply)) return settle({ kind: 'stopped' });
      }
    });
    socket.on('error', (error: NodeJS.ErrnoException) => settle(answerForError(error)));
    socket.on('close', () => {
      const reason = 'it closed the connection without an answer';
      settle(hasReplied ? { kind: 'ended' } : { kind: 'unreachable', reason });
    });
  });
}

function answerForError(error: NodeJS.ErrnoException): NoAnswer {
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ENOTDIR') return { kind: 'absent' };
  if (error.code === 'EACCES' || error.code === 'EPERM') return { kind: 'noPermission' };
  return { kind: 'unreachable', reason: error.code ?? error.message };
}

function encodeRequest(request: object): Buffer {
  const payload = Buffer.from(JSON.stringify(request));
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt16LE(WIRE_VERSION, 4);
  header.writeUInt16LE(FrameKind.CONTROL_REQUEST, 6);
  return Buffer.concat([header, payload]);
}

/** The first reply once it is whole; undefined while bytes are missing. */
function takeFrame(received: Buffer): { kind: 'frame'; reply: ControlReply; rest: Buffer } | NoAnswer | undefined {
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
  const end = FRAME_HEADER_BYTES + lengthBytes;
  if (received.length < end) return undefined;
  try {
    const reply = JSON.parse(received.toString('utf8', FRAME_HEADER_BYTES, end)) as ControlReply;
    if (typeof reply?.ok === 'boolean') return { kind: 'frame', reply, rest: received.subarray(end) };
  } catch {
    // falls through: not JSON is as malformed as JSON of another shape
  }
  return { kind: 'unreachable', reason: 'its answer is malformed' };
}
