/** The sockets by which the daemon is asked: for calls, by agents' http hooks, by its operator, by programs. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Call } from '../contract/call.js';
import type { Clock } from '../contract/clock.js';
import type { Config } from '../contract/config.js';
import type { ControlHandlers } from '../control/answer.js';
import { type Control, startControl } from '../control/server.js';
import { type Caller, type Intake, openIntake } from '../intake/intake.js';
import type { PeerRefusal } from '../intake/peer.js';
import type { Connection, Native, PeerIdentity } from '../native.js';
import { type Http, inheritedListener, NO_HTTP, startHttp } from './http.js';
import { type Library, NO_LIBRARY, openLibrary } from './library.js';
import { SUCCESSOR_FD } from './successor.js';
import type { Validating } from './validating.js';

export interface DoorRooms {
  native: Native;
  clock: Clock;
  runtimeFolder: string;
  /** A service manager's, listening already. */
  activatedFd: number | undefined;
  /** The daemon before this one has handed its sockets over. */
  isSuccessor: boolean;
  pid: number;
  uid: number;
  workersPath: string;
  /** In force now. */
  config(): Config;
  judge(connection: Pick<Connection, 'peer'>): PeerRefusal | undefined;
  nextCallId(): number;
  take(call: Call, caller: Caller): void;
  onTakenOver: Parameters<typeof openIntake>[0]['onTakenOver'];
  handlers: ControlHandlers;
  validating: Validating;
  onRejected(what: string, pid: number): void;
  note(text: string): void;
}

export class Doors {
  intake: Intake | undefined;
  http: Http = NO_HTTP;
  library: Library = NO_LIBRARY;
  #control: Control | undefined;

  /** @throws Error of the one that cannot be had; `http` is the one without which the daemon serves all others. */
  async open(rooms: DoorRooms): Promise<void> {
    const { native, clock, runtimeFolder, isSuccessor, judge, workersPath, nextCallId, take, validating, note } = rooms;
    this.intake = openIntake({
      ...{ native, clock, workersPath, nextCallId, refusePeer: judge, onCall: take },
      socket: isSuccessor ? SUCCESSOR_FD.call : (rooms.activatedFd ?? callSocketIn(runtimeFolder)),
      ...{ onTakenOver: rooms.onTakenOver, onRejected: rooms.onRejected },
    });
    this.http = await startHttp({
      ...{ clock, uid: rooms.uid, nextCallId, take, warn: note, config: rooms.config },
      inheritedFd: isSuccessor ? inheritedListener(SUCCESSOR_FD.http) : undefined,
    });
    this.#control = startControl<PeerIdentity>({
      ...{ clock, pid: rooms.pid, handlers: rooms.handlers, closeFd: native.closeFd },
      listen: (onConnection) =>
        isSuccessor
          ? native.listenOn(SUCCESSOR_FD.control, 'operator', onConnection)
          : native.listen(controlSocketIn(runtimeFolder), 'operator', onConnection),
      refusalOf: (peer) => judge({ peer })?.message,
    });
    this.library = openLibrary({ native, clock, runtimeFolder, judge, validating, note });
  }

  /** Of those that a successor gets. */
  descriptors(): { callFd: number; controlFd: number; httpFd: number } {
    return {
      callFd: this.intake?.descriptor() ?? -1,
      controlFd: this.#control?.descriptor() ?? -1,
      httpFd: this.http.descriptor(),
    };
  }

  /** A successor has them: nothing new is taken here. */
  handOver(): void {
    this.intake?.close();
    this.http.close();
    this.library.handOver();
    this.#control?.stopListening();
  }

  /** Nothing new is taken, but by the operator. */
  stop(): void {
    this.intake?.close();
    this.http.close();
    this.library.stop();
  }

  closeControl(): void {
    this.#control?.close();
  }
}

export function callSocketIn(runtimeFolder: string): string {
  return join(runtimeFolder, 'call.sock');
}

function controlSocketIn(runtimeFolder: string): string {
  return join(runtimeFolder, 'control.sock');
}

/** Nobody listens there any more. */
export function removeControlSocket(runtimeFolder: string): void {
  rmSync(controlSocketIn(runtimeFolder), { force: true });
}
