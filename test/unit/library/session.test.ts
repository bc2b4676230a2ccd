/** One program that is connected, on the daemon's side. */
import { beforeEach, expect, test } from 'vitest';
import type { Decided, LibraryReply } from '../../../supervisor/contract/library.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { StopSignal } from '../../../supervisor/contract/stop.js';
import { FrameKind } from '../../../supervisor/contract/wire.js';
import { Load } from '../../../supervisor/library/load.js';
import type { Asked } from '../../../supervisor/library/serving/request.js';
import { Session } from '../../../supervisor/library/serving/session.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { bash } from '../../lib/library.js';

const DECIDED: Decided = { kind: 'decided', contexts: [], notes: [], validators: [] };
const RESTARTING = { code: 'restarting', message: 'm', remedy: 'r' } as const;

interface Judged {
  asked: Asked;
  signal: StopSignal;
  decide(): void;
  fail(error: Error): void;
}

let clock: FakeClock;
let whole: Load;
let judged: Judged[];
let replies: LibraryReply[];
let ends: string[];
let notes: string[];
let queuedBytes: number;
let awaited: number;
let session: Session;

beforeEach(() => {
  clock = new FakeClock();
  whole = new Load({ events: LIMITS.libraryEventsMax, bytes: LIMITS.libraryBytesMax });
  [judged, replies, ends, notes, queuedBytes] = [[], [], [], [], 0];
  awaited = 0;
  session = newSession();
});

function newSession(): Session {
  const made: Session = new Session(
    {
      send(payload) {
        replies.push(JSON.parse(payload.toString()));
        return queuedBytes;
      },
      awaitRequest: () => void awaited++,
      end() {
        ends.push('end');
        made.closed();
      },
      cutOff: () => ends.push('cut off'),
    },
    {
      clock,
      judge: (asked, signal) =>
        new Promise((done, fail) => judged.push({ asked, signal, decide: () => done(DECIDED), fail })),
      note: (text) => notes.push(text),
      validatorNames: () => ['js'],
    },
    whole,
  );
  return made;
}

function ask(request: object, to = session): void {
  to.frame(FrameKind.CONTROL_REQUEST, Buffer.from(JSON.stringify(request)));
}

const settled = () => new Promise((done) => setImmediate(done));

test('a request is answered once all of it is decided, with outcomes in order', async () => {
  ask({ id: 3, asks: [{ event: bash('a'), priority: 'low', timeoutMs: 5 }, { event: {} }, { event: bash('b') }] });
  expect(judged.map(({ asked }) => [asked.event.toolInput?.command, asked.priority, asked.timeoutMs])).toEqual([
    ['a', 'low', 5],
    ['b', undefined, undefined],
  ]);
  judged[1]?.decide();
  await settled();
  expect([replies, session.inFlight]).toEqual([[], 3]);
  judged[0]?.decide();
  await settled();
  expect(replies).toMatchObject([{ id: 3, outcomes: [DECIDED, { kind: 'refused', code: 'badEvent' }, DECIDED] }]);
  expect([session.inFlight, whole.count]).toEqual([0, 0]);
});

test.each([
  ['an event that is none', { event: [] }],
  ['a word that is not known', { event: bash('a'), priorty: 'low' }],
  ['an agent that nobody knows', { event: bash('a'), agent: 'x' }],
  ['a priority that is none', { event: bash('a'), priority: 'urgent' }],
  ['names that are no list', { event: bash('a'), validators: 'js' }],
  ['more names than there can be', { event: bash('a'), validators: Array(LIMITS.validatorsMax + 1).fill('js') }],
  ['no time', { event: bash('a'), timeoutMs: 0 }],
  ['more time than is given', { event: bash('a'), timeoutMs: LIMITS.libraryTimeoutMaxMs + 1 }],
])('%s is refused without asking anybody', async (_name, asked) => {
  ask({ id: 1, asks: [asked] });
  await settled();
  expect(replies).toMatchObject([{ id: 1, outcomes: [{ kind: 'refused', code: 'badRequest' }] }]);
  expect(judged).toEqual([]);
});

test.each([
  ['none', []],
  ['more than one request may have', Array(LIMITS.libraryBatchMax + 1).fill({ event: {} })],
])('a request with %s is an error, and the connection goes on', (_name, asks) => {
  ask({ id: 1, asks });
  expect(replies).toMatchObject([{ id: 1, error: { code: 'badRequest' } }]);
  expect(ends).toEqual([]);
});

