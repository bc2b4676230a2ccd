/** One real call, to see whether hooks are served: a command that does nothing, and the client's account of its path. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Explanation } from '../contract/outcome.js';
import type { Context } from './context.js';

export type TriedCall = { kind: 'answered'; explanation: Explanation } | { kind: 'unanswered'; why: string };

export async function tryCall(context: Context, runtimeFolder: string, timeoutMs: number): Promise<TriedCall> {
  const socketPath = join(runtimeFolder, 'call.sock');
  if (!existsSync(socketPath)) return { kind: 'unanswered', why: 'it did not open its socket' };
  const folder = mkdtempSync(join(tmpdir(), 'hook-supervisor-'));
  try {
    const explainFile = join(folder, 'explain');
    const args = ['run', '--socket', socketPath, '--explain', explainFile, '--', '/bin/true'];
    const failure = await runQuietly(context.files.hook, args, timeoutMs);
    if (failure !== undefined) return { kind: 'unanswered', why: failure };
    const explanation = JSON.parse(readFileSync(explainFile, 'utf8')) as Explanation;
    if (explanation.path === 'direct')
      return { kind: 'unanswered', why: `the client ran it itself: ${explanation.why}` };
    return { kind: 'answered', explanation };
  } catch (error) {
    return { kind: 'unanswered', why: `the client gave no account (${(error as Error).message})` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runQuietly(file: string, args: string[], timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: 'ignore',
      timeout: Math.max(1, Math.ceil(timeoutMs)),
      killSignal: 'SIGKILL',
    });
    child.on('error', (error) => resolve(`${file} cannot be started (${error.message})`));
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve('a call was not answered in time');
      else resolve(code === 0 ? undefined : `a call of /bin/true ended with ${code ?? signal}`);
    });
  });
}
