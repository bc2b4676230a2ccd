/** Every process of the daemon, one row each, and what the kernel says of it now. */
import pidusage from 'pidusage';
import { shownName } from '../contract/pool-place.js';
import type { PoolStatus, RunningStatus } from '../contract/status.js';

export interface ProcessRow {
  /** As commands take it: `exec/3`, `python-0123456789abcdef/zygote`, `exec@1/3` of a pool that goes; the daemon has no slash. */
  name: string;
  /** '' for the daemon. */
  pool: string;
  pid: number;
  kind: 'daemon' | 'keeper' | 'proxy' | 'zygote' | 'parked';
  state: string;
  cgroupPath: string | null;
}

export interface ProcessUsage {
  ageMs: number;
  /** Resident; pages shared with others count in full. */
  memoryBytes: number;
  cpuMs: number;
}

export type MeasuredRow = ProcessRow & { usage: ProcessUsage | null };

/** What it keeps for later holds a descriptor of each process open, and processes come and go. 0 makes it read for ever. */
const HISTORY_MS = 2_000;

export function processRows({ pid, pools }: Pick<RunningStatus, 'pid' | 'pools'>): ProcessRow[] {
  const own: ProcessRow = { name: 'daemon', pool: '', pid, kind: 'daemon', state: 'running', cgroupPath: null };
  return [own, ...pools.flatMap(rowsOfPool)];
}

export function rowsOfPool(pool: PoolStatus): ProcessRow[] {
  const row = (name: string, pid: number, kind: ProcessRow['kind'], state: string, cgroupPath: string | null) => {
    return { name: `${shownName(pool.id, pool)}/${name}`, pool: pool.id, pid, kind, state, cgroupPath };
  };
  return [
    ...(pool.keeperPid === null ? [] : [row('keeper', pool.keeperPid, 'keeper', pool.state, null)]),
    ...(pool.egress === null ? [] : [row('proxy', pool.egress.pid, 'proxy', 'running', null)]),
    ...pool.workers.map(({ kind, slot, pid, state, cgroupPath }) =>
      row(slot === null ? kind : String(slot), pid, kind, state, cgroupPath),
    ),
  ];
}

/** @returns the rows with their figures; null for a process that has ended meanwhile. */
export async function measured(rows: readonly ProcessRow[]): Promise<MeasuredRow[]> {
  const pids = [...new Set(rows.map(({ pid }) => pid))];
  const usages = await pidusage(pids, { maxage: HISTORY_MS }).catch(() => undefined);
  return rows.map((row) => {
    const found = usages?.[row.pid];
    if (!found) return { ...row, usage: null };
    return { ...row, usage: { ageMs: found.elapsed, memoryBytes: found.memory, cpuMs: found.ctime } };
  });
}
