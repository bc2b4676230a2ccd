/** The only file that finds and types the native addon. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the kernel says of a connected peer. All numbers are read from the socket and /proc, none from the peer. */
export interface PeerIdentity {
  pid: number;
  uid: number;
  gid: number;
  /** Inode numbers of the peer's namespaces; 0 where /proc does not tell. */
  mountNs: number;
  pidNs: number;
  userNs: number;
  noNewPrivs: number;
  /** 0 none, 1 strict, 2 filter. */
  seccomp: number;
  /** 16 hex digits. */
  capEff: string;
  /** Hash of its real, effective and saved uids and gids and its supplementary groups. */
  credentials: string;
  /** Its root folder: a chroot is seen by this alone. */
  rootDevice: number;
  rootInode: number;
  /** AppArmor or SELinux label, '' without such a module. */
  securityLabel: string;
  /** The v2 line of /proc/PID/cgroup, '' where there is none. */
  cgroupPath: string;
  /** errno of the first failed read of the identity (ESRCH: the peer is gone); 0 where all was read. */
  errnum: number;
}

export interface ConnectionEvents {
  /** One whole frame. `payload` is a private copy. `fds` are ours to close. */
  onFrame(kind: number, payload: Buffer, fds: number[]): void;
  /** The peer closed, sent something malformed (errnum EPROTO, EMSGSIZE, EPROTONOSUPPORT, EBADMSG) or failed. Once. */
  onClosed(errnum: number): void;
  /** Everything queued has gone into the socket. */
  onDrained(): void;
}

export interface Connection {
  readonly peer: PeerIdentity;
  /** Nothing is read and no hang-up noticed before the first call. */
  setEvents(events: ConnectionEvents): void;
  /** Sends a frame at once as far as the socket takes it; queues the rest. Returns the bytes queued (0: all gone), or
   *  a negative errno: the peer no longer reads (-EPIPE), the queue is full (-ENOBUFS; onClosed follows in a later turn
   *  of the loop), the daemon may not send such a frame (-EPROTO, -EMSGSIZE). At most 8 parts. */
  send(kind: number, callId: number, ...parts: Uint8Array[]): number;
  /** As send, but all or nothing without queueing: 0, or a negative errno (-EAGAIN: the socket is full). Payloads up to
   *  FRAME_SMALL_MAX_BYTES. Used for STARTED. */
  sendNow(kind: number, callId: number, ...parts: Uint8Array[]): number;
  /** A peer that hangs up is noticed all the same: onClosed, without what it had sent before. */
  pauseReading(): void;
  resumeReading(): void;
  /** The next frame may come within microseconds: the loop may look for it before it sleeps. */
  awaitFrame(): void;
  /** After what is queued has been sent, closes; onClosed is not called. While the peer neither reads nor hangs up this
   *  takes for ever: destroy() after a bound of yours. */
  end(): void;
  /** Closes at once; onClosed is not called. */
  destroy(): void;
}

export interface Listener {
  /** Accepts no more; open connections stay, and so does the socket's file. */
  close(): void;
  /** Its socket, for another process to inherit; it stays the listener's. Negative once it is closed. */
  descriptor(): number;
}

export interface RecordEvents {
  /** One whole record or fragment. `payload` is valid during the call only: copy what is kept. */
  onRecord(kind: number, flags: number, callId: number, slot: number, generation: number, payload: Buffer): void;
  /** The other side is dead (errnum 0), or the ring broke its rules (EPROTO). Once; the channel is finished. */
  onClosed(errnum: number): void;
  /** After a write answered -EAGAIN: the keeper has rung, so there may be room now. */
  onSpace(): void;
  /** The switchboard has answered a call that it was taught with `token`. `tookMs`: from its CALL to its answer, which went
   *  out `agoMs` ago. `payload` is that of its END record, valid during the call only. */
  onAnswered(token: object, slot: number, generation: number, tookMs: number, agoMs: number, payload: Buffer): void;
}

export interface ChannelCounters {
  recordsWritten: number;
  recordsRead: number;
  wakeupsSent: number;
  wakeupsReceived: number;
}

/** What comes with a START: the folder; for an order with PEER_ENDS also ring and socket of the worker's channel. */
export type CallFds = readonly [cwd: number] | readonly [cwd: number, peerRing: number, peerSocket: number];

