/** What is done to the machine at a step. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { expect } from 'vitest';
import { runHook } from '../../lib/hook.js';
import { waitFor } from '../../lib/wait.js';
import type { Disk } from './host.js';
import { signal, stop } from './parties.js';
import type { Scene } from './scene.js';
import type { Reached } from './steps.js';

type Heal = () => unknown;

export interface Fault {
  /** The daemon is gone afterwards. */
  endsDaemon?: boolean;
  /** The keeper is gone afterwards: the next one starts later each time, so the row goes on with a fresh daemon. */
  endsKeeper?: boolean;
  /** Looks into processes that only root sees. */
  needsRoot?: boolean;
  /** It is one of the host: see `Scene.open`. */
  isOfHost?: boolean;
  /** It lasts until the client has ended. */
  outlastsCall?: boolean;
  /** Of the client. */
  clientOptions?: readonly string[];
  /** @returns what ends it, once the cell was released and has settled. */
  strike(scene: Scene, reached: Reached): Promise<Heal | undefined>;
}

const killed = (pids: (scene: Scene, reached: Reached) => number[]): Fault['strike'] => {
  return async (scene, reached) => {
    for (const pid of pids(scene, reached)) signal(pid, 'SIGKILL');
    return undefined;
  };
};

const stopped = (pid: (scene: Scene, reached: Reached) => number): Fault['strike'] => {
  return async (scene, reached) => {
    const one = pid(scene, reached);
    await stop(one);
    reached.held = reached.held.filter((other) => other !== one);
    return () => signal(one, 'SIGCONT');
  };
};

/** Until somebody ends it. */
const stoppedForGood = (pid: (scene: Scene, reached: Reached) => number): Fault['strike'] => {
  return async (scene, reached) => {
    await stop(pid(scene, reached));
    return undefined;
  };
};

/** A daemon takes as long to see that a client says nothing. */
const CLOSED_WITHIN_MS = 10_000;

/** So long that the daemon does without it. */
async function stoppedForLong(scene: Scene, reached: Reached): Promise<Heal> {
  const goOn = await stopped((_scene, { call }) => call.pid)(scene, reached);
  return async () => {
    await waitFor('the daemon to close its end', async () => (await scene.isAsBefore()) || undefined, CLOSED_WITHIN_MS);
    await goOn?.();
  };
}

/** Not one descriptor more than it has. */
const withoutDescriptors = (pid: (scene: Scene) => number): Fault['strike'] => {
  return async (scene) => {
    const one = pid(scene);
    const numbers = readdirSync(`/proc/${one}/fd`).map(Number);
    const limits = readFileSync(`/proc/${one}/limits`, 'latin1');
    const [, soft, hard] = /^Max open files +(\d+) +(\d+)/m.exec(limits) ?? [];
    // A descriptor below the limit that is free would still be given out.
    let least = 0;
    while (numbers.includes(least)) least++;
    execFileSync('prlimit', ['--pid', String(one), `--nofile=${least}:${hard}`]);
    return () => execFileSync('prlimit', ['--pid', String(one), `--nofile=${soft}:${hard}`]);
  };
};

/** No page more than it has. */
const withoutMemory = (pid: (scene: Scene) => number): Fault['strike'] => {
  return async (scene) => {
    const one = pid(scene);
    const pages = Number(readFileSync(`/proc/${one}/statm`, 'latin1').split(' ')[0]);
    execFileSync('prlimit', ['--pid', String(one), `--as=${pages * PAGE_BYTES}:`]);
    return () => execFileSync('prlimit', ['--pid', String(one), '--as=unlimited:']);
  };
};

const onDisk = (disk: Disk): Fault => ({
  isOfHost: true,
  outlastsCall: true,
  async strike({ home, host }) {
    if (host === undefined) throw new Error('a disk of its own is needed');
    const before = host.hits;
    host.disk = disk;
    return async () => {
      // What was written of the call itself may have come before.
      expect(await runHook(home, ['echo', 'next'])).toMatchObject({ stdout: 'next\n', explained: { path: 'exec' } });
      await waitFor('the disk to be met', () => host.hits > before || undefined);
      host.disk = 'well';
    };
  },
});

const HOURS_S = 5 * 60 * 60;

