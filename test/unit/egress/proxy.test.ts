/** The proxy over sockets, with servers of ours for the internet and a resolver of the test's. */
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAllowEntry } from '../../../supervisor/contract/allow-list.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { createProxy, type Door } from '../../../supervisor/egress/proxy.js';
import { waitFor } from '../../lib/wait.js';

let undo: (() => void)[] = [];
let door: Door;
let port: number;
let web: { server: Server; port: number; seen: { request: IncomingMessage; body: string; localAddress: string }[] };
let answers: Record<string, string[][]>;
let refused: string[];
let passed: number;

async function listening(server: {
  listen(port: number, host: string, done: () => void): unknown;
  address(): unknown;
}) {
  await new Promise<void>((done) => void server.listen(0, '0.0.0.0', done));
  return (server.address() as AddressInfo).port;
}

beforeEach(async () => {
  undo = [];
  answers = {};
  refused = [];
  passed = 0;
  const server = createHttpServer((request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (text) => {
      body += text;
    });
    request.on('end', () => {
      web.seen.push({ request, body, localAddress: request.socket.localAddress ?? '' });
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.end(`got ${request.url}`);
    });
  });
  web = { server, port: await listening(server), seen: [] };
  undo.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await open(`a.example:${web.port}`, `127.0.0.2:${web.port}`);
});
afterEach(() => {
  door.close();
  for (const each of undo) each();
});

async function open(...list: string[]): Promise<void> {
  door?.close();
  const openDoor = createProxy({
    entries: list.flatMap((text) => parseAllowEntry(text) ?? []),
    resolve: async (name) => answers[name]?.shift() ?? 'asked too often',
    ownAddresses: () => [],
    passed: () => void passed++,
    refused: (target, why) => void refused.push(`${target} ${why}`),
  });
  door = openDoor();
  port = await listening(door.server);
}

function dial(): Socket & { text: string } {
  const socket = Object.assign(connect(port, '127.0.0.1'), { text: '' });
  socket.setEncoding('latin1').on('data', (data) => {
    socket.text += data;
  });
  socket.on('error', () => {});
  undo.push(() => socket.destroy());
  return socket;
}

/** All that is answered to these bytes, until the proxy closes. */
async function said(bytes: string): Promise<string> {
  const socket = dial();
  socket.write(bytes, 'latin1');
  await new Promise((done) => socket.once('close', done));
  return socket.text;
}

const get = (url: string, more = '') => `GET ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`;
const connectTo = (authority: string) => `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`;

/** A server that hands over its connections. */
async function raw(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
    onConnection(socket);
  });
  undo.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return listening(server);
}

