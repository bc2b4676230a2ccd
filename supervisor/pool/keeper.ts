/** One keeper process: spawned with its channel, watched until it is reaped. Restarting it is the pool's business. */
import type { PoolGroup } from '../cgroup/driver.js';
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import { RecordKind } from '../contract/wire.js';
import type { Egress } from '../egress/process.js';
import type { Native } from '../native.js';
import { type Link, openLink, type SentRecord } from '../ring/link.js';
import { KEEPER_FD, keeperArgv, type PoolSpec } from './keeper-argv.js';
import { UnreadWatch } from './unread-watch.js';

export interface KeeperOptions {
  native: Native;
  clock: Clock;
  keeperFile: string;
  runtimeFolder: string;
  /** Where the keeper's and zygote's own messages go. */
  logFd: number;
  /** Opens the pool's cgroup; undefined with no cgroup. Its descriptors are closed after the spawn. */
  openCgroup(): PoolGroup | undefined;
  /** Starts the proxy of a pool with an allow-list; undefined for any other. */
  openEgress(): Egress | undefined | 'failed';
}

export interface Keeper {
  readonly pid: number;
  readonly link: Link;
  readonly egress: Egress | undefined;
  /** Stops it, kills it after the shortest grace asked for, and waits until it is reaped. The first `done` is called. */
  finish(graceMs: number, done: (exit: { exitCode: number; signal: number } | undefined) => void): void;
}

const SIGKILL = 9;
const REAP_INTERVAL_MS = 5;

/** @param parked how many it keeps until it is told otherwise.
 *  @param remind writes something to it, where it has tasks: one that stands still would not be noticed by what it does not say.
 *  @returns the keeper, or a negative errno with the step that failed. */
export function startKeeper(
  options: KeeperOptions,
  spec: PoolSpec,
  parked: number,
  generation: number,
  remind: () => void,
): Keeper | { step: string; errnum: number } {
  const { native, clock } = options;
  let link: Link;
  try {
    link = openLink(native, generation, options.runtimeFolder);
  } catch (error) {
    return { step: `shared memory: ${(error as Error).message}`, errnum: 0 };
  }
  const egress = options.openEgress();
  if (egress === 'failed') {
    link.closePeerEnds();
    link.close();
    return { step: 'start of the proxy', errnum: 0 };
  }
  const group = options.openCgroup();
  const groupFds = group === undefined ? [] : [group.fd, ...group.controllers.map(({ fd }) => fd)];
  const doorFds = egress === undefined ? [] : [egress.doorFd];
  const doorFd = egress && KEEPER_FD.cgroup + groupFds.length;
  const { pid } = native.spawn({
    file: options.keeperFile,
    argv: keeperArgv(spec, parked, generation, LIMITS.ringBytes, group, doorFd),
    env: [...spec.env],
    fds: [link.peerSocketFd, link.peerRingFd, ...groupFds, ...doorFds],
    logFd: options.logFd,
    cwd: '/',
  });
  link.closePeerEnds();
  // The entrance, too: a proxy ends when no keeper holds it.
  for (const fd of [...groupFds, ...doorFds]) native.closeFd(fd);
  if (pid < 0) {
    link.close();
    return { step: `start of ${options.keeperFile}`, errnum: -pid };
  }
  let killAtMs = Number.POSITIVE_INFINITY;
  const stopLooking = endIfUnread(link, clock, remind);
  return {
    pid,
    link,
    egress,
    finish(graceMs, done) {
      const isUnderWay = killAtMs !== Number.POSITIVE_INFINITY;
      killAtMs = Math.min(killAtMs, clock.nowMs() + graceMs);
      if (isUnderWay) return;
      stopLooking();
      link.send(RecordKind.STOP, 0, 0, 0, 0);
      let killed = false;
      const look = () => {
        const exit = native.reap(pid);
        if (exit !== undefined) {
          done(exit.exitCode === -1 ? undefined : exit);
          link.close(); // only now: what it had read of its ring is asked for until here
          return;
        }
        if (!killed && clock.nowMs() >= killAtMs) {
          killed = true;
          native.kill(pid, SIGKILL);
        }
        clock.after(REAP_INTERVAL_MS, look);
      };
      look();
    },
  };
}

/** One that reads no more would hold its calls, and their cancellation, for ever. */
function endIfUnread(link: Link, clock: Clock, remind: () => void): () => void {
  const watch = new UnreadWatch<SentRecord>();
  let undo = () => {};
  const look = () => {
    if (watch.isStuck(link.newest(), (sent) => link.isConsumed(sent))) {
      link.distrust('it reads no more');
      return;
    }
    remind();
    undo = clock.after(LIMITS.keeperLookEveryMs, look);
  };
  undo = clock.after(LIMITS.keeperLookEveryMs, look);
  return () => undo();
}
