// Makes a fresh clone ready to test: installs what is missing, builds what is stale. Node built-ins only.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export function prepare(root) {
  if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) step(root, 'npm', ['ci']);
  else step(root, process.execPath, ['native-shim/build.mjs']);
}

function step(root, command, args) {
  process.stdout.write(`> ${command} ${args.join(' ')}\n`);
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (result.status === 0) return;
  process.stderr.write(`test: cannot go on: ${command} ${result.error?.message ?? 'failed, see above'}\n`);
  process.exit(1);
}
