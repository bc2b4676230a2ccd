/** Whoever can reach the listener for http hooks and has no business there: other users, web pages, and clients that are slow,
 *  large, many or ambiguous. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../supervisor/contract/limits.js';
import { HttpDaemon } from '../lib/http-hooks.js';
import { onlyRoot } from '../lib/skip.js';
import { waitFor } from '../lib/wait.js';

const SLOW_MS = LIMITS.httpHeadTimeoutMs + 4 * LIMITS.httpTimeoutLookEveryMs;
const NOBODY = 65534;
/** Descriptors that the daemon opens and closes for its own work meanwhile. */
const OTHERS = 16;

let http: HttpDaemon;
const sockets: Socket[] = [];

beforeAll(async () => {
  http = await HttpDaemon.start({ ran: { command: 'echo ran >> ran; exit 2' }, other: { command: 'exit 2' } });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  rmSync(join(http.project, 'ran'), { force: true });
  await serves();
});
afterAll(async () => {
  expect(await http.daemon.stop(), 'left behind').toEqual([]);
});

/** As for an agent that has nothing to do with the attack. */
async function serves(): Promise<void> {
  expect((await http.ask('other', http.event('Stop'))).body).toContain('block');
}

function runs(): number {
  const file = join(http.project, 'ran');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}

/** Statuses of all answers that came. */
async function statuses(bytes: string): Promise<string[]> {
  const { text } = await http.raw(bytes);
  return [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status = '']) => status);
}

function open(count: number): Promise<void> {
  const opened = Array.from({ length: count }, () => {
    const socket = connect(http.port, '127.0.0.1');
    socket.on('error', () => {});
    sockets.push(socket);
    return new Promise<void>((done) => {
      socket.once('connect', () => done());
      socket.once('close', () => done());
    });
  });
  return Promise.all(opened).then(() => {});
}

