/** Runs supervisor-probe, which enters every layer of the sandbox once in a process that is thrown away. */
import { execFile } from 'node:child_process';
import { type Layer, parseLayers } from '../contract/isolation.js';

const TIMEOUT_MS = 5_000;
const SAID_MAX_BYTES = 16 * 1024;

/** Undefined: it does not run here. */
export function probeLayers(probe: string): Promise<Layer[] | undefined> {
  const options = { cwd: '/', env: {}, timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: SAID_MAX_BYTES } as const;
  return new Promise((resolve) => {
    execFile(probe, [], options, (error, stdout) => resolve(error ? undefined : parseLayers(stdout)));
  });
}
