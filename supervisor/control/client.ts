/** The operator's side of control.sock: one question, one answer or a row of them, every failure a value. The caller has
 *  checked the runtime folder: only its owner can have put a socket there. */
import { connect } from 'node:net';
import { encodeFrame, JsonFrames } from '../contract/json-frame.js';
import { FrameKind } from '../contract/wire.js';
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
    const frames = new JsonFrames(FrameKind.CONTROL_REPLY);
    let hasReplied = false;
    const settle = (end: End) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(end);
    };
    const timer = setTimeout(() => settle({ kind: 'unreachable', reason: `no answer in ${timeoutMs} ms` }), timeoutMs);
    signal?.addEventListener('abort', () => settle({ kind: 'stopped' }));
    socket.on('connect', () => socket.write(encodeFrame(FrameKind.CONTROL_REQUEST, JSON.stringify(request))));
    socket.on('data', (chunk) => {
      frames.push(chunk);
      for (let next = frames.next(); next.kind !== 'more'; next = frames.next()) {
        if (next.kind === 'broken') return settle({ kind: 'unreachable', reason: next.reason });
        if (!isReply(next.value)) return settle({ kind: 'unreachable', reason: 'its answer is malformed' });
        clearTimeout(timer);
        hasReplied = true;
        if (!take(next.value)) return settle({ kind: 'stopped' });
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

function isReply(value: unknown): value is ControlReply {
  return typeof (value as ControlReply | null)?.ok === 'boolean';
}
