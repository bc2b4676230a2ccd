/** The Python that resident workers run on: behind a version manager's shim there is another, and above `contained` a shim finds
 *  nothing of its manager. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

const TIMEOUT_MS = 10_000;

/** A string that does not begin with `/` says why there is none. */
export async function pythonOnPath(env: NodeJS.ProcessEnv): Promise<string> {
  const folders = (env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'));
  const found = folders.map((folder) => join(folder, 'python3')).find(isExecutable);
  if (found === undefined) return 'no python3 is on the PATH of the daemon';
  const asked = await execa(found, ['-I', '-c', 'import sys; print(sys.executable)'], {
    ...{ timeout: TIMEOUT_MS, reject: false, stdin: 'ignore', maxBuffer: 4096 },
    ...{ env, extendEnv: false },
  });
  const path = String(asked.stdout).trim();
  return path.startsWith('/') ? path : `${found} does not say where its interpreter is`;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