export interface Channel {
  /** Descriptors to hand to the keeper: close them with closePeerEnds() after the spawn. */
  readonly peerSocketFd: number;
  readonly peerRingFd: number;
  setEvents(events: RecordEvents): void;
  /** Published: the ordinal of the record (1: the first). Or -EAGAIN (no room; onSpace follows), -EMSGSIZE, -EPROTO,
   *  -EPIPE. */
  write(kind: number, flags: number, callId: number, slot: number, generation: number, ...parts: Uint8Array[]): number;
  /** 0 or -errno. The descriptors stay ours. */
  sendFds(callId: number, ...fds: CallFds): number;
  /** A parked process that the switchboard may give a call to. At most 64. */
  offer(slot: number, generation: number): void;
  /** Takes an offer back. False: the switchboard has used it, or there was none. */
  withdraw(slot: number, generation: number): boolean;
  /** Tells at once what the switchboard has not told yet of this channel: calls that ended (onAnswered) and, by
   *  onTakenOver, those that run, which are JavaScript's from then on. */
  settle(): void;
  /** True if the record written as number `ordinal` (1: the first) has been consumed by the keeper; also after its death
   *  and after close(). True as well where that cannot be known (more than 4096 records ago, a broken ring): what may
   *  have begun must not begin again. */
  isConsumed(ordinal: number): boolean;
  /** The answer to what was just written may come within microseconds: the loop may look for it before it sleeps. */
  awaitAnswer(): void;
  /** What the other side has said last that it is at, also after its death and after close(). 0: nothing. */
  peerMark(): number;
  counters(): ChannelCounters;
  /** The keeper breaks the protocol: nothing more of it is told but onClosed(EPROTO), in the next turn. */
  distrust(): void;
  closePeerEnds(): void;
  /** Must be called in the end, also after onClosed, which leaves the memory for isConsumed. */
  close(): void;
}

/** A call as the switchboard hands it over: STARTED is out, its order is with the keeper, and so is its stdin as far as
 *  it had come: that of the CALL, then `laterStdin`. */
export interface SwitchedCall {
  callId: number;
  /** Since it was received. */
  ageMs: number;
  slot: number;
  generation: number;
  /** Of its START record. 0: it could not be sent, and the slot is on offer again. */
  ordinal: number;
  stdinTakenBytes: number;
  /** 1: the end of stdin has been passed on, too. */
  stdinIsOver: number;
  /** Output passed on so far and not credited to the keeper. */
  outputBytes: number;
  /** Of that, what waits in the connection: onDrained follows if it is not 0. */
  queuedBytes: number;
}

/** Starts calls like those it was taught, passes on their output and tells the client their plain end, all without
 *  JavaScript. Anything else is handed over by `onTakenOver`, in the call's first or any later moment; the connection
 *  gets its events there. Serves peers that differ in nothing from this process. */
export interface Switchboard {
  /** Connections of this listener are looked at before its onConnection. */
  attach(listener: Listener): void;
  /** `call`: payload of a CALL. `start`: its START record up to the stdin. `stamps`: the files the plan was made from,
   *  each as PATH NUL STAMP NUL; STAMP is empty (absent), `d:DEVICE:INODE` or `f:DEVICE:INODE:SIZE:MTIME_NS:CTIME_NS`.
   *  `token` comes back in onTakenOver. 0, or -EAGAIN (a file has changed), -E2BIG, -EINVAL, -ENOMEM, -EPIPE. */
  learn(channel: Channel, token: object, call: Uint8Array, start: Uint8Array, stamps: Uint8Array): number;
  /** Whether it would start such a call now, had it a parked process. */
  knows(call: Uint8Array): boolean;
  /** Forgets all it was taught. */
  forget(): void;
  /** Takes no more calls. Those that run have been asked for before, by settle(): the rest ends with its connections. */
  close(): void;
}

/** Where sandboxes' doors arrive: see confine/door.h. */
export interface Entrance {
  /** Closes its descriptor; no event comes any more. */
  close(): void;
}

export interface SpawnRequest {
  file: string;
  /** Latin1 byte strings, as is `env`: NAME=value. */
  argv: string[];
  env: string[];
  /** Child descriptor number is 3 + index. */
  fds: number[];
  /** Descriptor for stdout and stderr, or -1 for /dev/null. */
  logFd: number;
  cwd: string;
}

