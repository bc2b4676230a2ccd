import { describe, expect, test } from 'vitest';
import type { Reloaded } from '../../../supervisor/contract/changes.js';
import type { Clock } from '../../../supervisor/contract/clock.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { RunningStatus } from '../../../supervisor/contract/status.js';
import { FRAME_CONTROL_MAX_BYTES, FrameKind } from '../../../supervisor/contract/wire.js';
import { type OperatorConnection, startControl } from '../../../supervisor/control/server.js';

type Events = Parameters<OperatorConnection<string>['setEvents']>[0];

class FakeConnection implements OperatorConnection<string> {
  sent: unknown[] = [];
  isDestroyed = false;
  events: Events | undefined;
  constructor(readonly peer = 'friend') {}
  setEvents(events: Events) {
    this.events = events;
  }
  send(kind: number, _callId: number, ...parts: Uint8Array[]) {
    expect(kind).toBe(FrameKind.CONTROL_REPLY);
    this.sent.push(JSON.parse(Buffer.concat(parts).toString()));
    return 0;
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

function setUp(status: unknown = { pid: 7 }) {
  const timers: { atMs: number; callback: () => void }[] = [];
  const clock: Clock = {
    nowMs: () => 0,
    after(delayMs, callback) {
      const timer = { atMs: delayMs, callback };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
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
      stop: async () => void seen.stops++,
      plan: () => ({ ok: false, problems: [] }),
      restart: async () => ({ ok: true, pid: 8 }),
      reload: () => new Promise((resolve) => seen.reloads.push(resolve)),
    },
    clock,
    pid: 7,
  });
  const accept = (connection = new FakeConnection()) => {
    connect(connection);
    return connection;
  };
  return { server, seen, timers, accept };
}

describe('verbs', () => {
  test('reload answers when it is done; silence is measured anew, by the time that it may take', async () => {
    const { accept, seen, timers } = setUp();
    const connection = accept();
    expect(connection.asks('{"verb":"reload"}')).toBeUndefined();
    expect(timers.map(({ atMs }) => atMs)).toEqual([LIMITS.operatorAnswerTimeoutMs]);
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
    const { accept, timers } = setUp();
    const connection = accept();
    expect(timers.map(({ atMs }) => atMs)).toEqual([LIMITS.callReceiveTimeoutMs]);
    timers[0]?.callback();
    expect(connection.isDestroyed).toBe(true);
  });

  test('one connection too many is closed; a closed one makes room', () => {
    const { accept, timers } = setUp();
    const served = Array.from({ length: LIMITS.operatorConnectionsMax }, () => accept());
    expect(accept().isDestroyed).toBe(true);
    served[0]?.events?.onClosed(0);
    expect(timers).toHaveLength(LIMITS.operatorConnectionsMax - 1);
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
