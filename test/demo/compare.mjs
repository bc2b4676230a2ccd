// Keeps both answers of an event as files and has cmp(1) compare them: the reader can repeat it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PARTS = ['stdout', 'stderr', 'status'];

/** What differs, in cmp's words; nothing when the answers are identical. */
export function compare(folder, direct, supervised) {
  mkdirSync(folder, { recursive: true });
  const differences = [];
  for (const part of PARTS) {
    const files = [join(folder, `direct.${part}`), join(folder, `supervised.${part}`)];
    writeFileSync(files[0], direct[part]);
    writeFileSync(files[1], supervised[part]);
    const result = spawnSync('cmp', files, { encoding: 'utf8' });
    if (result.error) throw result.error;
    if (result.status !== 0) differences.push((result.stdout + result.stderr).trim());
  }
  return differences;
}

/** Why a direct run is not what the event is meant to show; undefined if it is. */
export function unexpected(answer, { exitCode, stdout, stderr }) {
  if (answer.status !== `exit ${exitCode}`) return `${answer.status} instead of exit ${exitCode}: ${answer.stderr}`;
  if (!stdout.test(answer.stdout.toString())) return `stdout is ${answer.stdout.subarray(0, 200)}`;
  if (!stderr.test(answer.stderr.toString())) return `stderr is ${answer.stderr.subarray(0, 200)}`;
  return undefined;
}
