import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  callPayload,
  constant,
  decode,
  frame,
  native,
  openFdCount,
  type Seen,
  Station,
  sleep,
  until,
} from './support.js';

const CALL = constant('FRAME_CALL');
const STDIN = constant('FRAME_STDIN');
const STDIN_END = constant('FRAME_STDIN_END');
const STARTED = constant('FRAME_STARTED');
const STDOUT = constant('FRAME_STDOUT');
const END = constant('FRAME_END');
const DATA_MAX = constant('FRAME_DATA_MAX_BYTES');
const EPIPE = 32;
const EPROTO = 71;
const EBADMSG = 74;
const EMSGSIZE = 90;
const EPROTONOSUPPORT = 93;
const ENOBUFS = 105;

let station: Station;
afterEach(() => station.close());

/** Runs rights_client.py; resolves when it has ended. */
function rightsClient(...steps: string[]): Promise<unknown> {
  const client = spawn('python3', [join(import.meta.dirname, 'rights_client.py'), station.path, ...steps], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return once(client, 'close');
}

test('the socket file has mode 0600', () => {
  station = new Station();
  expect(statSync(station.path).mode & 0o777).toBe(0o600);
});

test('a peer on the same machine and user is described as this process describes itself', async () => {
  station = new Station();
  station.connect();
  expect((await station.first()).connection.peer).toEqual(native.selfIdentity());
  expect(native.selfIdentity()).toMatchObject({ pid: process.pid, uid: process.getuid?.(), errnum: 0 });
  expect(native.selfIdentity().mountNs).toBe(statSync('/proc/self/ns/mnt').ino);
});

test('a peer with no_new_privs is seen as such', async () => {
  station = new Station();
  const script = `import ctypes, socket, sys
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.recv(1)`;
  const child = spawn('python3', ['-c', script, station.path], { stdio: 'ignore' });
  const { connection } = await station.first();
  expect(connection.peer).toMatchObject({ pid: child.pid, noNewPrivs: 1, seccomp: 0, errnum: 0 });
  connection.destroy();
  await once(child, 'close');
});

test('a peer that is dead when it is accepted has errnum ESRCH', async () => {
  station = new Station();
  const script = `import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
if os.fork():
    print(os.getpid())
else:
    os.closerange(0, 3)
    s.recv(1)`;
  // Synchronous: the loop, and with it accept, stands still until the process that connected is gone.
  const pid = Number(execFileSync('python3', ['-c', script, station.path], { encoding: 'utf8' }));
  expect((await station.first()).connection.peer).toMatchObject({ pid, errnum: 3 });
});

test('frame split at every byte -> one frame', async () => {
  station = new Station();
  const socket = station.connect();
  const bytes = frame(CALL, callPayload(Buffer.from('abc')));
  for (let at = 0; at < bytes.length; at++) {
    socket.write(bytes.subarray(at, at + 1));
    if (at % 16 === 0) await sleep(0);
  }
  const seen = await station.first();
  await until(() => seen.frames.length === 1);
  expect(seen.frames[0]?.payload.equals(callPayload(Buffer.from('abc')))).toBe(true);
});

test('many frames in one write -> all, in order', async () => {
  station = new Station();
  const all = Array.from({ length: 2000 }, (_, i) => frame(STDIN, Buffer.from(String(i))));
  station.connect().write(Buffer.concat(all));
  const seen = await station.first();
  await until(() => seen.frames.length === 2000);
  expect(seen.frames.map(({ payload }) => Number(payload.toString()))).toEqual([...Array(2000).keys()]);
});

test('a CALL of the greatest length arrives whole', async () => {
  station = new Station();
  const stdin = Buffer.alloc(constant('FRAME_CALL_MAX_BYTES') - callPayload().length, 'x');
  station.connect().write(frame(CALL, callPayload(stdin)));
  const seen = await station.first();
  await until(() => seen.frames.length === 1);
  expect(seen.frames[0]?.payload.length).toBe(constant('FRAME_CALL_MAX_BYTES'));
});

test.each([
  ['garbage', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), EPROTONOSUPPORT],
  ['wrong version', frame(STDIN, Buffer.from('x'), 2), EPROTONOSUPPORT],
  ['unknown kind', frame(999), EPROTO],
  ["the daemon's own kind", frame(STARTED), EPROTO],
  ["an operator's kind", frame(constant('FRAME_CONTROL_REQUEST'), Buffer.from('{}')), EPROTO],
  ['oversized frame', frame(STDIN, Buffer.alloc(DATA_MAX + 1)), EMSGSIZE],
  ['CALL whose lengths do not add up', frame(CALL, Buffer.alloc(312)), EBADMSG],
])('%s -> closed, nothing delivered', async (_name, bytes, errnum) => {
  station = new Station();
  station.connect().write(bytes);
  const seen = await station.first();
  await until(() => seen.closed.length > 0);
  expect(seen).toMatchObject({ frames: [], closed: [errnum] });
});

