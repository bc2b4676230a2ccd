/** Processes by pid and start time: a pid alone may be somebody else's by the time it is looked at again. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessId {
  pid: number;
  startTicks: string;
}

/** Undefined where there is no such process, or only its zombie. */
export function identify(pid: number): ProcessId | undefined {
  try {
    // Field 2, the name, may hold blanks and brackets: count from its last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTicks = fields[19];
    return fields[0] === 'Z' || startTicks === undefined ? undefined : { pid, startTicks };
  } catch {
    return undefined;
  }
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
