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
  setEvents(events: ConnectionEvents): void;
  /** Sends a frame at once as far as the socket takes it; queues the rest. Returns the bytes queued (0: all gone), or
   *  a negative errno if the peer no longer reads (-EPIPE) or the bound is hit (-ENOBUFS, connection then closed). */
  send(kind: number, callId: number, ...parts: Uint8Array[]): number;
  /** As send, but all or nothing without queueing: 0, or a negative errno. Used for STARTED. */
  sendNow(kind: number, callId: number, ...parts: Uint8Array[]): number;
  pauseReading(): void;
  resumeReading(): void;
  /** After what is queued has been sent, closes; onClosed is not called. */
  end(): void;
  /** Closes at once; onClosed is not called. */
  destroy(): void;
}

export interface Listener {
  close(): void;
}

export interface RecordEvents {
  /** One whole record or fragment. `payload` is valid during the call only: copy what is kept. */
  onRecord(kind: number, flags: number, callId: number, slot: number, generation: number, payload: Buffer): void;
  /** The other side is dead (errnum 0), or the ring broke its rules (EPROTO). Once; the channel is finished. */
  onClosed(errnum: number): void;
  /** Room has come free after a write answered -EAGAIN. */
  onSpace(): void;
}

export interface ChannelCounters {
  recordsWritten: number;
  recordsRead: number;
  wakeupsSent: number;
  wakeupsReceived: number;
}

export interface Channel {
  /** Descriptors to hand to the keeper: close them with closePeerEnds() after the spawn. */
  readonly peerSocketFd: number;
  readonly peerRingFd: number;
  setEvents(events: RecordEvents): void;
  /** 0 published, or -EAGAIN (no room; onSpace follows), -EMSGSIZE, -EPROTO, -EPIPE. */
  write(
    kind: number,
    flags: number,
    callId: number,
    slot: number,
    generation: number,
    ...parts: Uint8Array[]
  ): number;
  /** Sends the cwd descriptor of a call. 0 or -errno. The descriptor stays ours. */
  sendFd(callId: number, fd: number): number;
  /** True if the record written when recordsWritten was `ordinal` has been consumed by the keeper; also after its death. */
  isConsumed(ordinal: number): boolean;
  counters(): ChannelCounters;
  closePeerEnds(): void;
  close(): void;
}

export interface SpawnRequest {
  file: string;
  argv: string[];
  /** NAME=value, latin1 byte strings. */
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
  /** Binds, chmods 0600 and listens. Throws Error with code and path on failure. `peer`: which frames are allowed. */
  listen(
    path: string,
    peer: 'client' | 'operator',
    onConnection: (connection: Connection) => void,
  ): Listener;
  selfIdentity(): PeerIdentity;
  /** A channel with two rings of `ringBytes` (a power of two) in a sealed memfd; `fallbackFolder` takes an unlinked file
   *  where memfd_create is refused. Throws with code. */
  createChannel(ringBytes: number, generation: number, fallbackFolder: string): Channel & {
    readonly memory: 'memfd' | 'file';
    readonly sealed: boolean;
  };
  /** vfork-like spawn outside V8: new session, default signals, empty mask, only the given descriptors. Returns pid
   *  and pidfd (-1 where pidfd_open is refused), or a negative errno in pid. */
  spawn(request: SpawnRequest): { pid: number; pidfd: number };
  /** waitpid(pid, WNOHANG): undefined while it runs; -1 pid unknown. */
  reap(pid: number): { exitCode: number; signal: number } | undefined;
  kill(pid: number, signal: number): number;
  /** Non-blocking exclusive lock of an open descriptor. 0 or -EWOULDBLOCK. */
  lock(fd: number): number;
  /** Makes this process adopt orphaned descendants and hides it from ptrace and /proc/PID/mem of its uid. 0 or -errno. */
  setSubreaper(): number;
  setDumpable(dumpable: boolean): number;
  /** PIDs of the direct children of this process. */
  children(): number[];
  closeFd(fd: number): void;
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
  throw new Error('the native part is not built: run "npm run build" in the hook-supervisor folder (needs gcc and make)');
}
