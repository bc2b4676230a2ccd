// Shared by the tests of the addon: frames as bytes, folders, and waiting for something to become true.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, type ConnectionEvents, type Listener, loadNative } from '../../../supervisor/native.js';

export const native = loadNative();
export const layout = native.layout();

export function constant(name: string): number {
  const value = layout[name];
  if (value === undefined) throw new Error(`wire.h has no ${name}`);
  return value;
}

const HEADER_BYTES = 16;

export function frame(kind: number, payload: Uint8Array = Buffer.alloc(0), version = 1): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt16LE(version, 4);
  header.writeUInt16LE(kind, 6);
  return Buffer.concat([header, payload]);
}

/** The payload of a CALL with one argument and `stdin`. */
export function callPayload(stdin: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(constant('call_head'));
  const argv = Buffer.from('true\0');
  head.writeUInt32LE(1, constant('call_head.argc'));
  head.writeUInt32LE(argv.length, constant('call_head.argv_bytes'));
  head.writeUInt32LE(stdin.length, constant('call_head.stdin_bytes'));
  return Buffer.concat([head, argv, stdin]);
}

/** Splits what the daemon sent into frames. */
export function decode(bytes: Buffer): { kind: number; callId: number; payload: Buffer }[] {
  const frames = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    const payload = bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length);
    frames.push({ kind: bytes.readUInt16LE(at + 6), callId: Number(bytes.readBigUInt64LE(at + 8)), payload });
    at += HEADER_BYTES + length;
  }
  return frames;
}

export interface Seen {
  connection: Connection;
  frames: { kind: number; payload: Buffer; fds: number[] }[];
  closed: number[];
  drained: number;
}

/** A listener that records what happens on each connection; `overrides` sees an event after it was recorded. */
export class Station {
  readonly folder = mkdtempSync(join(tmpdir(), 'hs-native-'));
  readonly path = join(this.folder, 'call.sock');
  readonly seen: Seen[] = [];
  readonly listener: Listener;
  readonly #sockets: Socket[] = [];

  constructor(
    peer: 'client' | 'operator' = 'client',
    overrides: (seen: Seen) => Partial<ConnectionEvents> = () => ({}),
  ) {
    this.listener = native.listen(this.path, peer, (connection) => {
      const seen: Seen = { connection, frames: [], closed: [], drained: 0 };
      const more = overrides(seen);
      this.seen.push(seen);
      connection.setEvents({
        onFrame(kind, payload, fds) {
          seen.frames.push({ kind, payload, fds });
          more.onFrame?.(kind, payload, fds);
        },
        onClosed(errnum) {
          seen.closed.push(errnum);
          more.onClosed?.(errnum);
        },
        onDrained() {
          seen.drained++;
          more.onDrained?.();
        },
      });
    });
  }

  /** A client; errors are ignored, for many tests are about a daemon that hangs up. */
  connect(): Socket {
    const socket = connect(this.path);
    socket.on('error', () => {});
    this.#sockets.push(socket);
    return socket;
  }

  async first(): Promise<Seen> {
    await until(() => this.seen.length > 0);
    return this.seen[0] as Seen;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const { connection } of this.seen) connection.destroy();
    this.listener.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function until(isTrue: () => boolean, timeoutMs = 20_000): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!isTrue()) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${isTrue.toString()}`);
    await sleep(1);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function openFdCount(): number {
  return readdirSync('/proc/self/fd').length;
}