describe('without business there', () => {
  it.each([
    ['a name that was made to resolve to us', { Host: 'evil.example' }, 403],
    ['a page that has the token', { Origin: 'https://evil.example' }, 403],
    ['a page of the same origin', { 'Sec-Fetch-Site': 'same-origin' }, 403],
    ['a wrong token', { Authorization: `Bearer ${'A'.repeat(43)}` }, 401],
    ['no token', { Authorization: '' }, 401],
    ['what a form can send', { 'Content-Type': 'text/plain' }, 415],
  ])('%s: refused, and nothing runs', async (_who, headers, expected) => {
    const { status, body } = await http.ask('ran', http.event('Stop'), { headers });
    expect([status, runs()]).toEqual([expected, 0]);
    expect(body).not.toContain(http.token);
  });

  it('a browser that asks first is not encouraged', async () => {
    const lines = ['OPTIONS /hook/ran HTTP/1.1', `Host: 127.0.0.1:${http.port}`, 'Origin: https://evil.example'];
    const { text } = await http.raw(`${lines.join('\r\n')}\r\nAccess-Control-Request-Method: POST\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
    expect(text.toLowerCase()).not.toContain('access-control');
  });

  it('another user is refused, without the token and with it', onlyRoot('can be another user'), () => {
    const program = [
      'import socket, sys',
      's = socket.create_connection(("127.0.0.1", int(sys.argv[1])))',
      's.sendall(sys.argv[2].encode()); print(s.recv(99).split()[1].decode())',
    ].join('\n');
    const as = (uid: number, head: string) => {
      const event = http.event('Stop');
      const request = `${head}Content-Length: ${event.length}\r\n\r\n${event}`;
      const args = ['-c', program, String(http.port), request];
      return spawnSync('/usr/bin/python3', args, { uid, cwd: '/', encoding: 'utf8', env: {} }).stdout.trim();
    };
    const head = http.head('ran');
    expect([as(NOBODY, head.replace(http.token, 'x')), as(NOBODY, head), runs()]).toEqual(['401', '403', 0]);
    expect([as(0, head), runs()]).toEqual(['200', 1]);
  });
});

describe('a request inside of another', () => {
  const inner = () => {
    const event = http.event('Stop');
    return `${http.head('ran')}Content-Length: ${event.length}\r\n\r\n${event}`;
  };

  it.each([
    [
      'a length and pieces',
      (body: string) => `Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['pieces', () => 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['pieces in disguise', () => 'Content-Length: 4\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n'],
    ['pieces of another name', () => 'Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', () => 'Content-Length: 0\r\nContent-Length: 4\r\n\r\n'],
    ['two lengths in one', () => 'Content-Length: 0, 4\r\n\r\n'],
    ['a length below nothing', () => 'Content-Length: -1\r\n\r\n'],
    ['a line that goes on', () => 'X: a\r\n Content-Length: 4\r\n\r\n'],
    ['an end of line that is none', () => 'Content-Length: 2\nX: y\n\n{}'],
    ['a body that is waited for', () => 'Content-Length: 4\r\nExpect: 100-continue\r\n\r\n'],
  ])('by %s: neither is run, and the connection ends', async (_how, rest) => {
    const body = inner();
    const { text, isClosed } = await http.raw(http.head('ran') + rest(body) + body);
    expect([runs(), isClosed, text.includes('HTTP/1.1 200')]).toEqual([0, true, false]);
  });

  it('one behind the other: the first is answered, and nothing else', async () => {
    const bare = inner().replace(`Authorization: Bearer ${http.token}\r\n`, '');
    expect(await statuses(inner() + bare + inner())).toEqual(['200', '401']);
    expect(await statuses(inner() + inner() + inner())).toEqual(['200', '400']);
    expect(runs()).toBe(2);
    expect((await http.status()).running).toBe(0);
  });

  it('many behind one whose client has gone are forgotten with it', async () => {
    await open(1);
    for (let i = 0; i < 20; i++) sockets[0]?.write(inner());
    sockets[0]?.destroy();
    await waitFor('their end', async () => ((await http.status()).running === 0 ? true : undefined));
    expect(runs()).toBeLessThanOrEqual(1);
  });
});

describe('too much', () => {
  it('a body that is too large is refused before it comes', async () => {
    const tooLarge = `Content-Length: ${LIMITS.httpBodyMaxBytes + 1}\r\n\r\n`;
    expect(await statuses(http.head('ran') + tooLarge)).toEqual(['413']);
  });

  it('bodies that are announced and never come take no more than their share', async () => {
    const announced = `${http.head('ran')}Content-Length: ${LIMITS.httpBodyMaxBytes}\r\n\r\n{`;
    const most = LIMITS.httpBodiesMaxBytes / LIMITS.httpBodyMaxBytes;
    await open(most);
    for (const socket of sockets) socket.write(announced);
    await waitFor('them', async () => ((await http.status()).running === most ? true : undefined));
    expect((await http.ask('ran', http.event('Stop'))).status).toBe(503);
    for (const socket of sockets.splice(0)) socket.destroy();
    await waitFor('their end', async () => ((await http.status()).running === 0 ? true : undefined));
    expect(runs()).toBe(0);
  });

  it('an event that is nested without end, and one that is none', async () => {
    expect((await http.ask('ran', '['.repeat(LIMITS.httpBodyMaxBytes))).status).toBe(400);
    expect((await http.ask('ran', '')).status).toBe(400);
    expect(runs()).toBe(0);
  });

  it('a head without end', async () => {
    const { text, isClosed } = await http.raw(`${http.head('ran')}X: ${'y'.repeat(LIMITS.httpHeaderMaxBytes)}`);
    expect([isClosed, text.includes('200')]).toEqual([true, false]);
  });

  it('1,000 connections that say nothing: an agent is served, and none of them for long', async () => {
    const { pid } = await http.daemon.status();
    const descriptors = () => readdirSync(`/proc/${pid}/fd`).length;
    const before = descriptors();
    await open(1_000);
    await serves();
    const { connections, crowdedOut } = await http.status();
    expect(connections).toBeLessThanOrEqual(LIMITS.httpConnectionsMax);
    expect(crowdedOut).toBeGreaterThan(800);
    expect(descriptors() - before).toBeLessThanOrEqual(LIMITS.httpConnectionsMax + OTHERS);
    await waitFor('their end', async () => ((await http.status()).connections === 0 ? true : undefined), SLOW_MS);
  });

  it('clients that send a letter at a time: an agent is served, and they are closed all the same', async () => {
    await open(50);
    const head = http.head('ran');
    let at = 0;
    const drip = setInterval(() => {
      for (const socket of sockets) socket.write(head[at] ?? 'x');
      at++;
    }, 200);
    await serves();
    await waitFor('their end', () => (sockets.every(({ destroyed }) => destroyed) ? true : undefined), SLOW_MS);
    clearInterval(drip);
  });
});
