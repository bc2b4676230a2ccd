// A Node of a major version, from the npm packages that hold its official binaries, kept in the user's cache folder. Delete
// the folder to have newer ones.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hook-supervisor', 'nodes');

/** The folder with its `node`, fetched if it is not there yet. */
export function fetchNode(major) {
  const kept = join(cacheFolder, String(major));
  const bin = join(kept, 'package', 'bin');
  if (existsSync(join(bin, 'node'))) return bin;
  mkdirSync(cacheFolder, { recursive: true });
  // Beside it and renamed: a fetch that was broken off leaves nothing that looks whole.
  const folder = mkdtempSync(join(cacheFolder, 'fetching-'));
  try {
    const name = `node-linux-${process.arch}@${major}`;
    const file = run(folder, 'npm', ['pack', '--silent', name]).trim().split('\n').at(-1);
    run(folder, 'tar', ['-xzf', file, 'package/bin', 'package/package.json']);
    rmSync(join(folder, file));
    rmSync(kept, { recursive: true, force: true });
    renameSync(folder, kept);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return bin;
}

function run(cwd, command, args) {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${result.error?.message ?? 'failed, see above'}`);
  return result.stdout;
}
