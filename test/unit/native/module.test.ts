import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { layout, native } from './support.js';

const root = join(import.meta.dirname, '../../..');
const addon = JSON.stringify(join(root, 'build/hook_supervisor.node'));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-module-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script in a Node of its own, where `native` is the addon and `path` a place for a socket. */
function runNode(script: string, ...flags: string[]) {
  const prelude = `const native = require(${addon}); const path = ${JSON.stringify(join(folder, 's'))}; const net = require('node:net');`;
  const result = spawnSync(process.execPath, [...flags, '-e', prelude + script], { encoding: 'utf8', timeout: 20_000 });
  rmSync(join(folder, 's'), { force: true });
  return { status: result.status, signal: result.signal, stdout: result.stdout, stderr: result.stderr };
}

test('layout has every constant, struct and field of wire.h, with the sizes that the header asserts', () => {
  const header = readFileSync(join(root, 'native-shim/include/wire.h'), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const names = [...header.matchAll(/^#define (\w+) +\S/gm)].map(([, name]) => name as string);
  for (const [, body] of header.matchAll(/^enum \w+ \{([^}]*)\}/gm))
    names.push(
      ...[...(body as string).matchAll(/(\w+)(?: *= *[^,\s}]+)?\s*(?:,|$)/g)].map(([, name]) => name as string),
    );
  for (const [, struct, body] of header.matchAll(/^struct (\w+) \{([^}]*)\}/gm))
    names.push(
      struct as string,
      ...[...(body as string).matchAll(/(\w+)(?:\[\w+\])?;/g)].map(([, field]) => `${struct}.${field}`),
    );
  expect(names.length).toBeGreaterThan(150);
  expect(Object.keys(layout).sort()).toEqual(names.sort());
  for (const [, struct, bytes] of header.matchAll(/sizeof\(struct (\w+)\) == (\d+)/g))
    expect(layout[struct as string]).toBe(Number(bytes));
  expect(layout).toMatchObject({
    FRAME_CALL: 1,
    RECORD_PAD: 0xffff,
    'frame_header.call_id': 8,
    'call_head.inherited': 40,
  });
});

const values = [
  undefined,
  null,
  true,
  3.5,
  -1,
  Number.NaN,
  2 ** 60,
  'text',
  Symbol('s'),
  {},
  [],
  () => {},
  Buffer.alloc(1),
  1n,
];
test('no function crashes on wrong arguments, and those it cannot use throw', () => {
  const safe = [
    'layout',
    'selfIdentity',
    'children',
    'setSubreaper',
    'setDumpable',
    'wireVersion',
    'closeFd',
    'kill',
    'lock',
    'reap',
  ];
  for (const [name, value] of Object.entries(native)) {
    if (typeof value !== 'function' || safe.includes(name)) continue;
    for (const first of values) {
      expect(() => value(first), `${name}(${String(first)})`).toThrow(TypeError);
      for (const second of values) expect(() => value(first, second, first), `${name}(${String(first)}, ..)`).toThrow();
    }
  }
  for (const name of ['closeFd', 'kill', 'lock', 'reap'] as const)
    for (const value of values)
      expect(() => (native[name] as (...all: unknown[]) => void)(value, value)).toThrow(TypeError);
  expect(() => (native.layout as (...all: unknown[]) => void)(...Array(40).fill(0))).not.toThrow();
});

test('a method on a wrong or hand-made object throws', () => {
  const channel = native.createChannel(256 * 1024, 1, folder);
  const listener = native.listen(join(folder, 'wrong'), 'client', () => {});
  const made = new (channel.constructor as new () => typeof channel)();
  for (const wrong of [{}, listener, made, Object.create(channel), null, 3])
    for (const method of ['write', 'counters', 'close', 'setEvents', 'isConsumed', 'sendFds'] as const)
      expect(() => (channel[method] as (...all: unknown[]) => void).call(wrong, 0, 0, 0, 0, 0)).toThrow(TypeError);
  for (const value of values) {
    expect(() => native.corruptRing(value as never)).toThrow(TypeError);
    expect(() => channel.setEvents(value as never)).toThrow(TypeError);
    if (!Buffer.isBuffer(value)) expect(() => channel.write(1, 0, 1, 0, 0, value as never)).toThrow(TypeError);
  }
  expect(() => native.corruptRing(listener as never)).toThrow(TypeError);
  expect(() => native.corruptRing(made)).toThrow(TypeError);
  channel.close();
  listener.close();
});

