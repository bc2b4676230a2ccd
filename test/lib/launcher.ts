/** Runs commands as an agent does, through launcher.py. Strings are byte strings (latin1), as everywhere in the wire. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findPython } from './python.js';

export interface StdinPlan {
  /** Written in order, each `repeat` times, after its pause. */
  pieces: { data: string; repeat?: number; afterMs?: number }[];
  /** The writer never closes its end. */
  keepOpen?: boolean;
}

/** How the command is started, beside its argv, environment and folder. */
export interface LaunchOptions {
  umask?: number;
  /** Name without RLIMIT_, [soft, hard]. */
  rlimits?: Record<string, [number, number]>;
  ignoredSignals?: number[];
  niceAdd?: number;
  /** The command starts in a folder beside cwd that has been removed. */
  deletedCwd?: boolean;
  /** Descriptors 1 and 2 are one open file. */
  mergedOutput?: boolean;
  /** The reader of stdout goes away after so many bytes. */
  closeStdoutAfterBytes?: number;
  /** Sent to the command's main process. */
  signals?: { signal: number; afterMs: number }[];
  timeoutMs?: number;
}

export interface LaunchRequest extends LaunchOptions {
  argv: readonly string[];
  /** NAME=value, in order. */
  env: readonly string[];
  cwd: string;
  stdin: StdinPlan;
}

export interface LaunchResult {
  exitCode: number | null;
  signal: number | null;
  timedOut: boolean;
  pid: number;
  /** Above 256 KiB: its length and digest. */
  stdout: string;
  stderr: string;
  /** CLOCK_BOOTTIME, as /proc/uptime. */
  firstStdoutAtNs: number | null;
  exitedAtNs: number | null;
  tookMs: number;
}

export class Launcher {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    const script = fileURLToPath(new URL('launcher.py', import.meta.url));
    this.#process = spawn(findPython().executable, ['-I', script], { env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.stderr.pipe(process.stderr);
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** One at a time. */
  async run(request: LaunchRequest): Promise<LaunchResult> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('the launcher has ended');
    const answer = JSON.parse(value) as LaunchResult | { launchError: string };
    if ('launchError' in answer) throw new Error(`cannot start ${request.argv[0]}: ${answer.launchError}`);
    return answer;
  }

  close(): void {
    this.#process.stdin.end();
  }
}

/** The bytes of a text in UTF-8, as a byte string. */
export function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
