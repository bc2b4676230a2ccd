/** Which files of v1 groups hold which limits. Pure. */
import type { PoolLimits } from '../contract/config.js';
import type { LeafLimit } from './driver.js';

const SHARES_USUAL = 1024;
/** What lies in connections is counted apart, and without a limit of its own not at all. */
const TCP_FILE = 'memory.kmem.tcp.limit_in_bytes';

/** @param has whether the kernel has that file: swap accounting, TCP accounting and bursts may be missing. */
export function v1LeafLimits(limits: PoolLimits, has: (file: string) => boolean): LeafLimit[] {
  const [quotaUs, periodUs] = limits.cpuMax?.split(' ') ?? [];
  const swapFile = 'memory.memsw.limit_in_bytes';
  return given([
    ['memory.limit_in_bytes', limits.memoryMaxBytes],
    // Memory and swap together, and never less than memory alone.
    [swapFile, has(swapFile) ? limits.memoryMaxBytes + limits.swapMaxBytes : undefined],
    [TCP_FILE, has(TCP_FILE) ? limits.memoryMaxBytes : undefined],
    ['pids.max', limits.pidsMax],
    ['cpu.cfs_period_us', periodUs],
    ['cpu.cfs_quota_us', quotaUs],
    ['cpu.cfs_burst_us', limits.cpuBurstUs || undefined],
    [
      'cpu.shares',
      limits.cpuWeight === 0 ? undefined : Math.max(2, Math.round((limits.cpuWeight * SHARES_USUAL) / 100)),
    ],
  ]);
}

export function v1TotalLimits(limits: PoolLimits, has: (file: string) => boolean): LeafLimit[] {
  return given([
    ['memory.limit_in_bytes', limits.totalMemoryMaxBytes || undefined],
    [TCP_FILE, has(TCP_FILE) ? limits.totalMemoryMaxBytes || undefined : undefined],
    ['pids.max', limits.totalPidsMax || undefined],
  ]);
}

/** What is configured and has no counterpart here, by its name in v2. */
export function notInV1(limits: PoolLimits): string[] {
  return [
    ...(limits.memoryHighBytes > 0 ? ['memory.high'] : []),
    ...(limits.ioMax === null ? [] : ['io.max']),
    ...(limits.cpuset === null ? [] : ['cpuset.cpus']),
  ];
}

function given(all: [file: string, value: string | number | undefined][]): LeafLimit[] {
  return all.flatMap(([file, value]) => (value === undefined ? [] : [{ file, text: String(value) }]));
}