test('oversized header without payload -> closed at once', async () => {
  station = new Station();
  station.connect().write(frame(STDIN, Buffer.alloc(DATA_MAX + 1)).subarray(0, 16));
  const seen = await station.first();
  await until(() => seen.closed.length > 0);
  expect(seen.closed).toEqual([EMSGSIZE]);
});

test('half a frame and close -> onClosed(0), nothing delivered', async () => {
  station = new Station();
  station.connect().end(frame(CALL, callPayload()).subarray(0, 100));
  const seen = await station.first();
  await until(() => seen.closed.length > 0);
  expect(seen).toMatchObject({ frames: [], closed: [0] });
});

test('frame and close -> the frame, then onClosed(0) once', async () => {
  station = new Station();
  station.connect().end(frame(STDIN, Buffer.from('x')));
  const seen = await station.first();
  await until(() => seen.closed.length > 0);
  await sleep(10);
  expect(seen.frames.length).toBe(1);
  expect(seen.closed).toEqual([0]);
});

test('descriptor with a CALL -> one open descriptor of ours', async () => {
  station = new Station();
  const clientEnded = rightsClient(`fds:1:${frame(CALL, callPayload()).toString('hex')}`, 'read');
  const seen = await station.first();
  await until(() => seen.frames.length === 1);
  const fd = seen.frames[0]?.fds[0] as number;
  expect(seen.frames[0]?.fds.length).toBe(1);
  expect(fstatSync(fd).ino).toBe(statSync('/').ino);
  native.closeFd(fd);
  seen.connection.destroy();
  await clientEnded;
});

test.each([
  ['two descriptors in one message', [`fds:2:${frame(CALL, callPayload()).toString('hex')}`]],
  ['200 descriptors in one message', [`fds:200:${frame(CALL, callPayload()).toString('hex')}`]],
  ['a descriptor with another frame', [`fds:1:${frame(STDIN, Buffer.from('x')).toString('hex')}`]],
  ['a second descriptor before the CALL is whole', ['fds:1:00', 'fds:1:00']],
])('%s -> closed with EPROTO, no descriptor kept', async (_name, steps) => {
  station = new Station();
  const before = openFdCount();
  const clientEnded = rightsClient(...steps, 'read');
  const seen = await station.first();
  await until(() => seen.closed.length > 0);
  await clientEnded;
  expect(seen).toMatchObject({ frames: [], closed: [EPROTO] });
  expect(openFdCount()).toBeLessThanOrEqual(before);
});

test('a descriptor whose CALL never comes is closed with the connection', async () => {
  station = new Station();
  const before = openFdCount();
  const clientEnded = rightsClient(`fds:1:${frame(CALL, callPayload()).subarray(0, 40).toString('hex')}`);
  const seen = await station.first();
  await until(() => seen.closed.length > 0);
  await clientEnded;
  expect(openFdCount()).toBeLessThanOrEqual(before);
});

