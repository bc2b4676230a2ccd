import { describe, expect, test } from 'vitest';
import type { Reloaded } from '../../../supervisor/contract/changes.js';
import type { ToldHappening } from '../../../supervisor/contract/happening.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { PoolDetail } from '../../../supervisor/contract/pool-detail.js';
import type { RecordingStatus } from '../../../supervisor/contract/recording.js';
import type { RunningStatus } from '../../../supervisor/contract/status.js';
import { FRAME_CONTROL_MAX_BYTES, FrameKind } from '../../../supervisor/contract/wire.js';
import type { EventsReply } from '../../../supervisor/control/messages.js';
import { type OperatorConnection, startControl } from '../../../supervisor/control/server.js';
import { FakeClock } from '../../lib/fake-clock.js';

type Events = Parameters<OperatorConnection<string>['setEvents']>[0];

class FakeConnection implements OperatorConnection<string> {
  sent: unknown[] = [];
  /** What send() answers. */
  waitingBytes = 0;
  isDestroyed = false;
  events: Events | undefined;
  constructor(readonly peer = 'friend') {}
  setEvents(events: Events) {
    this.events = events;
  }
  send(kind: number, _callId: number, ...parts: Uint8Array[]) {
    expect(kind).toBe(FrameKind.CONTROL_REPLY);
    this.sent.push(JSON.parse(Buffer.concat(parts).toString()));
    return this.waitingBytes;
  }
  end() {}
  destroy() {
    this.isDestroyed = true;
  }
  asks(text: string, fds: number[] = [], kind: number = FrameKind.CONTROL_REQUEST) {
    this.events?.onFrame(kind, Buffer.from(text), fds);
    return this.sent.at(-1);
  }
}

function happening(seq: number, pool?: string): ToldHappening {
  return { kind: 'degraded', about: `number ${seq}`, seq, atMs: 1000 * seq, ...(pool !== undefined && { pool }) };
}

function setUp(status: unknown = { pid: 7 }) {
  const clock = new FakeClock();
  let told: ToldHappening[] = [];
  const followers = new Set<() => void>();
  const follow = (follower: () => void) => {
    followers.add(follower);
    return () => followers.delete(follower);
  };
  /** `kept`: what the journal still has once these were told. */
  const tell = (kept: ToldHappening[]) => {
    told = kept;
    for (const follower of followers) follower();
  };
  const seen = {
    stops: 0,
    closedFds: [] as number[],
    isListening: true,
    reloads: [] as ((answer: Reloaded) => void)[],
  };
  let connect: (connection: FakeConnection) => void = () => {};
  const server = startControl<string>({
    listen(onConnection) {
      connect = onConnection;
      return {
        descriptor: () => 9,
        close() {
          seen.isListening = false;
        },
      };
    },
    refusalOf: (peer) => (peer === 'friend' ? undefined : `peer is a ${peer}`),
    closeFd: (fd) => void seen.closedFds.push(fd),
    handlers: {
      status: () => status as RunningStatus,
      ...{ stop: async () => void seen.stops++, setProfile: async (profile) => ({ ok: false, notTaken: profile }) },
      ...{ plan: () => ({ ok: false, problems: [] }), restart: async () => ({ ok: true, pid: 8 }) },
      reload: () => new Promise((resolve) => seen.reloads.push(resolve)),
      happenings: { after: (seq) => told.filter((one) => one.seq > seq), follow: (follower) => follow(follower) },
      pool: (id) => (id === 'exec' ? ({ nowMs: 1 } as PoolDetail) : undefined),
      drain: ({ undo }) => ({ ok: true, done: undo ? 'undone' : 'drained' }),
      scale: ({ parked }) => ({ ok: true, done: `scaled to ${parked}` }),
      kick: ({ worker = 'keeper', force }) =>
        force ? { ok: true, done: worker } : { ok: false, error: { code: 'busy', message: worker, remedy: '' } },
      clearCache: (validator) => ({ ok: true, done: `forgot ${validator}` }),
      record: async ({ on, forMs, maxBytes }) =>
        on
          ? { ok: true, recording: { endsInMs: forMs, maxBytes } as RecordingStatus }
          : { ok: false, error: { code: 'busy', message: 'off', remedy: '' } },
    },
    clock,
    pid: 7,
  });
  const accept = (connection = new FakeConnection()) => {
    connect(connection);
    return connection;
  };
  return { server, seen, clock, accept, tell, followers };
}