describe('a plain request', () => {
  test('is passed on, its answer comes back, and it is counted', async () => {
    answers = { 'a.example': [['127.0.0.2']] };
    const answer = await said(get(`http://a.example:${web.port}/x?y`));
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toContain('got /x?y');
    expect(answer.match(/set-cookie: \w=\d/g)).toHaveLength(2);
    expect([passed, refused]).toEqual([1, []]);
  });

  test('goes to the address that was judged: a name that changes its mind meanwhile is not asked again', async () => {
    answers = { 'a.example': [['127.0.0.2'], ['127.0.0.1']] };
    await said(get(`http://a.example:${web.port}/`));
    expect(web.seen.map(({ localAddress }) => localAddress)).toEqual(['127.0.0.2']);
    expect(answers['a.example']).toHaveLength(1);
  });

  test('is refused with the reason where its name leads to an address that is not listed', async () => {
    answers = { 'a.example': [['127.0.0.1']] };
    const answer = await said(get(`http://a.example:${web.port}/`));
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(answer).toContain('it leads to 127.0.0.1 (loopback, 127.0.0.0/8), which is not on the allow-list\n');
    expect([web.seen.length, passed, refused.length]).toEqual([0, 0, 1]);
  });

  test('is written anew: host from the URL, nothing that belongs to the connection', async () => {
    answers = { 'a.example': [['127.0.0.2']] };
    const more = 'X-Kept: 1\r\nX-Dropped: 1\r\nProxy-Authorization: secret\r\nUpgrade: websocket\r\nTE: trailers\r\n';
    const text = get(`http://a.example:${web.port}/`, more).replace(
      'Connection: close',
      'Connection: close, x-dropped',
    );
    await said(text.replace('Host: x', 'Host: other.example'));
    expect(web.seen[0]?.request.headers).toEqual({ 'x-kept': '1', host: `a.example:${web.port}`, connection: 'close' });
  });

  test('carries its body, of a GET too, as a body and not as the next request', async () => {
    answers = { 'a.example': [['127.0.0.2'], ['127.0.0.2']] };
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: other.example\r\n\r\n';
    const chunk = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`;
    await said(get(`http://a.example:${web.port}/one`, 'Transfer-Encoding: chunked\r\n') + chunk);
    const post = get(`http://a.example:${web.port}/two`, `Content-Length: ${smuggled.length}\r\n`).replace(
      'GET',
      'POST',
    );
    await said(post + smuggled);
    expect(web.seen.map(({ request, body }) => [request.url, body])).toEqual([
      ['/one', smuggled],
      ['/two', smuggled],
    ]);
  });

  test('each request of a connection is judged by itself', async () => {
    answers = { 'a.example': [['127.0.0.2']] };
    const first = get(`http://a.example:${web.port}/`).replace('Connection: close\r\n', '');
    const answer = await said(first + get(`http://b.example:${web.port}/`));
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 403']);
    expect(refused).toEqual([`b.example:${web.port} it is not on the allow-list`]);
  });

  test('a host that is not there, or answers nonsense, is a 502', async () => {
    const odd = ['nonsense\r\n\r\n', 'HTTP/1.1 099 x\r\n\r\n', 'HTTP/1.1 101 x\r\nUpgrade: y\r\n\r\n'];
    const ports = [1, ...(await Promise.all(odd.map((text) => raw((socket) => socket.end(text)))))];
    await open('a.example:9', ...ports.map((one) => `127.0.0.2:${one}`));
    for (const one of ports) {
      const answer = await said(get(`http://127.0.0.2:${one}/`));
      expect(answer).toMatch(/^HTTP\/1\.1 502 /);
      expect(answer).toContain(`hook-supervisor: 127.0.0.2:${one}: `);
    }
    const answer = await said(get('http://a.example:9/'));
    expect(answer).toMatch(/^HTTP\/1\.1 502 /);
    expect(answer).toContain('\r\n\r\nhook-supervisor: a.example:9: asked too often\n');
  });
});

describe('CONNECT', () => {
  test('carries bytes both ways, those that came with it too, and each half ends by itself', async () => {
    const echo = await raw((socket) =>
      socket.on('data', (data) => socket.write(data)).on('end', () => socket.end('bye')),
    );
    await open(`127.0.0.2:${echo}`);
    const socket = dial();
    socket.write(`${connectTo(`127.0.0.2:${echo}`)}early`);
    await waitFor('the early bytes', () => socket.text.endsWith('\r\n\r\nearly') || undefined);
    socket.end('late');
    await new Promise((done) => socket.once('close', done));
    expect(socket.text).toMatch(/^HTTP\/1\.1 200 Connection established\r\n\r\nearlylatebye$/);
  });

  test('is refused with the reason, and nothing is connected', async () => {
    for (const authority of [`127.0.0.1:${web.port}`, `b.example:${web.port}`, 'a.example:22', '169.254.169.254:80']) {
      const answer = await said(connectTo(authority));
      expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
      expect(answer).toContain(`hook-supervisor: ${authority}: `);
    }
    expect(refused).toHaveLength(4);
  });

  test('a large answer waits for a slow hook and is whole, though hook and host have both ended theirs', async () => {
    const bytes = 24 * 1024 * 1024;
    let written = 0;
    const flood = await raw((socket) => {
      const more = () => {
        while (written < bytes) {
          written += 65_536;
          if (!socket.write('x'.repeat(65_536))) return void socket.once('drain', more);
        }
        socket.end('the end'); // little enough that nobody asks to wait for it
      };
      more();
    });
    await open(`127.0.0.2:${flood}`);
    const socket = dial();
    socket.write(connectTo(`127.0.0.2:${flood}`));
    await waitFor('the tunnel', () => socket.text.length > 0 || undefined);
    socket.pause();
    socket.end(); // from here on the tunnel is open in the one direction only
    await new Promise((done) => setTimeout(done, 300));
    expect(written).toBeLessThan(bytes); // it waits in sockets, not in our memory
    socket.on('data', () => {
      socket.pause();
      setTimeout(() => socket.resume(), 1);
    });
    socket.resume();
    await new Promise((done) => socket.once('close', done));
    expect(socket.text.length).toBe('HTTP/1.1 200 Connection established\r\n\r\n'.length + bytes + 'the end'.length);
  });

  test('the end of the hook is that of the connection to the host', async () => {
    let isOver = false;
    const held = await raw((socket) => {
      socket.on('close', () => {
        isOver = true;
      });
      socket.resume().on('end', () => socket.end());
    });
    await open(`127.0.0.2:${held}`);
    const socket = dial();
    socket.write(connectTo(`127.0.0.2:${held}`));
    await waitFor('the tunnel', () => socket.text.length > 0 || undefined);
    socket.resetAndDestroy(); // as when its process is killed
    await waitFor('the end of the other side', () => isOver || undefined);
  });
});

