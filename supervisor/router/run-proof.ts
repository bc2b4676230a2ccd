/** Runs a program of the system's on a text of ours, to see whether it does what was foretold. */
import { execFile } from 'node:child_process';

const PROOF_TIMEOUT_MS = 5_000;

/** Stdout as a byte string; '' where the program has failed; undefined where it was stopped before it could show, by the
 *  time limit or by somebody's signal.
 *  @param env NAME=value, byte strings that are UTF-8. */
export function runProof(path: string, args: readonly string[], env: readonly string[]): Promise<string | undefined> {
  const decoded = env.map((entry) => Buffer.from(entry, 'latin1').toString('utf8'));
  const variables = Object.fromEntries(decoded.map((entry) => entry.split('=') as [string, string]));
  return new Promise((resolve) => {
    const limits = { timeout: PROOF_TIMEOUT_MS, maxBuffer: 64 * 1024 };
    const options = { cwd: '/', env: variables, encoding: 'latin1', ...limits } as const;
    const child = execFile(path, args, options, (error, stdout) => {
      if (error?.signal) resolve(undefined);
      else resolve(error ? '' : stdout);
    });
    child.stdin?.end();
  });
}