describe('verbs', () => {
  test('reload answers when it is done; silence is measured anew, by the time that it may take', async () => {
    const { accept, seen, clock } = setUp();
    const connection = accept();
    expect(connection.asks('{"verb":"reload"}')).toBeUndefined();
    expect(clock.timers.map(({ dueMs }) => dueMs)).toEqual([LIMITS.operatorAnswerTimeoutMs]);
    seen.reloads[0]?.({ ok: false, notTaken: 'no' });
    await Promise.resolve();
    await Promise.resolve();
    expect(connection.sent).toEqual([{ ok: true, pid: 7, reloaded: { ok: false, notTaken: 'no' } }]);
  });

  test('one that has gone meanwhile is not answered', async () => {
    const { accept, seen } = setUp();
    const connection = accept();
    connection.asks('{"verb":"reload"}');
    connection.events?.onClosed(0);
    seen.reloads[0]?.({ ok: false, notTaken: 'no' });
    await Promise.resolve();
    await Promise.resolve();
    expect(connection.sent).toEqual([]);
  });

  test('restart answers with the new pid, also when nobody else is heard any more', async () => {
    const { accept, server, seen } = setUp();
    const connection = accept();
    connection.asks('{"verb":"restart"}');
    server.stopListening();
    expect(seen.isListening).toBe(false);
    await Promise.resolve();
    await Promise.resolve();
    expect(connection.sent).toEqual([{ ok: true, pid: 7, restarted: { ok: true, pid: 8 } }]);
  });

  test('plan answers at once', () => {
    expect(setUp().accept().asks('{"verb":"plan"}')).toEqual({
      ok: true,
      pid: 7,
      planned: { ok: false, problems: [] },
    });
  });

  test('ping and status answer at once', () => {
    const { accept } = setUp();
    expect(accept().asks('{"verb":"ping"}')).toEqual({ ok: true, pid: 7 });
    expect(accept().asks('{"verb":"status"}')).toEqual({ ok: true, pid: 7, status: { pid: 7 } });
  });

  test('stop replies, then stops, once', () => {
    const { accept, seen } = setUp();
    const connection = accept();
    expect(connection.asks('{"verb":"stop"}')).toEqual({ ok: true, pid: 7 });
    connection.asks('{"verb":"stop"}');
    expect(seen.stops).toBe(1);
    expect(connection.sent).toHaveLength(1);
  });
});

describe('verbs with words', () => {
  test.each([
    ['{"verb":"drain","pool":"exec"}', { ok: true, pid: 7, done: 'drained' }],
    ['{"verb":"drain","pool":"exec","undo":true}', { ok: true, pid: 7, done: 'undone' }],
    ['{"verb":"scale","pool":"exec","parked":3}', { ok: true, pid: 7, done: 'scaled to 3' }],
    ['{"verb":"kick","pool":"exec","worker":"2","force":true}', { ok: true, pid: 7, done: '2' }],
    ['{"verb":"kick","pool":"exec"}', { ok: false, error: { code: 'busy', message: 'keeper', remedy: '' } }],
    ['{"verb":"pool","pool":"exec"}', { ok: true, pid: 7, detail: { nowMs: 1 } }],
    ['{"verb":"clearCache","validator":"v"}', { ok: true, pid: 7, done: 'forgot v' }],
  ])('%s', (request, reply) => {
    expect(setUp().accept().asks(request)).toEqual(reply);
  });

  test.each([
    [
      '{"verb":"record","on":true,"forMs":5,"maxBytes":9}',
      { ok: true, pid: 7, recording: { endsInMs: 5, maxBytes: 9 } },
    ],
    ['{"verb":"record","on":false}', { ok: false, error: { code: 'busy', message: 'off', remedy: '' } }],
  ])('%s, once it is done', async (text, reply) => {
    const connection = setUp().accept();
    connection.asks(text);
    await expect.poll(() => connection.sent).toEqual([reply]);
  });

  test('a pool that is not there', () => {
    expect(setUp().accept().asks('{"verb":"pool","pool":"perl"}')).toMatchObject({ error: { code: 'unknownPool' } });
  });

  test.each([
    '{"verb":"drain"}',
    '{"verb":"drain","pool":""}',
    `{"verb":"drain","pool":"${'x'.repeat(200)}"}`,
    '{"verb":"drain","pool":"exec","undo":1}',
    '{"verb":"scale","pool":"exec"}',
    '{"verb":"scale","pool":"exec","parked":-1}',
    '{"verb":"scale","pool":"exec","parked":65}',
    '{"verb":"scale","pool":"exec","parked":1.5}',
    '{"verb":"kick","pool":"exec","worker":2}',
    '{"verb":"clearCache","validator":3}',
    '{"verb":"record"}',
    '{"verb":"record","on":true,"forMs":86400001}',
    '{"verb":"record","on":true,"maxBytes":-1}',
    '{"verb":"events","follow":"yes"}',
    '{"verb":"events","sinceMs":-1}',
  ])('words it does not take: %s', (request) => {
    expect(setUp().accept().asks(request)).toMatchObject({ ok: false, error: { code: 'badRequest' } });
  });
});

