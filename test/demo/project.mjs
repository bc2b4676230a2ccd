// A small project with hooks, as an agent would find it.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HOOKS = fileURLToPath(new URL('../fixtures/demo', import.meta.url));

export function makeProject(folder) {
  mkdirSync(join(folder, 'src'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "example" }\n');
  writeFileSync(join(folder, 'src', 'main.py'), "print('hello')\n");
  cpSync(HOOKS, join(folder, '.claude', 'hooks'), { recursive: true });
}

/** Runs `during` while the hook is another one: what `--tamper` shows must be found. */
export async function withAlteredHook(folder, hook, during) {
  const file = join(folder, '.claude', 'hooks', hook);
  const original = readFileSync(file);
  writeFileSync(file, Buffer.concat([original, Buffer.from("sys.stdout.write(' ')\n")]));
  try {
    return await during();
  } finally {
    writeFileSync(file, original);
  }
}
