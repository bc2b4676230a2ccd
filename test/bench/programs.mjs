// The small programs the benchmark starts, compiled for this machine.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('programs', import.meta.url));
const HEADERS = ['client', 'lib'].map((folder) =>
  fileURLToPath(new URL(`../../native-shim/${folder}`, import.meta.url)),
);
const WITHOUT_LIBC = ['-static', '-nostdlib', '-no-pie', '-s', '-ffreestanding', '-fno-stack-protector'];

export function buildPrograms(folder) {
  mkdirSync(folder);
  const copied = ['builtins.sh', 'imports.py', 'guard.cjs', 'guard.mjs'].map((name) => {
    copyFileSync(join(SOURCES, name), join(folder, name));
    return join(folder, name);
  });
  return {
    echo: compile('echo', folder, [...WITHOUT_LIBC, ...HEADERS.map((folder) => `-I${folder}`)]),
    parent: compile('parent', folder, []),
    builtins: copied[0],
    imports: copied[1],
    commonJs: copied[2],
    esModule: copied[3],
  };
}

function compile(name, folder, options) {
  const program = join(folder, name);
  const args = ['-std=gnu11', '-O2', ...options, '-o', program, join(SOURCES, `${name}.c`)];
  const result = spawnSync('gcc', args, { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`gcc ${args.join(' ')}\n${result.error?.message ?? result.stderr}`);
  return program;
}
