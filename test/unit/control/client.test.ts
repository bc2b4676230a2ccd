import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FrameKind } from '../../../supervisor/contract/wire.js';
import { ask, listenTo } from '../../../supervisor/control/client.js';

let folder: string;
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-control-'));
});
afterEach(async () => {
  await new Promise<void>((done) => (server ? server.close(() => done()) : done()));
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Listens with `behave` for each connection; answers the path. */
async function daemonThat(behave: (socket: Socket, request: Buffer) => void): Promise<string> {
  const path = join(folder, 'control.sock');
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (request) => behave(socket, request));
  });
  await new Promise<void>((done) => server?.listen(path, done));
  return path;
}

function frame(
  payload: string,
  { kind = FrameKind.CONTROL_REPLY as number, version = 1, lengthBytes = -1 } = {},
): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(lengthBytes < 0 ? Buffer.byteLength(payload) : lengthBytes, 0);
  header.writeUInt16LE(version, 4);
  header.writeUInt16LE(kind, 6);
  return Buffer.concat([header, Buffer.from(payload)]);
}

test('the request is one frame of JSON; the reply may come byte by byte', async () => {
  let request: Buffer = Buffer.alloc(0);
  const path = await daemonThat((socket, received) => {
    request = received;
    const bytes = frame('{"ok":true,"pid":9}');
    for (let at = 0; at < bytes.length; at++) setTimeout(() => socket.write(bytes.subarray(at, at + 1)), at);
  });
  expect(await ask(path, 'ping', 2000)).toEqual({ kind: 'reply', reply: { ok: true, pid: 9 } });
  expect(request.readUInt32LE(0)).toBe(request.length - 16);
  expect([request.readUInt16LE(4), request.readUInt16LE(6)]).toEqual([1, FrameKind.CONTROL_REQUEST]);
  expect(JSON.parse(request.toString('utf8', 16))).toEqual({ verb: 'ping' });
});

test('no socket, or a socket nobody listens on: absent', async () => {
  expect(await ask(join(folder, 'none.sock'), 'ping', 2000)).toEqual({ kind: 'absent' });
});

test('silence: unreachable after the timeout', async () => {
  const path = await daemonThat(() => {});
  expect(await ask(path, 'ping', 50)).toEqual({ kind: 'unreachable', reason: 'no answer in 50 ms' });
  server?.close();
});

test.each([
  ['closes without an answer', (socket: Socket) => socket.end(), 'closed the connection'],
  [
    'speaks another version',
    (socket: Socket) => socket.write(frame('{"ok":true}', { version: 2 })),
    'speaks protocol 2',
  ],
  ['sends another kind', (socket: Socket) => socket.write(frame('{"ok":true}', { kind: 19 })), 'malformed'],
  ['announces 4 GiB', (socket: Socket) => socket.write(frame('', { lengthBytes: 0xffffffff })), 'malformed'],
  ['sends no JSON', (socket: Socket) => socket.write(frame('{')), 'malformed'],
  ['sends null', (socket: Socket) => socket.write(frame('null')), 'malformed'],
])('a daemon that %s is unreachable', async (_name, behave, reason) => {
  const path = await daemonThat(behave);
  expect(await ask(path, 'status', 2000)).toMatchObject({
    kind: 'unreachable',
    reason: expect.stringContaining(reason),
  });
});

test('words go with the verb', async () => {
  let request: unknown;
  const path = await daemonThat((socket, received) => {
    request = JSON.parse(received.toString('utf8', 16));
    socket.write(frame('{"ok":true,"pid":9}'));
  });
  await ask(path, 'scale', 2000, { pool: 'exec', parked: 3 });
  expect(request).toEqual({ verb: 'scale', pool: 'exec', parked: 3 });
});

test('a row of replies: each is handed over, also two in one piece, until no more are wanted', async () => {
  const path = await daemonThat((socket) => {
    socket.write(
      Buffer.concat([frame('{"ok":true,"pid":1}'), frame('{"ok":true,"pid":2}'), frame('{"ok":true,"pid":3}')]),
    );
  });
  const pids: number[] = [];
  const end = await listenTo(
    path,
    { verb: 'events' },
    (reply) => {
      if (reply.ok) pids.push(reply.pid);
      return pids.length < 2;
    },
    { timeoutMs: 2000 },
  );
  expect([end, pids]).toEqual([{ kind: 'stopped' }, [1, 2]]);
});

test('a row of replies may take longer than the first one; the signal ends it', async () => {
  const path = await daemonThat((socket) => socket.write(frame('{"ok":true,"pid":1}')));
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 150);
  const end = await listenTo(path, { verb: 'events' }, () => true, { timeoutMs: 50, signal: stop.signal });
  expect(end).toEqual({ kind: 'stopped' });
});

test('a daemon that closes after a reply has ended', async () => {
  const path = await daemonThat((socket) => socket.end(frame('{"ok":true,"pid":1}')));
  expect(await listenTo(path, { verb: 'events' }, () => true, { timeoutMs: 2000 })).toEqual({ kind: 'ended' });
});
