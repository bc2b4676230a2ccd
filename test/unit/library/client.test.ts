/** The Node client, against a daemon that is played. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeFrame, JsonFrames } from '../../../supervisor/contract/json-frame.js';
import type { LibraryAsk, LibraryRequest } from '../../../supervisor/contract/library.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { FRAME_CONTROL_MAX_BYTES, FrameKind } from '../../../supervisor/contract/wire.js';
import { connect, type Decided, type Library } from '../../../supervisor/library/client.js';
import { kindsOf } from '../../lib/library.js';
import { waitFor } from '../../lib/wait.js';

const DECIDED: Decided = { kind: 'decided', contexts: [], notes: [], validators: [] };

let folder: string;
let server: Server;
let sockets: Socket[];
let requests: LibraryRequest[];
let library: Library;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-library-'));
  [sockets, requests] = [[], []];
  library = connect({ socketPath: join(folder, 'library.sock') });
});
afterEach(async () => {
  library.close();
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((done) => (server?.listening ? server.close(() => done()) : done()));
  rmSync(folder, { recursive: true, force: true });
});

/** Its answer to each request; undefined: none. */
async function daemonThat(answers: (request: LibraryRequest, socket: Socket) => object | undefined): Promise<void> {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    const frames = new JsonFrames(FrameKind.CONTROL_REQUEST);
    socket.on('data', (piece) => {
      frames.push(piece);
      for (let next = frames.next(); next.kind === 'frame'; next = frames.next()) {
        const request = next.value as LibraryRequest;
        requests.push(request);
        const answer = answers(request, socket);
        if (answer !== undefined) say(socket, { id: request.id, ...answer });
      }
    });
  });
  await new Promise<void>((done) => server.listen(join(folder, 'library.sock'), done));
}

function say(socket: Socket, reply: object): void {
  socket.write(encodeFrame(FrameKind.CONTROL_REPLY, JSON.stringify(reply)));
}

function asksOf(request: LibraryRequest | undefined): readonly LibraryAsk[] {
  return request !== undefined && 'asks' in request ? request.asks : [];
}

const decideAll = (request: LibraryRequest) => ({ outcomes: asksOf(request).map(() => DECIDED) });

test('what is asked goes out as it was given', async () => {
  await daemonThat(decideAll);
  const how = { agent: 'claude', priority: 'critical', validators: ['a'], timeoutMs: 5 } as const;
  expect(await library.submit({ é: 1 }, how)).toEqual(DECIDED);
  expect(requests).toEqual([{ id: 1, asks: [{ event: { é: 1 }, ...how }] }]);
});

test('what waits for others is asked after them, and not at all if one was not decided', async () => {
  await daemonThat((request) =>
    asksOf(request)[0]?.event.bad ? { error: { code: 'badRequest' } } : decideAll(request),
  );
  const first = library.submit({ n: 1 });
  const second = library.submit({ n: 2 }, { after: [first] });
  const bad = library.submit({ bad: true });
  const third = library.submit({ n: 3 }, { after: [second, bad] });
  expect(kindsOf(await Promise.all([first, second, bad, third]))).toEqual([
    ...['decided', 'decided', 'refused: badRequest', 'skipped'],
  ]);
  expect(requests.map((one) => asksOf(one)[0]?.event.n).filter((n) => n !== undefined)).toEqual([1, 2]);
});

test('a batch whose items depend on each other is asked in their order', async () => {
  const order: unknown[] = [];
  await daemonThat((request, socket) => {
    const n = asksOf(request)[0]?.event.n;
    order.push(n);
    setTimeout(() => {
      order.push(`${n} told`);
      const refused = { kind: 'refused', code: 'badEvent', message: 'm', remedy: 'r' };
      say(socket, { id: request.id, outcomes: [n === 2 ? refused : DECIDED] });
    }, 20);
    return undefined;
  });
  const outcomes = await library.submitBatch([
    { id: 'd', dependsOn: ['b'], event: { n: 4 } },
    { id: 'c', dependsOn: ['a'], event: { n: 3 } },
    { id: 'b', event: { n: 2 } },
    { id: 'a', event: { n: 1 } },
    { dependsOn: ['d'], event: { n: 5 } },
  ]);
  expect(kindsOf(outcomes)).toEqual(['skipped', 'decided', 'refused: badEvent', 'decided', 'skipped']);
  expect(order).toEqual([2, 1, '2 told', '1 told', 3, '3 told']);
  expect(outcomes[0]).toMatchObject({ because: expect.stringContaining('it waits for b') });
});

test.each([
  [
    'they wait for each other: a -> b -> a',
    [
      { id: 'a', dependsOn: ['b'] },
      { id: 'b', dependsOn: ['a'] },
    ],
  ],
  ['a waits for "x", which is not in the batch', [{ id: 'a', dependsOn: ['x'] }]],
  ['two have the id "a"', [{ id: 'a' }, { id: 'a' }, { dependsOn: ['a'] }]],
  ['items at most', Array(LIMITS.libraryGraphMax + 1).fill({ id: undefined, dependsOn: ['x'] })],
])('nothing is sent of a batch in which %s', async (message, items) => {
  await daemonThat(decideAll);
  const outcomes = await library.submitBatch(items.map((item) => ({ ...item, event: {} })));
  expect(outcomes.length).toBe(items.length);
  expect(outcomes[0]).toMatchObject({ kind: 'refused', code: 'badGraph', message: expect.stringContaining(message) });
  expect(requests).toEqual([]);
});

