/** Who is connected, on the daemon's side. */
import { beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { FrameKind } from '../../../supervisor/contract/wire.js';
import {
  type LibraryServer,
  type ProgramConnection,
  startLibraryServer,
} from '../../../supervisor/library/serving/server.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { bash } from '../../lib/library.js';

const WAIT = Buffer.from(JSON.stringify({ id: 1, asks: [{ event: bash('a') }] }));

class Program implements ProgramConnection<string> {
  readonly said: string[] = [];
  events: Parameters<ProgramConnection<string>['setEvents']>[0] | undefined;

  constructor(readonly peer: string) {}

  setEvents(events: NonNullable<Program['events']>): void {
    this.events = events;
  }

  send(_kind: number, _callId: number, ...parts: Uint8Array[]): number {
    const reply = JSON.parse(Buffer.concat(parts).toString()) as { id: number; error?: { code: string } };
    this.said.push(`${reply.id} ${reply.error?.code}`);
    return 0;
  }

  awaitFrame(): void {
    this.said.push('awaited');
  }

  end(): void {
    this.said.push('end');
  }

  destroy(): void {
    this.said.push('destroyed');
  }
}

let clock: FakeClock;
let closed: unknown[];
let server: LibraryServer;
let accept: (connection: ProgramConnection<string>) => void;

beforeEach(() => {
  clock = new FakeClock();
  closed = [];
  server = startLibraryServer<string>({
    clock,
    listen(onConnection) {
      accept = onConnection;
      return { close: () => closed.push('listener') };
    },
    refusalOf: (peer) => (peer === 'confined' ? 'confined peer' : undefined),
    closeFd: (fd) => closed.push(fd),
    judge: () => new Promise(() => {}),
    validatorNames: () => [],
    note() {},
  });
});

function connected(peer = 'ours'): Program {
  const program = new Program(peer);
  accept(program);
  return program;
}

test('a peer that is not served is told why, and what it says is not looked at', () => {
  const program = connected('confined');
  program.events?.onFrame(FrameKind.CONTROL_REQUEST, WAIT, []);
  expect(program.said).toEqual(['0 notAllowed', 'end']);
  expect(server.status()).toEqual({ connections: 0, inFlight: 0 });
  clock.pass(LIMITS.libraryTakeTimeoutMs);
  expect(program.said.at(-1)).toBe('destroyed');
});

test('more programs than are served are closed, until one of them goes', () => {
  const programs = Array.from({ length: LIMITS.libraryConnectionsMax }, () => connected());
  expect(connected().said).toEqual(['destroyed']);
  programs[0]?.events?.onClosed(0);
  expect([connected().said, server.status().connections]).toEqual([[], LIMITS.libraryConnectionsMax]);
});

test('descriptors that nobody asked for are closed', () => {
  connected().events?.onFrame(FrameKind.CONTROL_REQUEST, WAIT, [7, 8]);
  expect(closed).toEqual([7, 8]);
});

test('what a program has in flight goes with it', () => {
  const programs = [connected(), connected()];
  for (const { events } of programs) events?.onFrame(FrameKind.CONTROL_REQUEST, WAIT, []);
  expect(server.status()).toEqual({ connections: 2, inFlight: 2 });
  programs[0]?.events?.onClosed(0);
  expect(server.status()).toEqual({ connections: 1, inFlight: 1 });
});

test('who leaves ends those that wait for nothing, and the others when it is closed', () => {
  const [idle, busy] = [connected(), connected()];
  busy.events?.onFrame(FrameKind.CONTROL_REQUEST, WAIT, []);
  server.leave({ code: 'stopping', message: 'm', remedy: 'r' });
  expect([closed, idle.said, busy.said]).toEqual([['listener'], ['0 stopping', 'end'], ['0 stopping']]);
  server.close();
  expect([busy.said.at(-1), server.status()]).toEqual(['destroyed', { connections: 0, inFlight: 0 }]);
});
