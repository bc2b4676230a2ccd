// The Python that hooks are run by. A version manager's shim on PATH costs more than the interpreter it starts and would
// make every comparison with a direct run too good.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function onPath(command, path = process.env.PATH ?? '') {
  return path
    .split(':')
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, command))
    .find(isExecutable);
}

export function findPython() {
  const usual = ['/usr/bin/python3', '/usr/local/bin/python3'].find((file) => existsSync(file));
  const file = usual ?? executableBehind('python3');
  if (file === undefined) throw new Error('no python3 found: on Debian or Ubuntu, apt-get install python3');
  const version = spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout.trim();
  return { file, version, path: [...new Set([dirname(file), '/usr/local/bin', '/usr/bin', '/bin'])].join(':') };
}

/** The `python3` on PATH if it starts an interpreter that lies somewhere else. */
export function findPythonShim() {
  const command = onPath('python3');
  if (command === undefined) return undefined;
  const behind = executableBehind(command);
  return behind === undefined || realpathSync(command) === realpathSync(behind) ? undefined : { file: command, behind };
}

function executableBehind(command) {
  const asked = spawnSync(command, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  return asked.status === 0 ? asked.stdout.trim() : undefined;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