test('an abort ends what it names and nothing else, without a reply', async () => {
  ask({ id: 1, asks: [{ event: bash('a') }] });
  ask({ id: 2, asks: [{ event: bash('b') }] });
  ask({ id: 1, abort: true });
  ask({ id: 9, abort: true });
  expect(judged.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  expect(session.inFlight).toBe(1);
  for (const one of judged) one.decide();
  await settled();
  expect(replies).toMatchObject([{ id: 2 }]);
});

test('who hangs up aborts all it has asked', () => {
  ask({ id: 1, asks: [{ event: bash('a') }, { event: bash('b') }] });
  session.closed();
  expect(judged.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  expect([session.inFlight, whole.count]).toEqual([0, 0]);
});

test('events beyond the bound of one program are refused until others are answered; another program is served', async () => {
  const asks = Array(LIMITS.libraryBatchMax).fill({ event: bash('a') });
  const requests = LIMITS.libraryEventsPerConnectionMax / LIMITS.libraryBatchMax;
  for (let id = 1; id <= requests; id++) ask({ id, asks });
  expect(replies).toEqual([]);
  ask({ id: 100, asks: [{ event: bash('a') }] });
  expect(replies).toMatchObject([{ id: 100, error: { code: 'busy', retryAfterMs: LIMITS.libraryRetryAfterMs } }]);
  ask({ id: 1, asks: [{ event: bash('a') }] }, newSession());
  expect(replies.length).toBe(1);
  ask({ id: 1, abort: true });
  ask({ id: 101, asks: [{ event: bash('a') }] });
  expect(replies.length).toBe(1);
});

test('bytes are bounded as well, and so are all programs together', () => {
  const max = { events: 10, bytes: 1000 };
  const all = new Load(max);
  const one = new Load(max, all);
  const other = new Load(max, all);
  one.add({ events: 6, bytes: 10 });
  expect(other.hasRoomFor({ events: 4, bytes: 10 })).toBe(true);
  expect(other.hasRoomFor({ events: 5, bytes: 10 })).toBe(false);
  expect(one.hasRoomFor({ events: 1, bytes: 991 })).toBe(false);
  one.remove({ events: 6, bytes: 10 });
  expect(other.hasRoomFor({ events: 10, bytes: 1000 })).toBe(true);
});

test('who does not take its answers for a while is cut off, who takes them in time is not', async () => {
  queuedBytes = 1;
  ask({ id: 1, asks: [{ event: {} }] });
  await settled();
  clock.pass(LIMITS.libraryTakeTimeoutMs - 1);
  session.drained();
  clock.pass(LIMITS.libraryTakeTimeoutMs);
  expect(ends).toEqual([]);
  ask({ id: 2, asks: [{ event: {} }] });
  await settled();
  clock.pass(LIMITS.libraryTakeTimeoutMs);
  expect(ends).toEqual(['cut off']);
});

test('one that is to leave is answered what was taken, refused what comes, and ended after that', async () => {
  ask({ id: 1, asks: [{ event: bash('a') }] });
  session.leave(RESTARTING);
  ask({ id: 2, asks: [{ event: bash('b') }] });
  expect(replies).toEqual([
    { id: 0, error: RESTARTING },
    { id: 2, error: RESTARTING },
  ]);
  expect(ends).toEqual([]);
  judged[0]?.decide();
  await settled();
  expect(replies[2]).toMatchObject({ id: 1, outcomes: [DECIDED] });
  expect(ends).toEqual(['end']);
});

test('the next question is awaited where none is under way and more are taken', async () => {
  for (const id of [1, 2]) ask({ id, asks: [{ event: bash('a') }] });
  judged[0]?.decide();
  await settled();
  expect(awaited).toBe(0);
  judged[1]?.decide();
  await settled();
  expect(awaited).toBe(1);
  ask({ id: 3, asks: [{ event: bash('a') }] });
  session.leave(RESTARTING);
  judged[2]?.decide();
  await settled();
  expect(awaited).toBe(1);
});

test('a mistake of ours in one request is told and noted, and the connection goes on', async () => {
  ask({ id: 1, asks: [{ event: bash('a') }, { event: bash('b') }] });
  judged[0]?.fail(new Error('a bug'));
  await settled();
  expect(replies).toMatchObject([{ id: 1, error: { code: 'internal' } }]);
  expect([notes, session.inFlight, ends]).toEqual([[expect.stringContaining('a bug')], 0, []]);
});

test('a frame of another kind ends it', () => {
  ask({ id: 1, asks: [{ event: bash('a') }] });
  session.frame(FrameKind.STDIN, Buffer.from(JSON.stringify({ id: 2, asks: [{ event: bash('b') }] })));
  expect(replies).toMatchObject([{ id: 0, error: { code: 'badRequest' } }]);
  expect([ends, judged[0]?.signal.aborted]).toEqual([['end'], true]);
});
