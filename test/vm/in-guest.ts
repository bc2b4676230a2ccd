/** Boots a guest once for the tests of one file. */
import { spawn, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';

const FOLDER = import.meta.dirname;
const REPOSITORY = join(FOLDER, '../..');
const RUNNER = join(FOLDER, 'run-in-vm');
const PREPARE_TIMEOUT_S = 240; // QEMU and a kernel are fetched the first time

/** @param program in this folder: gets the paths of the project and of Node, and prints what it has found.
 *  @param options of run-in-vm. */
export function inGuest(program: string, timeoutS: number, options: string[] = []) {
  let unavailable = '';
  return {
    timeoutMs: (PREPARE_TIMEOUT_S + timeoutS + 10) * 1000,

    /** @returns what the program printed; undefined where there can be no guest, with every test skipped. */
    async boot(): Promise<string | undefined> {
      const prepared = spawnSync(RUNNER, [...options, '--prepare'], {
        encoding: 'utf8',
        timeout: PREPARE_TIMEOUT_S * 1000,
      });
      if (prepared.status !== 0) {
        unavailable = prepared.stderr?.trim().split('\n').at(-1) || `run-in-vm --prepare: ${prepared.error?.message}`;
        return undefined;
      }
      const command = ['python3', '-B', join(FOLDER, program), REPOSITORY, realpathSync(process.execPath)];
      return run([...options, '--timeout', String(timeoutS), '--', ...command]);
    },

    skipWithout({ task, skip }: TestContext): void {
      if (unavailable === '') return;
      Object.assign(task.meta, { skipReason: unavailable });
      skip(unavailable);
    },
  };
}

function run(argv: string[]): Promise<string> {
  const guest = spawn(RUNNER, argv, { cwd: REPOSITORY });
  let stdout = '';
  let stderr = '';
  guest.stdout.on('data', (data) => {
    stdout += data;
  });
  guest.stderr.on('data', (data) => {
    stderr += data;
  });
  return new Promise((resolve, reject) => {
    guest.on('close', (code) => (code === 0 ? resolve(stdout) : reject(new Error(`guest: exit ${code}\n${stderr}`))));
  });
}