test('operator: a request is taken, a descriptor is not', async () => {
  station = new Station('operator');
  const request = frame(constant('FRAME_CONTROL_REQUEST'), Buffer.from('{"verb":"status"}'));
  station.connect().write(request);
  const seen = await station.first();
  await until(() => seen.frames.length === 1);
  const clientEnded = rightsClient(`fds:1:${request.toString('hex')}`, 'read');
  await until(() => station.seen[1]?.closed.length === 1);
  await clientEnded;
  expect(station.seen[1]).toMatchObject({ frames: [], closed: [EPROTO] });
});

test('send -> frames with kind, call id and parts in order', async () => {
  station = new Station();
  const socket = station.connect();
  const { connection } = await station.first();
  expect(connection.sendNow(STARTED, 7)).toBe(0);
  expect(connection.send(STDOUT, 2 ** 40, Buffer.from('ab'), Buffer.alloc(0), new Uint8Array([99]))).toBe(0);
  connection.end();
  const frames = decode(await readAll(socket));
  expect(frames).toEqual([
    { kind: STARTED, callId: 7, payload: Buffer.alloc(0) },
    { kind: STDOUT, callId: 2 ** 40, payload: Buffer.from('abc') },
  ]);
});

test('send refuses what the protocol does not know', async () => {
  station = new Station();
  station.connect();
  const { connection } = await station.first();
  expect(connection.send(STDOUT, 1, Buffer.alloc(DATA_MAX + 1))).toBe(-EMSGSIZE);
  expect(connection.send(CALL, 1)).toBe(-EPROTO);
  expect(connection.sendNow(STDOUT, 1, Buffer.alloc(DATA_MAX))).toBe(-EMSGSIZE);
});

test('a client that does not read: bytes are queued, end() sends them all, then closes', async () => {
  station = new Station();
  const socket = station.connect().pause();
  const { connection } = await station.first();
  let queuedBytes = 0;
  let sentFrames = 0;
  for (; queuedBytes < 512 * 1024; sentFrames++) queuedBytes = connection.send(STDOUT, 1, Buffer.alloc(DATA_MAX, 'q'));
  expect(connection.sendNow(STARTED, 1)).toBe(-11);
  connection.end();
  expect(connection.send(STDOUT, 1)).toBe(-EPIPE);
  const bytes = await readAll(socket);
  expect(bytes.length).toBe(sentFrames * (DATA_MAX + 16));
});

test('onDrained comes once the queue is empty', async () => {
  station = new Station();
  const socket = station.connect().pause();
  const seen = await station.first();
  while (seen.connection.send(STDOUT, 1, Buffer.alloc(DATA_MAX)) === 0);
  expect(seen.drained).toBe(0);
  socket.resume();
  await until(() => seen.drained === 1);
});

test('a queue at its bound -> -ENOBUFS, then onClosed(ENOBUFS) once', async () => {
  station = new Station();
  station.connect().pause();
  const seen = await station.first();
  let result = 0;
  let queuedBytes = 0;
  while (result >= 0) {
    queuedBytes = result;
    result = seen.connection.send(STDOUT, 1, Buffer.alloc(DATA_MAX));
  }
  expect(result).toBe(-ENOBUFS);
  expect(queuedBytes).toBeGreaterThan(1024 * 1024);
  expect(queuedBytes).toBeLessThanOrEqual(1280 * 1024);
  expect(seen.closed).toEqual([]); // never from inside send
  await until(() => seen.closed.length > 0);
  expect(seen.closed).toEqual([ENOBUFS]);
  expect(seen.connection.send(STDOUT, 1)).toBe(-EPIPE);
});