test('an answer in many pieces is whole, and so are those behind it', async () => {
  const texts = [3, 200_000, 5, 150_000].map((length, n) => String(n).repeat(length));
  await daemonThat((request, socket) => {
    if (request.id !== texts.length) return undefined;
    const replies = texts.map((reason, n) => ({ id: n + 1, outcomes: [{ ...DECIDED, reason }] }));
    socket.write(Buffer.concat(replies.map((one) => encodeFrame(FrameKind.CONTROL_REPLY, JSON.stringify(one)))));
    return undefined;
  });
  const outcomes = await Promise.all(texts.map(() => library.submit({})));
  expect(outcomes).toEqual(texts.map((reason) => ({ ...DECIDED, reason })));
});

test('a large batch goes in frames of as many events and bytes as the daemon takes', async () => {
  await daemonThat(decideAll);
  const text = 'x'.repeat(FRAME_CONTROL_MAX_BYTES / 3);
  const large = { event: { text } };
  const small = { event: {} };
  const tooLarge = { event: { text: text.repeat(3) } };
  const items = [large, large, large, tooLarge, ...Array(LIMITS.libraryBatchMax + 1).fill(small)];
  const kinds = kindsOf(await library.submitBatch(items));
  expect(kinds.indexOf('refused: tooLarge')).toBe(3);
  expect(kinds.filter((kind) => kind === 'decided').length).toBe(items.length - 1);
  expect(requests.map((one) => asksOf(one).length)).toEqual([2, 1, LIMITS.libraryBatchMax, 1]);
});

test('no more is in flight than the daemon takes; what waits goes on as others are answered, or is aborted', async () => {
  let isHeld = true;
  await daemonThat((request) => (isHeld ? undefined : decideAll(request)));
  const stop = new AbortController();
  const items = Array.from({ length: LIMITS.libraryEventsPerConnectionMax }, () => ({ event: {} }));
  const first = library.submitBatch(items);
  const waits = library.submit({ waits: true });
  const aborted = library.submit({ aborted: true }, { signal: stop.signal });
  const sent = LIMITS.libraryEventsPerConnectionMax / LIMITS.libraryBatchMax;
  await waitFor('all of the first', () => requests.length === sent || undefined);
  stop.abort();
  expect(await aborted).toEqual({ kind: 'aborted' });
  isHeld = false;
  for (const request of [...requests]) say(sockets[0] as Socket, { id: request.id, ...decideAll(request) });
  expect(await waits).toEqual(DECIDED);
  expect((await first).length).toBe(items.length);
  expect(asksOf(requests.at(-1))).toEqual([{ event: { waits: true } }]);
});

test('an abort is told to the daemon, and settles at once', async () => {
  await daemonThat(() => undefined);
  const stop = new AbortController();
  const asked = library.submit({}, { signal: stop.signal });
  await waitFor('it', () => requests.length === 1 || undefined);
  stop.abort();
  expect(await asked).toEqual({ kind: 'aborted' });
  await waitFor('the abort', () => requests.length === 2 || undefined);
  expect(requests[1]).toEqual({ id: 1, abort: true });
  expect(await library.submit({}, { signal: stop.signal })).toEqual({ kind: 'aborted' });
  expect(requests.length).toBe(2);
});

test('a daemon that hands over is asked no more: what it has not taken goes to the next one', async () => {
  const farewell = { id: 0, error: { code: 'restarting', message: 'm', remedy: 'r' } };
  await daemonThat((request, socket) => {
    if (sockets.length > 1) return decideAll(request);
    say(socket, farewell);
    socket.end();
    return undefined;
  });
  expect(await library.submit({})).toEqual(DECIDED);
  expect([sockets.length, requests.length]).toEqual([2, 2]);
});

test('after the farewell of a daemon new questions go to the next one, and what it has taken it answers', async () => {
  const farewell = { id: 0, error: { code: 'restarting', message: 'm', remedy: 'r' } };
  await daemonThat((request, socket) => {
    if (sockets.length > 1) return decideAll(request);
    if (requests.length === 1) say(socket, farewell);
    return undefined;
  });
  const taken = library.submit({ n: 1 });
  await waitFor('the farewell', async () => {
    await new Promise((done) => setTimeout(done, 20));
    return requests.length === 1 || undefined;
  });
  expect(await library.submit({ n: 2 })).toEqual(DECIDED);
  say(sockets[0] as Socket, { id: 1, outcomes: [DECIDED] });
  expect([await taken, sockets.length, requests.length]).toEqual([DECIDED, 2, 2]);
});

test('a daemon that ends without a word is told as lost, and nothing is asked twice', async () => {
  await daemonThat((_request, socket) => void socket.destroy());
  expect(await library.submit({})).toMatchObject({ kind: 'unavailable', code: 'lost' });
  expect(requests.length).toBe(1);
});

test('no daemon, no folder, and one that others can enter, are unavailable with a remedy', async () => {
  const elsewhere = connect({ socketPath: join(folder, 'none', 'library.sock') });
  expect(await elsewhere.submit({})).toMatchObject({ code: 'absent', message: expect.stringContaining('not there') });
  expect(await library.submit({})).toMatchObject({ code: 'absent', remedy: 'start the daemon: supervisor up -d' });
  await daemonThat(decideAll);
  chmodSync(folder, 0o750);
  expect(await library.submit({})).toMatchObject({ code: 'absent', message: expect.stringContaining('0750') });
  expect(sockets).toEqual([]);
});

test('one that speaks otherwise is unreadable', async () => {
  await daemonThat((_request, socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
  expect(await library.submit({})).toMatchObject({ kind: 'unavailable', code: 'unreadable' });
});

test('what cannot be written as JSON is refused', async () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  expect(await library.submit(cycle)).toMatchObject({ kind: 'refused', code: 'badRequest' });
});
