// Packages of npm that tests need and the product does not: parts of them, kept in the user's cache folder. No script of
// theirs is run.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hook-supervisor');

/** @param kept the folder below the cache folder that has it. @param file of the package, by which it is known to be there. */
export function keptFile(kept, file) {
  const path = join(cacheFolder, kept, 'package', file);
  return existsSync(path) ? path : undefined;
}

/**
 * The file in question, fetched if it is not there yet. Throws with what npm said.
 * @param parts files and folders of the package. @param integrity as npm has it, where a version was chosen for good.
 */
export function fetchedFile({ name, kept, file, parts, integrity }) {
  const found = keptFile(kept, file);
  if (found !== undefined) return found;
  const place = join(cacheFolder, kept);
  mkdirSync(dirname(place), { recursive: true });
  // Beside it and renamed: a fetch that was broken off leaves nothing that looks whole.
  const folder = mkdtempSync(join(dirname(place), 'fetching-'));
  try {
    const packed = join(folder, run(folder, 'npm', ['pack', '--silent', name]).trim().split('\n').at(-1));
    if (integrity !== undefined) check(packed, name, integrity);
    run(folder, 'tar', ['-xzf', packed, ...parts.map((part) => `package/${part}`)]);
    rmSync(packed);
    rmSync(place, { recursive: true, force: true });
    renameSync(folder, place);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return join(place, 'package', file);
}

/** What is run here is what was looked at, whatever the registry says today. */
function check(packed, name, integrity) {
  const is = `sha512-${createHash('sha512').update(readFileSync(packed)).digest('base64')}`;
  if (is !== integrity) throw new Error(`${name}: its bytes are not those that were pinned`);
}

function run(cwd, command, args) {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${result.error?.message ?? 'failed, see above'}`);
  return result.stdout;
}