test('a client that shut its reading side -> sendNow answers -EPIPE', async () => {
  station = new Station();
  const script = `import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.shutdown(socket.SHUT_RD)
s.send(bytes.fromhex(sys.argv[2]))
sys.stdin.read()`;
  const client = spawn('python3', ['-c', script, station.path, frame(STDIN).toString('hex')]);
  const seen = await station.first();
  await until(() => seen.frames.length === 1); // sent after the shutdown
  expect(seen.connection.sendNow(STARTED, 1)).toBe(-EPIPE);
  expect(seen.connection.send(END, 1, Buffer.alloc(24))).toBe(-EPIPE);
  client.stdin.end();
  await until(() => seen.closed.length === 1);
});

test('paused: nothing is delivered; resumed: everything, also what was read before', async () => {
  station = new Station('client', (seen: Seen) => ({ onFrame: () => seen.connection.pauseReading() }));
  station
    .connect()
    .write(Buffer.concat([frame(STDIN, Buffer.from('a')), frame(STDIN, Buffer.from('b')), frame(STDIN_END)]));
  const seen = await station.first();
  for (let expected = 1; expected <= 3; expected++) {
    await until(() => seen.frames.length === expected);
    await sleep(20);
    expect(seen.frames.length).toBe(expected);
    seen.connection.resumeReading();
    expect(seen.frames.length).toBe(expected); // never from inside resumeReading
  }
});

test('paused: a client that hangs up is noticed', async () => {
  station = new Station();
  const socket = station.connect();
  const seen = await station.first();
  seen.connection.pauseReading();
  socket.write(frame(STDIN, Buffer.alloc(1000)));
  await sleep(5);
  socket.destroy();
  await until(() => seen.closed.length > 0);
  expect(seen).toMatchObject({ frames: [], closed: [0] });
});

test('events set later: what came before is delivered then', async () => {
  let connection: Seen['connection'] | undefined;
  station = new Station();
  const path = `${station.path}2`;
  const listener = native.listen(path, 'client', (accepted) => {
    connection = accepted;
  });
  const { connect } = await import('node:net');
  const socket = connect(path, () => socket.end(frame(STDIN, Buffer.from('early'))));
  await until(() => connection !== undefined);
  await sleep(20);
  const events: string[] = [];
  connection?.setEvents({
    onFrame: (_kind, payload) => events.push(payload.toString()),
    onClosed: (errnum) => events.push(`closed ${errnum}`),
    onDrained: () => {},
  });
  await until(() => events.length === 2);
  expect(events).toEqual(['early', 'closed 0']);
  listener.close();
});

test('destroy inside onFrame: the frames behind it are not delivered, onClosed is not called', async () => {
  station = new Station('client', (seen: Seen) => ({ onFrame: () => seen.connection.destroy() }));
  const socket = station.connect();
  socket.write(Buffer.concat([frame(STDIN), frame(STDIN), frame(STDIN)]));
  await readAll(socket);
  const seen = await station.first();
  expect(seen.frames.length).toBe(1);
  expect(seen.closed).toEqual([]);
});

test('300 connections: 256 are served, the rest closed at once; all descriptors come back', async () => {
  station = new Station();
  const before = openFdCount();
  const sockets = Array.from({ length: 300 }, () => station.connect());
  let closedCount = 0;
  for (const socket of sockets) socket.on('close', () => closedCount++).resume();
  await until(() => station.seen.length === 256 && closedCount === 44);
  for (const socket of sockets) socket.destroy();
  await until(() => station.seen.every(({ closed }) => closed.length === 1));
  const again = station.connect();
  await until(() => station.seen.length === 257);
  again.destroy();
  await until(() => station.seen[256]?.closed.length === 1 && openFdCount() <= before);
});

test('a listener that closes leaves its connections open', async () => {
  station = new Station();
  const socket = station.connect();
  const seen = await station.first();
  station.listener.close();
  station.listener.close();
  socket.write(frame(STDIN));
  await until(() => seen.frames.length === 1);
});

async function readAll(socket: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
