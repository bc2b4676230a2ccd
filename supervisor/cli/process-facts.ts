/** Processes that are to end: who they are, and whether they have. */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessId } from '../contract/daemon-lock.js';
import { isAlive, statOf } from '../process-stat.js';

/** All of `roots` that run now, and all processes below them, each once. A daemon adopts its orphans, so nothing it started hangs
 *  elsewhere. */
export function withDescendants(roots: readonly ProcessId[]): ProcessId[] {
  const childrenOf = new Map<number, ProcessId[]>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
    if (stat === undefined || stat.isZombie) continue;
    const siblings = childrenOf.get(stat.parentPid) ?? [];
    childrenOf.set(stat.parentPid, [...siblings, { pid: stat.pid, startTicks: stat.startTicks }]);
  }
  const found = new Map<number, ProcessId>();
  const pending = roots.filter(isAlive);
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    if (found.has(one.pid)) continue;
    found.set(one.pid, one);
    pending.push(...(childrenOf.get(one.pid) ?? []));
  }
  return [...found.values()];
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
