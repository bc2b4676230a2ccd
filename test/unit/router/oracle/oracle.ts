/** Real shells, asked what they make of a text. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ShellCase {
  shell: string;
  text: string;
  env: readonly string[];
}
export interface ShellAnswer {
  /** As waitpid gives it. */
  status: number;
  output: string;
}

export interface Oracle {
  /** Holds bin/show, a `link` to itself and `sh`, which is bash by that name. Also the cwd of every case. */
  folder: string;
  ask(cases: readonly ShellCase[]): ShellAnswer[];
  remove(): void;
}

const sourceFolder = fileURLToPath(new URL('.', import.meta.url));

export function makeOracle(): Oracle {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'shell-oracle-')));
  mkdirSync(join(folder, 'bin'));
  for (const [source, program] of [
    ['show.c', 'bin/show'],
    ['run-cases.c', 'run-cases'],
  ] as const) {
    execFileSync('cc', ['-O1', '-D_GNU_SOURCE', '-o', join(folder, program), join(sourceFolder, source)]);
  }
  symlinkSync(folder, join(folder, 'link'));
  symlinkSync('/bin/bash', join(folder, 'sh'));
  writeFileSync(join(folder, 'bin', 'notes'), 'not to be executed\n');
  writeFileSync(join(folder, 'bin', 'plain-text'), 'show from a text without #!\n', { mode: 0o755 });
  return {
    folder,
    ask: (cases) => ask(folder, cases),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function ask(folder: string, cases: readonly ShellCase[]): ShellAnswer[] {
  const fields = cases.flatMap(({ shell, text, env }) => [shell, text, String(env.length), ...env]);
  const input = Buffer.from(fields.map((field) => `${field}\0`).join(''), 'latin1');
  const { stdout } = spawnSync(join(folder, 'run-cases'), { cwd: folder, input, maxBuffer: 256 * 1024 * 1024 });
  const answers: ShellAnswer[] = [];
  for (let at = 0; at < stdout.length; ) {
    const lineEnd = stdout.indexOf(0x0a, at);
    const [status, bytes] = stdout.toString('latin1', at, lineEnd).split(' ').map(Number) as [number, number];
    answers.push({ status, output: stdout.toString('latin1', lineEnd + 1, lineEnd + 1 + bytes) });
    at = lineEnd + 1 + bytes;
  }
  return answers;
}
