/** Programs that ask validators by library.sock. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../contract/clock.js';
import { LIBRARY_SOCKET, type LibraryError, type LibraryStatus } from '../contract/library.js';
import { LIMITS } from '../contract/limits.js';
import type { PeerRefusal } from '../intake/peer.js';
import { startLibraryServer } from '../library/serving/server.js';
import type { Connection, Native, PeerIdentity } from '../native.js';
import type { Validating } from './validating.js';

export interface LibraryRooms {
  native: Pick<Native, 'listen' | 'closeFd'>;
  clock: Clock;
  runtimeFolder: string;
  judge(connection: Pick<Connection, 'peer'>): PeerRefusal | undefined;
  validating: Pick<Validating, 'judge' | 'names'>;
  note(text: string): void;
}

export interface Library {
  status(): LibraryStatus;
  /** A new daemon has the socket: programs go there. */
  handOver(): void;
  /** Nothing new is taken. */
  stop(): void;
  /** What is under way has had its time. */
  close(): void;
}

export const NO_LIBRARY: Library = {
  status: () => ({ connections: 0, inFlight: 0 }),
  handOver() {},
  stop() {},
  close() {},
};

/** Connections are not handed to a successor, and so the socket is not either: it makes its own in its place.
 *  @throws Error with code and path if it cannot be bound. */
export function openLibrary({ native, clock, runtimeFolder, judge, validating, note }: LibraryRooms): Library {
  const path = join(runtimeFolder, LIBRARY_SOCKET);
  rmSync(path, { force: true });
  const server = startLibraryServer<PeerIdentity>({
    ...{ clock, note, closeFd: native.closeFd, validatorNames: validating.names },
    refusalOf: (peer) => judge({ peer })?.message,
    listen: (onConnection) => native.listen(path, 'operator', onConnection),
    async judge({ event, validators, priority, timeoutMs = 0 }, signal) {
      const how = { env: () => undefined, only: validators, priority, timeoutMs, signal };
      const { merged, opinions } = await validating.judge(event, how);
      const { decision, reason, contexts, updatedInput, notes } = merged;
      return {
        kind: 'decided',
        ...(decision === undefined ? {} : { decision }),
        ...(reason === undefined ? {} : { reason }),
        contexts,
        ...(updatedInput === undefined ? {} : { updatedInput }),
        notes,
        validators: opinions.map(({ name, outcome }) => ({ name, outcome })),
      };
    },
  });
  return {
    status: server.status,
    handOver: () => server.leave(RESTARTING),
    stop() {
      rmSync(path, { force: true });
      server.leave(STOPPING);
    },
    close: server.close,
  };
}

const RESTARTING: LibraryError = {
  code: 'restarting',
  message: 'a new daemon has taken over',
  remedy: 'connect again',
  retryAfterMs: LIMITS.libraryRetryAfterMs,
};
const STOPPING: LibraryError = {
  code: 'stopping',
  message: 'the daemon is stopping',
  remedy: 'start it again: supervisor up -d',
};
