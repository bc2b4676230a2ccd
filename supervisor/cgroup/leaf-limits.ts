/** Which files of a v2 group hold which limits. Pure. */
import type { PoolLimits } from '../contract/config.js';
import type { LeafLimit } from './driver.js';

/** Controllers without which there is no point in groups, and those that the configuration asks for besides. */
export const WANTED_CONTROLLERS = ['memory', 'pids'];

export function askedControllers(limits: PoolLimits): string[] {
  return ['cpu', ...(limits.ioMax === null ? [] : ['io']), ...(limits.cpuset === null ? [] : ['cpuset'])];
}

/** Of one task. Only files of `controllers` are named: the others are not there. */
export function leafLimits(limits: PoolLimits, controllers: readonly string[]): LeafLimit[] {
  const all: [file: string, value: string | number | null][] = [
    ['memory.swap.max', limits.swapMaxBytes],
    ['memory.high', limits.memoryHighBytes || null],
    ['memory.max', limits.memoryMaxBytes],
    ['memory.oom.group', 1],
    ['pids.max', limits.pidsMax],
    ['cpu.max', limits.cpuMax],
    ['cpu.max.burst', limits.cpuBurstUs || null],
    ['cpu.weight', limits.cpuWeight || null],
    ['io.max', limits.ioMax],
    ['cpuset.cpus', limits.cpuset],
  ];
  return named(all, controllers);
}

/** Of all workers of one daemon together. */
export function totalLimits(limits: PoolLimits, controllers: readonly string[]): LeafLimit[] {
  const all: [file: string, value: string | number | null][] = [
    ['memory.max', limits.totalMemoryMaxBytes || null],
    ['pids.max', limits.totalPidsMax || null],
  ];
  return named(all, controllers);
}

/** Huge pages count against no limit of memory, so hooks get none. One file for each size of page, and for what is only
 *  reserved: without the second a program maps them and is killed when it touches them. */
export function noHugePages(files: readonly string[]): LeafLimit[] {
  return files.filter((file) => /^hugetlb\.[^.]+\.(rsvd\.)?max$/.test(file)).map((file) => ({ file, text: '0' }));
}

/** What the daemon keeps for itself when hooks take all there is: its own memory, and a turn on the CPU at once. */
export function floor(controllers: readonly string[]): LeafLimit[] {
  const all: [file: string, value: string | number | null][] = [
    ['cpu.weight', 1000],
    ['memory.low', 256 * 1024 * 1024],
  ];
  return named(all, controllers);
}

function named(all: [file: string, value: string | number | null][], controllers: readonly string[]): LeafLimit[] {
  return all.flatMap(([file, value]) =>
    value !== null && controllers.includes(file.split('.', 1)[0] ?? '') ? [{ file, text: String(value) }] : [],
  );
}