export interface Native {
  readonly wireVersion: number;
  /** Sizes and constants of wire.h by name, for the test that holds contract/wire.ts to it. */
  layout(): Record<string, number>;
  /** Binds with mode 0600 and listens. Throws Error with code and path on failure. `peer`: which frames are allowed. At
   *  most 256 connections are open at a time; further ones are closed at once. */
  listen(path: string, peer: 'client' | 'operator', onConnection: (connection: Connection) => void): Listener;
  /** The same on a socket that listens already, which is the listener's from here on. Throws with code. */
  listenOn(fd: number, peer: 'client' | 'operator', onConnection: (connection: Connection) => void): Listener;
  selfIdentity(): PeerIdentity;
  /** A channel with two rings of `ringBytes` (a power of two) in a sealed memfd; `fallbackFolder` takes an unlinked file
   *  where memfd_create is refused. Throws with code. */
  createChannel(
    ringBytes: number,
    generation: number,
    fallbackFolder: string,
  ): Channel & {
    readonly memory: 'memfd' | 'file';
    readonly sealed: boolean;
  };
  /** One per process. `workersPath`: cgroup path below which our workers live, '' with none. */
  openSwitchboard(
    workersPath: string,
    onTakenOver: (
      connection: Connection,
      payload: Buffer,
      cwdFd: number,
      token: object,
      call: SwitchedCall,
      laterStdin: Buffer,
    ) => void,
  ): Switchboard;
  /** Two ends of a SOCK_SEQPACKET pair, both ours to close. Throws with code. */
  entrancePair(): [number, number];
  /** `fd` is the entrance's from here on. `door` listens and `life` is the reading end of a pipe that ends with the door's
   *  namespace; both are the caller's to close. onClosed, once: nobody can send any more, or what came was no door. */
  openEntrance(fd: number, onDoor: (door: number, life: number) => void, onClosed: () => void): Entrance;
  /** vfork-like spawn outside V8: new session, default signals, empty mask, only the given descriptors. Its pid,
   *  or a negative errno. */
  spawn(request: SpawnRequest): { pid: number };
  /** waitpid(pid, WNOHANG): undefined while it runs; exitCode -1 if it is no child of ours (any more). */
  reap(pid: number): { exitCode: number; signal: number } | undefined;
  /** 0 or -errno. A negative pid is a process group; 0, 1 and -1 are refused (-EINVAL). */
  kill(pid: number, signal: number): number;
  /** Non-blocking exclusive lock of an open descriptor. 0 or -EWOULDBLOCK. */
  lock(fd: number): number;
  /** Makes this process adopt orphaned descendants. 0 or -errno. */
  setSubreaper(): number;
  /** False hides this process from ptrace and /proc/PID/mem of its own uid. 0 or -errno. */
  setDumpable(dumpable: boolean): number;
  /** PIDs of the direct children of this process, zombies too. Reads all of /proc: not for a hot path. */
  children(): number[];
  /** Keeps an inherited descriptor from programs started without naming it. 0 or -errno. */
  closeOnExec(fd: number): number;
  closeFd(fd: number): void;
  /** Ends this process at once, whatever its threads do: nothing of Node's own end is run. */
  leave(code: number): never;
  /** Sends `text` as one datagram to a unix socket: `/PATH`, or `@NAME` for an abstract one. 0 or -errno; never waits, so
   *  -EAGAIN where the receiver's queue is full. */
  notify(address: string, text: string): number;
  /** The path of a unix stream socket that listens; undefined for anything else, abstract names too. */
  listeningPath(fd: number): string | undefined;
  /** Test hook, used by the fault suite alone: overwrites the magic of the keeper-to-daemon ring. */
  corruptRing(channel: Channel): void;
}

/** Finds the addon beside the package: `build/hook_supervisor.node`. Throws one Error with the remedy. */
export function loadNative(): Native {
  const require = createRequire(import.meta.url);
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let depth = 0; depth < 4; depth++) {
    const file = join(folder, 'build', 'hook_supervisor.node');
    if (existsSync(file)) return require(file) as Native;
    folder = dirname(folder);
  }
  throw new Error(
    'the native part is not built: run "npm run build" in the hook-supervisor folder (needs gcc and make)',
  );
}
