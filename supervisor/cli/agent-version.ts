/** Which version of an agent is installed, as far as it tells. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const ANSWER_TIMEOUT_MS = 10_000;

/** `2.1.330`; undefined where it is not on PATH or does not tell. */
export async function agentVersion(program: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const options = { env, timeout: ANSWER_TIMEOUT_MS, maxBuffer: 64 * 1024 };
    const { stdout } = await promisify(execFile)(program, ['--version'], options);
    return /\b\d+\.\d+\.\d+\b/.exec(stdout)?.[0];
  } catch {
    return undefined;
  }
}

export function isAtLeast(version: string, least: string): boolean {
  const [have, want] = [version, least].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const at = want.findIndex((part, index) => part !== have[index]);
  return at === -1 || (have[at] ?? 0) > (want[at] ?? 0);
}
