// A daemon at rest: nothing runs, nothing waits, and below it there is nothing but its keepers, its zygotes and what is
// parked.
import { setTimeout as sleep } from 'node:timers/promises';
import { takeSnapshot } from '../demo/world.mjs';

const REST_TIMEOUT_MS = 30_000;
const LOOK_EVERY_MS = 200;

/** What is there that should not be; nothing when all is well, for which it waits. */
export async function notAtRest(supervisor) {
  const giveUpAtMs = performance.now() + REST_TIMEOUT_MS;
  for (;;) {
    const found = unrest(await supervisor.status(), takeSnapshot([]).processes);
    if (found.length === 0 || performance.now() > giveUpAtMs) return found;
    await sleep(LOOK_EVERY_MS);
  }
}

function unrest(status, processes) {
  const { active, queued } = status.calls;
  const workers = status.pools.flatMap((pool) => pool.workers);
  const known = new Set([status.pid, ...status.keepers.map(({ pid }) => pid), ...workers.map(({ pid }) => pid)]);
  const strangers = below(status.pid, [...processes.values()]).filter(({ pid }) => !known.has(pid));
  return [
    ...(active + queued > 0 ? [`${active} calls run, ${queued} wait`] : []),
    ...workers
      .filter(({ kind, state }) => kind === 'parked' && state !== 'parked')
      .map(({ pid, state }) => `process ${pid} is ${state}`),
    ...strangers.map(({ pid, command }) => `process ${pid}, which status does not know: ${command}`),
  ];
}

function below(pid, processes) {
  const children = processes.filter(({ parentPid }) => parentPid === pid);
  return children.flatMap((child) => [child, ...below(child.pid, processes)]);
}