test.each([
  ['missing folder', '/nonexistent/s', 'ENOENT', 'bind'],
  ['too long', `/${'x'.repeat(200)}`, 'ENAMETOOLONG', 'bind'],
])('listen fails: %s -> error with code, syscall and path', (_name, path, code, syscall) => {
  expect(() => native.listen(path, 'client', () => {})).toThrow(expect.objectContaining({ code, syscall, path }));
});

test('a path that is taken -> EADDRINUSE, and the first listener still works', () => {
  const path = join(folder, 'taken');
  const first = native.listen(path, 'client', () => {});
  expect(() => native.listen(path, 'client', () => {})).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  expect(
    execFileSync('python3', ['-c', `import socket; socket.socket(socket.AF_UNIX).connect(${JSON.stringify(path)})`])
      .length,
  ).toBe(0);
  first.close();
});

test('an exception in a callback is an uncaught exception, and the loop goes on', () => {
  const script = `
    process.on('uncaughtException', (error) => console.log(error.message));
    const listener = native.listen(path, 'client', (connection) => {
      connection.setEvents({ onFrame() {}, onDrained() {}, onClosed() { listener.close(); throw new Error('in onClosed'); } });
      throw new Error('in onConnection');
    });
    const socket = net.connect(path, () => socket.destroy());`;
  expect(runNode(script)).toMatchObject({ status: 0, stdout: 'in onConnection\nin onClosed\n', stderr: '' });
});

test('promises and ticks of a callback run before the next callback', () => {
  const script = `
    const order = [];
    const listener = native.listen(path, 'client', (connection) => {
      connection.setEvents({
        onFrame() { order.push('frame'); Promise.resolve().then(() => order.push('promise')); },
        onDrained() {}, onClosed() { console.log(order.join()); listener.close(); } });
    });
    const frame = Buffer.from('0000000001000200' + '0000000000000000', 'hex');
    const socket = net.connect(path, () => socket.end(Buffer.concat([frame, frame])));`;
  expect(runNode(script)).toMatchObject({ status: 0, stdout: 'frame,promise,frame,promise\n' });
});

test('an open listener keeps the process, a closed one does not', () => {
  const script = `
    const listener = native.listen(path, 'client', () => {});
    setTimeout(() => { console.log('still here'); listener.close(); }, 50);`;
  expect(runNode(script)).toMatchObject({ status: 0, stdout: 'still here\n' });
});

test('process.exit with everything open ends cleanly', () => {
  const script = `
    native.createChannel(262144, 1, '/tmp').setEvents({ onRecord() {}, onClosed() {}, onSpace() {}, onAnswered() {} });
    native.listen(path, 'client', () => setTimeout(() => process.exit(0), 10));
    net.connect(path);`;
  expect(runNode(script)).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
});

test('setDumpable(false) hides the process from its own user; it can still describe itself', () => {
  // /proc/PID belongs to root while the process is not dumpable. Root itself would see no difference.
  const script = `
    const owner = () => require('node:fs').statSync('/proc/self/status').uid === process.getuid();
    if (process.getuid() === 0) process.setuid(65534);
    console.log(native.setDumpable(true), owner());
    console.log(native.setDumpable(false), owner(), native.selfIdentity().errnum);`;
  expect(runNode(script)).toMatchObject({ status: 0, stdout: '0 true\n0 false 0\n' });
});

test('a worker thread that is terminated closes what it had open', () => {
  const script = `
    const { Worker } = require('node:worker_threads');
    const fs = require('node:fs');
    const count = () => fs.readdirSync('/proc/self/fd').length;
    const inside = \`
      const native = require(${addon.replace(/\\/g, '\\\\')});
      const { parentPort, workerData } = require('node:worker_threads');
      const channel = native.createChannel(262144, 1, '/tmp');
      channel.setEvents({ onRecord() {}, onClosed() {}, onSpace() {}, onAnswered() {} });
      globalThis.kept = native.listen(workerData, 'client', (connection) => {
        connection.setEvents({ onFrame() {}, onClosed() {}, onDrained() {} });
        parentPort.postMessage('up');
      });
      parentPort.postMessage('listening');\`;
    async function round() {
      fs.rmSync(path, { force: true });
      const worker = new Worker(inside, { eval: true, workerData: path });
      let closed;
      await new Promise((resolve) => worker.on('message', (word) => {
        if (word === 'up') return resolve();
        const socket = net.connect(path).resume();
        closed = new Promise((resolve) => socket.on('close', resolve));
      }));
      await worker.terminate();
      await closed;
    }
    round().then(round).then(async () => {
      const before = count();
      for (let i = 0; i < 5; i++) await round();
      console.log(count() - before);
    });`;
  expect(runNode(script)).toEqual({ status: 0, signal: null, stdout: '0\n', stderr: '' });
});

