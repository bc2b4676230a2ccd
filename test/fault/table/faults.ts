/** What is done to the machine at a step. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { signal, stop } from './parties.js';
import type { Scene } from './scene.js';
import type { Reached } from './steps.js';

export interface Fault {
  /** The daemon is gone afterwards. */
  endsDaemon?: boolean;
  /** The keeper is gone afterwards: the next one starts later each time, so the row goes on with a fresh daemon. */
  endsKeeper?: boolean;
  /** Looks into processes that only root sees. */
  needsRoot?: boolean;
  /** @returns what ends it, once the cell was released and has settled. */
  strike(scene: Scene, reached: Reached): Promise<(() => void) | undefined>;
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
  'daemon stopped': { strike: stopped(({ daemonPid }) => daemonPid) },
  'keeper -9': { endsKeeper: true, strike: killed(({ keeperPid }) => [keeperPid]) },
  'keeper stopped': { strike: stopped(({ keeperPid }) => keeperPid) },
  /** Noticed by what it leaves unread, after some twelve seconds. */
  'keeper stopped for good': { endsKeeper: true, strike: stoppedForGood(({ keeperPid }) => keeperPid) },
  'parked -9': { strike: killed(({ parkedPids }, { hookPid }) => parkedPids.filter((pid) => pid !== hookPid)) },
  'hook -9': { strike: killed((_scene, { hookPid = 0 }) => [hookPid]) },
  'hook stopped': { strike: stopped((_scene, { hookPid = 0 }) => hookPid) },
  'reader gone': {
    async strike(_scene, { call }) {
      call.hook.process.stdout.destroy();
      return undefined;
    },
  },
  'daemon EMFILE': { needsRoot: true, strike: withoutDescriptors(({ daemonPid }) => daemonPid) },
  'keeper EMFILE': { needsRoot: true, strike: withoutDescriptors(({ keeperPid }) => keeperPid) },
  'ring torn': { endsKeeper: true, needsRoot: true, strike: tornRing },
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;
