/** What of the host must be after the attacks as it was before. Only what is ours is looked at: others live here too. */
import { readdirSync, readFileSync } from 'node:fs';
import { pidsNaming } from '../../lib/processes.js';
import type { Scene } from './scene.js';

const IPC_LISTS = ['shm', 'sem', 'msg'];

export interface Baseline {
  processes: number[];
  mounts: string[];
  leftFiles: string[];
  ipc: string[];
  group: string;
  isVictimAlive: boolean;
  daemonPid: number;
}

export async function baseline(scene: Scene): Promise<Baseline> {
  const isOurs = (line: string) => line.includes(scene.folder) || line.includes(scene.home.root);
  return {
    processes: pidsNaming(`/nonexistent/${scene.nonce}`),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').filter(isOurs),
    leftFiles: ['/tmp', '/dev/shm', '/dev/mqueue'].flatMap((folder) => namesIn(folder, scene.nonce)),
    ipc: IPC_LISTS.filter((list) =>
      new RegExp(`^ *${scene.key} `, 'm').test(readFileSync(`/proc/sysvipc/${list}`, 'utf8')),
    ),
    group: readFileSync(`/proc/${scene.daemonPid}/cgroup`, 'utf8'),
    isVictimAlive: namesIn('/proc', String(scene.victimPid)).includes(String(scene.victimPid)),
    daemonPid: (await scene.daemon.status()).pid,
  };
}

function namesIn(folder: string, text: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.includes(text));
  } catch {
    return []; // not mounted here
  }
}

export interface Weight {
  descriptors: number;
  memoryBytes: number;
  processes: number;
}

/** Of the daemon; processes are the parked ones and their keepers. */
export async function weight(scene: Scene): Promise<Weight> {
  const status = readFileSync(`/proc/${scene.daemonPid}/status`, 'utf8');
  const { keepers, pools } = await scene.daemon.status();
  return {
    descriptors: readdirSync(`/proc/${scene.daemonPid}/fd`).length,
    memoryBytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024,
    processes: keepers.length + pools.reduce((sum, { workers }) => sum + workers.length, 0),
  };
}
