/** One run of a hook as agents start them: own session, no terminal, stdio on pipes. What it answers is kept up to a bound. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { LIMITS } from '../contract/limits.js';
import { type Beginning, BeginningOf } from '../recording/beginning.js';

export interface HookCommand {
  argv: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  stdin: Uint8Array;
  /** Stdout and stderr are one pipe. */
  isMerged: boolean;
  /** The whole session is ended after that. */
  timeoutMs: number;
}

export type HookRun =
  | { kind: 'ended'; exitCode: number; signal: number; stdout: Beginning; stderr: Beginning; wallMs: number }
  | { kind: 'notStarted'; why: string }
  | { kind: 'stopped'; why: 'time' | 'interrupt' };

/** Output that comes later than that after its end, by what it has left running, is not waited for: as in the daemon. */
const OUTPUT_GRACE_MS = 500;
const KEPT_MAX_BYTES = LIMITS.recordingOutputMaxBytes + LIMITS.recordingMaskSlackBytes;
const MERGED = ['/bin/sh', '-c', 'exec "$@" 2>&1', 'sh'];

export function runHook(command: HookCommand, interrupt: AbortSignal): Promise<HookRun> {
  const { cwd, env, stdin, isMerged, timeoutMs } = command;
  if (interrupt.aborted) return Promise.resolve({ kind: 'stopped', why: 'interrupt' });
  const [file = '', ...args] = isMerged ? [...MERGED, ...command.argv] : command.argv;
  const beganAtMs = performance.now();
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, stdio: 'pipe', detached: true });
    const stdout = new BeginningOf(KEPT_MAX_BYTES);
    const stderr = new BeginningOf(KEPT_MAX_BYTES);
    let grace: NodeJS.Timeout | undefined;
    let wallMs = 0;
    const settle = (run: HookRun) => {
      clearTimeout(deadline);
      clearTimeout(grace);
      interrupt.removeEventListener('abort', onInterrupt);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      resolve(run);
    };
    const stop = (why: 'time' | 'interrupt') => {
      killSession(child);
      settle({ kind: 'stopped', why });
    };
    const onInterrupt = () => stop('interrupt');
    const deadline = setTimeout(() => stop('time'), timeoutMs);
    interrupt.addEventListener('abort', onInterrupt);
    const end = () => {
      const { exitCode, signalCode } = child;
      const signal = signalCode === null ? 0 : constants.signals[signalCode];
      settle({ kind: 'ended', exitCode: exitCode ?? 0, signal, stdout: stdout.take(), stderr: stderr.take(), wallMs });
    };
    child.stdout.on('data', (bytes: Buffer) => void stdout.add(bytes));
    child.stderr.on('data', (bytes: Buffer) => void stderr.add(bytes));
    child.stdin.on('error', () => {}); // a hook need not read
    child.on('error', (error) => settle({ kind: 'notStarted', why: error.message }));
    child.on('exit', () => {
      wallMs = performance.now() - beganAtMs;
      grace = setTimeout(end, OUTPUT_GRACE_MS);
    });
    child.on('close', end);
    child.stdin.end(stdin);
  });
}

/** Of a client that has gone the daemon ends the hook. */
function killSession({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