const withClock = (aheadS: number): Fault => ({
  isOfHost: true,
  async strike({ daemon, host }) {
    if (host === undefined) throw new Error('a clock of its own is needed');
    host.clockAheadS = aheadS;
    return async () => {
      const { uptimeMs } = await daemon.status();
      expect(Math.abs(uptimeMs), 'milliseconds that it says to have run').toBeLessThan((HOURS_S * 1000) / 2);
      host.clockAheadS = 0;
    };
  },
});

const PAGE_BYTES = 4096;
const LINE_BYTES = 128; // RING_CACHE_LINE in ring.h: tail is on the second line, head on the third
const IMPOSSIBLE = Buffer.alloc(8, 0xff);

/** The indices of both directions, as neither side would write them. */
async function tornRing({ keeperPid }: Scene): Promise<undefined> {
  const maps = readFileSync(`/proc/${keeperPid}/maps`, 'latin1');
  const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) .* \/memfd:/m.exec(maps) ?? [];
  const [begin, end] = [Number.parseInt(from, 16), Number.parseInt(to, 16)];
  const memory = openSync(`/proc/${keeperPid}/mem`, 'r+');
  for (const direction of [begin, begin + (end - begin) / 2])
    for (const line of [1, 2]) writeSync(memory, IMPOSSIBLE, 0, IMPOSSIBLE.length, direction + line * LINE_BYTES);
  closeSync(memory);
  return undefined;
}

export const FAULTS = {
  'client -9': { strike: killed((_scene, { call }) => [call.pid]) },
  'client stopped': { strike: stopped((_scene, { call }) => call.pid) },
  'daemon -9': { endsDaemon: true, strike: killed(({ daemonPid }) => [daemonPid]) },
  'client stopped for long': { needsRoot: true, strike: stoppedForLong },
  'daemon stopped': { strike: stopped(({ daemonPid }) => daemonPid) },
  /** A client that was told to wait no longer than so goes its way; the daemon finds the call later. */
  'daemon stopped for long': {
    outlastsCall: true,
    clientOptions: ['--accept-timeout', '2s'],
    strike: stopped(({ daemonPid }) => daemonPid),
  },
  'keeper -9': { endsKeeper: true, strike: killed(({ keeperPid }) => [keeperPid]) },
  'keeper stopped': { strike: stopped(({ keeperPid }) => keeperPid) },
  /** Noticed by what it leaves unread, after some twelve seconds. */
  'keeper stopped for good': { endsKeeper: true, strike: stoppedForGood(({ keeperPid }) => keeperPid) },
  'parked -9': { strike: killed(({ parkedPids }, { hookPid }) => parkedPids.filter((pid) => pid !== hookPid)) },
  'parked stopped for long': {
    outlastsCall: true,
    clientOptions: ['--timeout', '2s'],
    async strike({ parkedPids }, reached) {
      for (const pid of parkedPids) await stop(pid);
      reached.held = reached.held.filter((pid) => !parkedPids.includes(pid));
      return () => {
        for (const pid of parkedPids) signal(pid, 'SIGCONT');
      };
    },
  },
  'hook -9': { strike: killed((_scene, { hookPid = 0 }) => [hookPid]) },
  'hook stopped': { strike: stopped((_scene, { hookPid = 0 }) => hookPid) },
  'hook stopped for good': {
    clientOptions: ['--timeout', '2s'],
    strike: stoppedForGood((_scene, { hookPid = 0 }) => hookPid),
  },
  'hook out of memory': {
    async strike(_scene, { call }) {
      call.grow();
      return undefined;
    },
  },
  'reader gone': {
    async strike(_scene, { call }) {
      call.hook.process.stdout.destroy();
      return undefined;
    },
  },
  'readers gone': {
    async strike(_scene, { call }) {
      for (const stream of [call.hook.process.stdout, call.hook.process.stderr]) stream.destroy();
      return undefined;
    },
  },
  'daemon EMFILE': { needsRoot: true, strike: withoutDescriptors(({ daemonPid }) => daemonPid) },
  'keeper EMFILE': { needsRoot: true, strike: withoutDescriptors(({ keeperPid }) => keeperPid) },
  'keeper ENOMEM': { needsRoot: true, strike: withoutMemory(({ keeperPid }) => keeperPid) },
  'ring torn': { endsKeeper: true, needsRoot: true, strike: tornRing },
  'disk full': onDisk('full'),
  'disk slow': onDisk('slow'),
  'disk dead': onDisk('dead'),
  'clock ahead': withClock(HOURS_S),
  'clock back': withClock(-HOURS_S),
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;
