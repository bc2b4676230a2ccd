/** How much memory the host and our groups would still give, and how hard memory and processors are pressed. A file that is
 *  not there leaves its figure out. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostRoom } from '../contract/host-room.js';
import { LIMITS } from '../contract/limits.js';

/** @param groups folders of the cgroups that limit our workers.
 *  @param procFolder the kernel's. */
export function hostRoomReader(groups: readonly string[], procFolder = '/proc'): () => Promise<HostRoom> {
  return async () => {
    const [memInfo, memory, cpu, ...spares] = await Promise.all([
      textOf(procFolder, 'meminfo'),
      textOf(procFolder, 'pressure/memory'),
      textOf(procFolder, 'pressure/cpu'),
      ...groups.map(spareOfGroup),
    ]);
    const known = [spareOfHost(memInfo), ...spares].filter((bytes) => bytes !== undefined);
    return {
      spareMemoryBytes: known.length === 0 ? null : Math.min(...known),
      memoryPressurePercent: pressurePercent(memory),
      cpuPressurePercent: pressurePercent(cpu),
    };
  };
}

function spareOfHost(memInfo: string): number | undefined {
  const bytesOf = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(memInfo)?.[1]) * 1024;
  return spare(bytesOf('MemTotal'), bytesOf('MemAvailable'));
}

async function spareOfGroup(folder: string): Promise<number | undefined> {
  const maxBytes = Number((await textOf(folder, 'memory.max')) || 'max'); // most groups have no limit: nothing else is read
  if (Number.isNaN(maxBytes)) return undefined;
  const [current, stat] = await Promise.all([textOf(folder, 'memory.current'), textOf(folder, 'memory.stat')]);
  // Files that nobody has looked at lately are given up before anything else.
  const reclaimableBytes = Number(/^inactive_file (\d+)$/m.exec(stat)?.[1] ?? 0);
  return spare(maxBytes, maxBytes - Number(current || Number.NaN) + reclaimableBytes);
}

function spare(allBytes: number, freeBytes: number): number | undefined {
  const bytes = freeBytes - allBytes * LIMITS.memoryKeptFreePart;
  return Number.isNaN(bytes) ? undefined : Math.round(bytes);
}

/** Of a pressure file: how long at least one task waited. */
function pressurePercent(text: string): number | null {
  const match = /^some avg10=([\d.]+) /m.exec(text);
  return match === null ? null : Number(match[1]);
}

async function textOf(folder: string, file: string): Promise<string> {
  try {
    return await readFile(join(folder, file), 'latin1');
  } catch {
    return ''; // absent, gone, or (pressure) switched off
  }
}
