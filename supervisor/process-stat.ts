/** What the kernel says of a process in /proc/PID/stat. */
import { readFileSync } from 'node:fs';
import type { ProcessId } from './contract/daemon-lock.js';

export interface ProcessStat extends ProcessId {
  parentPid: number;
  /** It has ended, and nobody has asked for its status yet. */
  isZombie: boolean;
}

/** Undefined: there is no such process. */
export function statOf(pid: number): ProcessStat | undefined {
  try {
    // Field 2, the name, may hold blanks and brackets: count from its last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, startTicks: fields[19] ?? '', parentPid: Number(fields[1]), isZombie: fields[0] === 'Z' };
  } catch {
    return undefined;
  }
}

/** Undefined: there is no such process. */
export function parentOf(pid: number): number | undefined {
  return statOf(pid)?.parentPid;
}

/** Undefined where there is no such process, or only its zombie. */
export function identify(pid: number): ProcessId | undefined {
  const stat = statOf(pid);
  return stat === undefined || stat.isZombie ? undefined : { pid, startTicks: stat.startTicks };
}

export function isAlive(process: ProcessId): boolean {
  return identify(process.pid)?.startTicks === process.startTicks;
}
