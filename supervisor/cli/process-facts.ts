/** Processes by pid and start time: a pid alone may be somebody else's by the time it is looked at again. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessId {
  pid: number;
  startTicks: string;
}

/** Undefined where there is no such process, or only its zombie. */
export function identify(pid: number): ProcessId | undefined {
  const stat = readStat(pid);
  return stat === undefined || stat.state === 'Z' ? undefined : { pid, startTicks: stat.startTicks };
}

function readStat(pid: number): { state: string; parentPid: number; startTicks: string } | undefined {
  try {
    // Field 2, the name, may hold blanks and brackets: count from its last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', parentPid: Number(fields[1]), startTicks: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** All processes below `pid` now. A daemon adopts its orphans, so nothing it started hangs elsewhere. */
export function descendantsOf(pid: number): ProcessId[] {
  const childrenOf = new Map<number, ProcessId[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readStat(Number(name));
    if (stat === undefined || stat.state === 'Z') continue;
    const siblings = childrenOf.get(stat.parentPid) ?? [];
    childrenOf.set(stat.parentPid, [...siblings, { pid: Number(name), startTicks: stat.startTicks }]);
  }
  const found: ProcessId[] = [];
  const pending = [pid];
  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
    const children = childrenOf.get(parent) ?? [];
    found.push(...children);
    pending.push(...children.map((child) => child.pid));
  }
  return found;
}

export function isAlive(process: ProcessId): boolean {
  return identify(process.pid)?.startTicks === process.startTicks;
}

/** Those still alive after at most `budgetMs`. */
export async function waitUntilGone(processes: ProcessId[], budgetMs: number): Promise<ProcessId[]> {
  const deadlineAtMs = performance.now() + budgetMs;
  let alive = processes.filter(isAlive);
  while (alive.length > 0 && performance.now() < deadlineAtMs) {
    await sleep(20);
    alive = alive.filter(isAlive);
  }
  return alive;
}

/** Checks right before the signal, which leaves a gap of microseconds for a reused pid. */
export function signalIfSame(target: ProcessId, signal: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch {
    // it ended in between: what was wanted
  }
}
