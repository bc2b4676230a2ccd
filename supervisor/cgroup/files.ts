/** Cgroup files: small reads and writes with their errno as a value, and the kill-and-remove of a tree. */
import { mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** '' on success, else the errno name (EBUSY, EACCES, ENOENT, EROFS...). */
export function writeGroup(folder: string, file: string, value: string): string {
  return attempt(() => writeFileSync(join(folder, file), value));
}

export function makeGroup(folder: string): string {
  const code = attempt(() => mkdirSync(folder));
  return code === 'EEXIST' ? '' : code;
}

export function readGroup(folder: string, file: string): string | undefined {
  try {
    return readFileSync(join(folder, file), 'latin1');
  } catch {
    return undefined; // absent, or gone: the callers treat both as "nothing to read"
  }
}

/** The number of `key` in a file of keys; 0 where there is none. */
export function counted(folder: string, file: string, key: string): number {
  const line = readGroup(folder, file)
    ?.split('\n')
    .find((one) => one.startsWith(`${key} `));
  return Number(line?.slice(key.length + 1) ?? 0);
}

/** Undefined where it cannot be opened: gone, or no descriptor is left. */
export function openGroup(folder: string): number | undefined {
  try {
    return openSync(folder, 'r');
  } catch {
    return undefined;
  }
}

export function childGroups(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
}

export function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export function members(folder: string): number[] {
  return (readGroup(folder, 'cgroup.procs') ?? '').split('\n').filter(Boolean).map(Number);
}

/** Kills all below `folder` and removes it, leaves first. A group stays busy for a moment after its kill, so removal is
 *  tried again for up to `budgetMs`. Returns '' or the errno name of the last try. */
export async function killAndRemove(
  folder: string,
  budgetMs: number,
  sleep: (ms: number) => Promise<void>,
): Promise<string> {
  if (writeGroup(folder, 'cgroup.kill', '1') !== '') killMembers(folder);
  let code = '';
  for (let waitedMs = 0; ; waitedMs += 5) {
    code = removeTree(folder);
    if (code === '' || waitedMs >= budgetMs) return code;
    await sleep(5);
  }
}

function killMembers(folder: string): void {
  for (const child of childGroups(folder)) killMembers(child);
  for (const pid of members(folder)) attempt(() => process.kill(pid, 'SIGKILL'));
}

function removeTree(folder: string): string {
  for (const child of childGroups(folder)) {
    const code = removeTree(child);
    if (code !== '') return code;
  }
  return removeEmpty(folder);
}

/** '' also where it is not there. */
export function removeEmpty(folder: string): string {
  const code = attempt(() => rmdirSync(folder));
  return code === 'ENOENT' ? '' : code;
}

function attempt(action: () => void): string {
  try {
    action();
    return '';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EIO';
  }
}
