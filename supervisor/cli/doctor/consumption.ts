/** What the supervisor itself costs, as the process table has it: memory with all that is shared, CPU since the start. */
import pidusage from 'pidusage';
import type { RunningStatus } from '../../contract/status.js';
import { type Check, ok, warn } from './check.js';

const MIB = 1024 * 1024;
/** Some ten times what it needs: it has lost hold of something. */
const DAEMON_MEMORY_MAX_BYTES = 512 * MIB;

/** By pid; null for one that has ended. */
export type ReadUsage = (pids: number[]) => Promise<Record<string, { memory: number; cpu: number } | null>>;

export async function consumptionCheck(
  status: Pick<RunningStatus, 'pid' | 'keepers'>,
  readUsage: ReadUsage = pidusage,
): Promise<Check> {
  const name = 'consumption';
  const keepers = status.keepers.map(({ pid }) => pid);
  let usage: Awaited<ReturnType<ReadUsage>>;
  try {
    usage = await readUsage([status.pid, ...keepers]);
  } catch (error) {
    return warn(
      name,
      `cannot be read: ${(error as Error).message}`,
      'mount /proc so that processes of one uid see each other',
    );
  }
  const daemon = usage[status.pid];
  if (!daemon) return warn(name, 'the daemon has just ended', 'supervisor status');
  const keeperBytes = keepers.reduce((sum, pid) => sum + (usage[pid]?.memory ?? 0), 0);
  const text =
    `daemon ${megabytes(daemon.memory)} and ${daemon.cpu.toFixed(1)} % of a processor since its start; ` +
    `${keepers.length} keepers ${megabytes(keeperBytes)}`;
  if (daemon.memory <= DAEMON_MEMORY_MAX_BYTES) return ok(name, text);
  return warn(name, `${text}: far more than it needs`, 'supervisor down, then up again; please report it');
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / MIB)} MB`;
}