describe('events', () => {
  const FOLLOW = '{"verb":"events","follow":true}';
  const replies = (connection: FakeConnection) => connection.sent.map((one) => (one as { events: EventsReply }).events);
  const seqs = (connection: FakeConnection) => replies(connection).map((one) => one.happenings.map(({ seq }) => seq));

  test('without follow: those that are kept, then the end', () => {
    const { accept, tell } = setUp();
    tell([happening(4, 'exec'), happening(5), happening(6, 'exec')]);
    const connection = accept();
    connection.asks('{"verb":"events","sinceMs":5000,"pool":"exec"}');
    expect(seqs(connection)).toEqual([[6], []]);
    expect(replies(connection).map(({ lost, more }) => [lost, more])).toEqual([
      [0, true],
      [0, false],
    ]);
  });

  test('with follow: those to come, for longer than any other connection lasts', () => {
    const { accept, tell, clock } = setUp();
    tell([happening(1)]);
    const connection = accept();
    connection.asks(FOLLOW);
    clock.pass(10 * LIMITS.callReceiveTimeoutMs);
    tell([happening(1), happening(2)]);
    expect(seqs(connection)).toEqual([[1], [2]]);
    expect(connection.isDestroyed).toBe(false);
  });

  test('with follow and nothing to tell: one empty reply, so that the operator knows it is heard', () => {
    const { accept, tell } = setUp();
    tell([happening(1)]);
    const connection = accept();
    connection.asks('{"verb":"events","follow":true,"pool":"exec"}');
    tell([happening(1), happening(2)]);
    expect(replies(connection)).toEqual([{ happenings: [], lost: 0, more: true }]);
  });

  test('many go out in replies of a bounded size', () => {
    const { accept, tell } = setUp();
    tell(Array.from({ length: LIMITS.happeningsPerReplyMax + 1 }, (_, index) => happening(index + 1)));
    const connection = accept();
    connection.asks(FOLLOW);
    expect(seqs(connection).map(({ length }) => length)).toEqual([LIMITS.happeningsPerReplyMax, 1]);
  });

  test('a slow reader is sent nothing while something waits for it, then told how many it lost', () => {
    const { accept, tell } = setUp();
    const connection = accept();
    connection.asks(FOLLOW);
    connection.waitingBytes = 100;
    tell([happening(1)]);
    tell([happening(2)]);
    tell([happening(4), happening(5)]);
    expect(seqs(connection)).toEqual([[], [1]]);
    connection.waitingBytes = 0;
    connection.events?.onDrained();
    expect(replies(connection).at(-1)).toMatchObject({ lost: 2, happenings: [{ seq: 4 }, { seq: 5 }] });
  });

  test('a reader that takes nothing is cut off; one that took in time is not', () => {
    for (const takes of [true, false]) {
      const { accept, tell, clock, followers } = setUp();
      const connection = accept();
      connection.asks(FOLLOW);
      connection.waitingBytes = 100;
      tell([happening(1)]);
      if (takes) connection.events?.onDrained();
      clock.pass(LIMITS.operatorTakeTimeoutMs);
      expect([connection.isDestroyed, followers.size]).toEqual([!takes, takes ? 1 : 0]);
    }
  });

  test('a reader that leaves, or writes, is followed no more', () => {
    for (const end of ['leaves', 'writes']) {
      const { accept, followers } = setUp();
      const connection = accept();
      connection.asks(FOLLOW);
      expect(followers.size).toBe(1);
      if (end === 'leaves') connection.events?.onClosed(0);
      else connection.asks(FOLLOW);
      expect([followers.size, connection.isDestroyed]).toEqual([0, end === 'writes']);
    }
  });

  test('one follower too many is told so; others are still served', () => {
    const { accept } = setUp();
    for (let count = 0; count < LIMITS.operatorStreamsMax; count++) accept().asks(FOLLOW);
    expect(accept().asks(FOLLOW)).toMatchObject({ ok: false, error: { code: 'busy' } });
    expect(accept().asks('{"verb":"ping"}')).toMatchObject({ ok: true });
  });

  test('one that has left makes room for another', () => {
    const { accept } = setUp();
    for (let count = 0; count <= LIMITS.operatorStreamsMax; count++) {
      const connection = accept();
      expect(connection.asks(FOLLOW)).toMatchObject({ ok: true });
      connection.events?.onClosed(0);
    }
  });

  test('what a slow reader has lost it is told also where nothing that came since is for it', () => {
    const { accept, tell } = setUp();
    const connection = accept();
    connection.asks('{"verb":"events","follow":true,"pool":"exec"}');
    connection.waitingBytes = 100;
    tell([happening(1, 'exec')]);
    tell([happening(4, 'node')]);
    connection.waitingBytes = 0;
    connection.events?.onDrained();
    expect(replies(connection).at(-1)).toEqual({ happenings: [], lost: 2, more: true });
  });

  test('close ends those who follow', () => {
    const { server, accept, followers } = setUp();
    accept().asks(FOLLOW);
    server.close();
    expect(followers.size).toBe(0);
  });
});

