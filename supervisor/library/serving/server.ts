/** library.sock on the daemon's side: programs that ask validators themselves stay connected. They are checked as clients and
 *  operators are. */
import type { LibraryError, LibraryStatus } from '../../contract/library.js';
import { LIMITS } from '../../contract/limits.js';
import { FrameKind } from '../../contract/wire.js';
import type { Connection } from '../../native.js';
import { Load } from '../load.js';
import { Session, type SessionRooms } from './session.js';

/** What is needed of a native connection. */
export type ProgramConnection<Peer> = Pick<Connection, 'setEvents' | 'send' | 'awaitFrame' | 'end' | 'destroy'> & {
  readonly peer: Peer;
};

export interface LibraryServerRooms<Peer> extends SessionRooms {
  listen(onConnection: (connection: ProgramConnection<Peer>) => void): { close(): void };
  /** Why this peer is not served, or undefined. */
  refusalOf(peer: Peer): string | undefined;
  closeFd(fd: number): void;
}

export interface LibraryServer {
  status(): LibraryStatus;
  /** Nobody new is heard, and nothing new taken; what is under way is answered. */
  leave(why: LibraryError): void;
  /** What is still under way is aborted. */
  close(): void;
}

export function startLibraryServer<Peer>(rooms: LibraryServerRooms<Peer>): LibraryServer {
  const whole = new Load({ events: LIMITS.libraryEventsMax, bytes: LIMITS.libraryBytesMax });
  const open = new Map<ProgramConnection<Peer>, Session>();
  const forget = (connection: ProgramConnection<Peer>) => {
    open.get(connection)?.closed();
    open.delete(connection);
  };
  const destroy = (connection: ProgramConnection<Peer>) => {
    forget(connection);
    connection.destroy();
  };
  const listener = rooms.listen((connection) => {
    if (open.size >= LIMITS.libraryConnectionsMax) {
      connection.destroy();
      return;
    }
    const ends = {
      send: (payload: Buffer) => connection.send(FrameKind.CONTROL_REPLY, 0, payload),
      awaitRequest: () => connection.awaitFrame(),
      end() {
        if (!open.has(connection)) return;
        forget(connection);
        connection.end();
        // One that does not take its last words would stay.
        rooms.clock.after(LIMITS.libraryTakeTimeoutMs, () => connection.destroy());
      },
      cutOff: () => destroy(connection),
    };
    const session = new Session(ends, rooms, whole);
    open.set(connection, session);
    connection.setEvents({
      onFrame(kind, payload, fds) {
        for (const fd of fds) rooms.closeFd(fd); // nobody asked for them
        if (open.has(connection)) session.frame(kind, payload);
      },
      onClosed: () => forget(connection),
      onDrained: () => session.drained(),
    });
    const reason = rooms.refusalOf(connection.peer);
    if (reason !== undefined) session.leave(notAllowed(reason));
  });
  return {
    status: () => ({ connections: open.size, inFlight: whole.count }),
    leave(why) {
      listener.close();
      for (const session of open.values()) session.leave(why);
    },
    close() {
      for (const connection of open.keys()) destroy(connection);
    },
  };
}

function notAllowed(message: string): LibraryError {
  return { code: 'notAllowed', message, remedy: 'ask as the user of the daemon, outside any sandbox' };
}
