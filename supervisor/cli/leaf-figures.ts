/** What the kernel counts for one cgroup leaf, read by the command line: the daemon is not kept busy with it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LeafFigures {
  memoryBytes: number;
  memoryPeakBytes: number | null;
  /** As the file has it: `max` for none. */
  memoryMax: string | null;
  pids: number | null;
  pidsMax: string | null;
  cpuMs: number | null;
  throttledMs: number | null;
  /** Processes that the kernel ended at the memory limit. */
  oomKills: number | null;
}

/** @param cgroupPath as /proc/PID/cgroup has it. Undefined where its memory cannot be read: no v2 tree, or it is gone. */
export function leafFigures(
  cgroupPath: string,
  mountInfo = readOr('/proc/self/mountinfo') ?? '',
): LeafFigures | undefined {
  const mount = v2Mount(mountInfo);
  if (mount === undefined) return undefined;
  const inside = mount.root === '/' ? cgroupPath : cgroupPath.replace(mount.root, '');
  const read = (file: string) => readOr(join(mount.folder, inside, file))?.trim() ?? null;
  const memory = numberOf(read('memory.current'));
  if (memory === null) return undefined;
  const cpu = read('cpu.stat') ?? '';
  return {
    memoryBytes: memory,
    memoryPeakBytes: numberOf(read('memory.peak')),
    memoryMax: read('memory.max'),
    pids: numberOf(read('pids.current')),
    pidsMax: read('pids.max'),
    cpuMs: thousandth(keyed(cpu, 'usage_usec')),
    throttledMs: thousandth(keyed(cpu, 'throttled_usec')),
    oomKills: keyed(read('memory.events') ?? '', 'oom_kill'),
  };
}

function v2Mount(mountInfo: string): { folder: string; root: string } | undefined {
  for (const line of mountInfo.split('\n')) {
    if (!line.includes(' - cgroup2 ')) continue;
    const [, , , root = '/', folder = ''] = line.split(' ');
    return { folder, root };
  }
  return undefined;
}

function readOr(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function keyed(text: string, key: string): number | null {
  return numberOf(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1] ?? null);
}

function numberOf(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}

function thousandth(value: number | null): number | null {
  return value === null ? null : value / 1000;
}