describe('refusals', () => {
  test.each([
    ['not JSON', 'stop', 'badRequest'],
    ['no object', '"stop"', 'badRequest'],
    ['null', 'null', 'badRequest'],
    ['no verb', '{}', 'badRequest'],
    ['a verb that is no text', '{"verb":["stop"]}', 'badRequest'],
    ['an unknown verb', '{"verb":"explode"}', 'unknownVerb'],
    ['a name every object has', '{"verb":"constructor"}', 'unknownVerb'],
  ])('%s', (_name, request, code) => {
    const { accept, seen } = setUp();
    expect(accept().asks(request)).toMatchObject({ ok: false, error: { code } });
    expect(seen.stops).toBe(0);
  });

  test('a frame of another kind', () => {
    expect(setUp().accept().asks('{"verb":"stop"}', [], FrameKind.CALL)).toMatchObject({
      error: { code: 'badRequest' },
    });
  });

  test('a peer that may not: told why, nothing done', () => {
    const { accept, seen } = setUp();
    expect(accept(new FakeConnection('stranger')).asks('{"verb":"stop"}')).toMatchObject({
      ok: false,
      error: { code: 'notAllowed', message: 'peer is a stranger' },
    });
    expect(seen.stops).toBe(0);
  });
});

describe('bounds', () => {
  test('a silent peer is closed by the clock', () => {
    const { accept, clock } = setUp();
    const connection = accept();
    clock.pass(LIMITS.callReceiveTimeoutMs - 1);
    expect(connection.isDestroyed).toBe(false);
    clock.pass(1);
    expect(connection.isDestroyed).toBe(true);
  });

  test('one connection too many is closed; a closed one makes room', () => {
    const { accept, clock } = setUp();
    const served = Array.from({ length: LIMITS.operatorConnectionsMax }, () => accept());
    expect(accept().isDestroyed).toBe(true);
    served[0]?.events?.onClosed(0);
    expect(clock.timers).toHaveLength(LIMITS.operatorConnectionsMax - 1);
    expect(accept().isDestroyed).toBe(false);
  });

  test('descriptors that nobody asked for are closed, also after the answer', () => {
    const { accept, seen } = setUp();
    const connection = accept();
    connection.asks('{"verb":"ping"}', [5, 6]);
    connection.asks('{"verb":"ping"}', [8]);
    expect(seen.closedFds).toEqual([5, 6, 8]);
  });

  test('an answer larger than a frame becomes an error', () => {
    const { accept } = setUp('x'.repeat(FRAME_CONTROL_MAX_BYTES));
    expect(accept().asks('{"verb":"status"}')).toMatchObject({ ok: false, error: { code: 'internal' } });
  });

  test('close ends the listener and every connection', () => {
    const { server, accept, seen } = setUp();
    const connection = accept();
    server.close();
    expect([seen.isListening, connection.isDestroyed]).toEqual([false, true]);
  });
});
