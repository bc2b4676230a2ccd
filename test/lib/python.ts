/** The real Python that tests call `python3`: a shim (pyenv, asdf, mise) on the developer's PATH would be slow and is
 *  not what is under test. */
import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Python {
  executable: string;
  /** A PATH on which `python3` is that one. */
  path: string;
}

export function findPython(): Python {
  const asked = process.env.HOOK_TEST_PYTHON;
  const candidates = [asked, '/usr/bin/python3', '/usr/local/bin/python3'].filter((file) => file !== undefined);
  const found = candidates.find((file) => existsSync(file)) ?? askPython('python3');
  return { executable: found, path: [...new Set([dirname(found), '/usr/local/bin', '/usr/bin', '/bin'])].join(':') };
}

function askPython(command: string): string {
  return realpathSync(execFileSync(command, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim());
}