test('closed objects are collected, open ones are not', () => {
  const script = `
    const fs = require('node:fs');
    const count = () => fs.readdirSync('/proc/self/fd').length;
    let accepted = 0;
    const registry = new FinalizationRegistry(() => collected++);
    let collected = 0;
    const listener = native.listen(path, 'client', (connection) => {
      accepted++;
      registry.register(connection, 0);
      connection.setEvents({ onFrame() {}, onClosed() {}, onDrained() {} });
    });
    const turn = () => new Promise((resolve) => setTimeout(resolve, 10));
    (async () => {
      await new Promise((resolve) => net.connect('/nonexistent').on('error', resolve)); // libuv opens a spare descriptor
      const before = count();
      let sockets = Array.from({ length: 100 }, () => net.connect(path));
      while (accepted < 100) await turn();
      gc(); await turn(); gc(); await turn();
      console.log('while open:', collected);
      for (const socket of sockets) socket.destroy();
      sockets = undefined;
      for (let i = 0; i < 50 && collected < 100; i++) { gc(); await turn(); }
      console.log('after close:', collected, 'descriptors:', count() - before);
      listener.close();
    })();`;
  expect(runNode(script, '--expose-gc')).toMatchObject({
    status: 0,
    stdout: 'while open: 0\nafter close: 100 descriptors: 0\n',
  });
});

test('a full descriptor table: the connection is closed, the listener goes on without spinning', () => {
  const script = `
    const fs = require('node:fs');
    let accepted = 0;
    const listener = native.listen(path, 'client', (connection) => { accepted++; connection.destroy(); });
    const clients = ${JSON.stringify(`import socket,sys,time
for _ in range(5):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    assert s.recv(1) == b""
print("closed")`)};
    const child = require('node:child_process').spawn('python3', ['-c', clients, path]);
    const full = [];
    try { for (;;) full.push(fs.openSync('/', 'r')); } catch {}
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk)).on('end', () => {
      for (const fd of full) fs.closeSync(fd);
      console.log(text.trim(), accepted);
      listener.close();
    });`;
  const prelude = `const native = require(${addon}); const path = ${JSON.stringify(join(folder, 'full'))};`;
  const limited = ['-c', 'ulimit -n 256; exec "$0" -e "$1"', process.execPath, prelude + script];
  const result = spawnSync('/bin/sh', limited, { encoding: 'utf8', timeout: 20_000 });
  expect(result).toMatchObject({ stderr: '', status: 0, stdout: 'closed 0\n' });
});

test('listenOn: what does not listen is refused; a listening socket serves on in another listener', () => {
  const wrong = `
    const file = require('node:fs').openSync('/dev/null');
    native.listenOn(file, 'operator', () => {});`;
  expect(runNode(wrong).stderr).toContain('ENOTSOCK');
  const right = `
    const first = native.listen(path, 'operator', () => console.log('the first'));
    const { spawnSync } = require('node:child_process');
    const inherited = first.descriptor();
    const script = 'const native = require(' + JSON.stringify(${addon}) + ');' +
      'const all = native.listenOn(3, "operator", () => { console.log("the second"); all.close(); });' +
      'require("node:net").connect(' + JSON.stringify(path) + ', function () { this.destroy(); });';
    const stdio = ['ignore', 'inherit', 'inherit', inherited];
    spawnSync(process.execPath, ['-e', script], { stdio });
    first.close();
    console.log(first.descriptor() < 0);`;
  expect(runNode(right)).toMatchObject({ status: 0, stdout: 'the second\ntrue\n', stderr: '' });
});