describe('hostile bytes', () => {
  test.each([
    ['no HTTP', 'nonsense\r\n\r\n'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a request to the proxy itself', get('/')],
    ['another scheme', get('https://a.example/')],
    ['an authority that is none', connectTo('a.example')],
    ['two lengths', get('http://a.example/', 'Content-Length: 1\r\nContent-Length: 2\r\n')],
    ['a length and chunks', get('http://a.example/', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n')],
    ['a header without a name', get('http://a.example/', ': x\r\n')],
    ['a folded line', get('http://a.example/', 'X: 1\r\n y\r\n')],
    ['a line end by itself', 'GET http://a.example/ HTTP/1.1\nHost: x\rX: 1\n\n'],
    ['a zero byte', get('http://a.exa\0mple/')],
  ])('%s: 400, and the next is served', async (_name, bytes) => {
    expect(await said(bytes)).toMatch(/^HTTP\/1\.1 400 /);
    answers = { 'a.example': [['127.0.0.2']] };
    expect(await said(get(`http://a.example:${web.port}/`))).toMatch(/^HTTP\/1\.1 200 /);
    expect(web.seen).toHaveLength(1);
  });

  test('a header without an end is cut off', async () => {
    const long = `X: ${'x'.repeat(LIMITS.egressHeaderMaxBytes)}\r\n`;
    expect(await said(get('http://a.example/', long))).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('random bytes leave it serving', async () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed;
    };
    const words = [
      'GET ',
      'CONNECT ',
      'http://',
      'a.example',
      ':443',
      ' HTTP/1.1\r\n',
      'Host: x\r\n',
      '\r\n',
      '\r\n\r\n',
      '\0',
    ];
    for (let round = 0; round < 200; round++) {
      const text = Array.from({ length: random() % 12 }, () =>
        random() % 4 === 0 ? String.fromCharCode(random() % 256) : words[random() % words.length],
      );
      const socket = dial();
      socket.end(text.join(''), 'latin1');
    }
    answers = { 'a.example': [['127.0.0.2']] };
    await waitFor('an answer', async () => {
      answers['a.example']?.push(['127.0.0.2']);
      return (await said(get(`http://a.example:${web.port}/`))).startsWith('HTTP/1.1 200 ') || undefined;
    });
  });

  test('more connections than one door may have are closed, and those that are open go on', async () => {
    const first = dial();
    await waitFor('the first', () => first.readyState === 'open' || undefined);
    const flood = Array.from({ length: LIMITS.egressConnectionsPerDoorMax + 20 }, dial);
    let closed = 0;
    for (const socket of flood) socket.once('close', () => void closed++);
    await waitFor('the end of those too many', () => closed >= 20 || undefined);
    expect(closed).toBeLessThan(flood.length);
    answers = { 'a.example': [['127.0.0.2']] };
    first.write(get(`http://a.example:${web.port}/`));
    await waitFor('the answer', () => first.text.startsWith('HTTP/1.1 200 ') || undefined);
  });

  test('a door that is closed ends its connections', async () => {
    const socket = dial();
    socket.write(connectTo(`127.0.0.2:${web.port}`));
    await waitFor('the tunnel', () => socket.text.length > 0 || undefined);
    const end = new Promise((done) => socket.once('close', done));
    door.close();
    await end;
  });
});
