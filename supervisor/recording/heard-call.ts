/** A call as it was heard, before anything is masked. It exists in memory alone. */
import type { Call } from '../contract/call.js';
import { LIMITS } from '../contract/limits.js';
import type { ClientEnd, Explanation } from '../contract/outcome.js';
import type { RecordedCall } from '../contract/recording.js';
import { type Beginning, BeginningOf } from './beginning.js';
import { chosenNames } from './chosen-names.js';

export interface HeardCall
  extends Pick<
    RecordedCall,
    | 'atMs'
    | 'isShellText'
    | 'isMerged'
    | 'isBlocking'
    | 'levelAsked'
    | 'timeoutMs'
    | 'envNames'
    | 'projects'
    | 'outcome'
    | 'exitCode'
    | 'signal'
    | 'ms'
    | 'path'
    | 'runtime'
    | 'level'
  > {
  /** Byte strings. */
  argv: readonly string[];
  cwd: string;
  stdin: Beginning;
  stdout: Beginning;
  stderr: Beginning;
  /** In memory. */
  heldBytes: number;
}

export class Hearing {
  private readonly stdinHeard = new BeginningOf(LIMITS.recordingStdinMaxBytes + LIMITS.recordingMaskSlackBytes);
  private readonly stdoutHeard = new BeginningOf(LIMITS.recordingOutputMaxBytes + LIMITS.recordingMaskSlackBytes);
  private readonly stderrHeard = new BeginningOf(LIMITS.recordingOutputMaxBytes + LIMITS.recordingMaskSlackBytes);
  private readonly call: Pick<
    HeardCall,
    'argv' | 'cwd' | 'isShellText' | 'isMerged' | 'isBlocking' | 'levelAsked' | 'timeoutMs' | 'envNames' | 'projects'
  >;
  heldBytes: number;

  constructor(call: Call) {
    const { argv, cwd, shellText, mergedOutput, blocking, level, timeoutMs } = call;
    const { names: envNames, projects } = chosenNames(call);
    const flags = { isShellText: shellText, isMerged: mergedOutput, isBlocking: blocking };
    this.call = { argv, cwd, ...flags, levelAsked: level ?? null, timeoutMs, envNames, projects };
    this.heldBytes = argv.reduce<number>((sum, word) => sum + word.length, LIMITS.recordingCallBytes);
    this.stdin(call.stdin);
  }

  stdin(bytes: Uint8Array): void {
    this.heldBytes += this.stdinHeard.add(bytes);
  }

  stdout(bytes: Uint8Array): void {
    this.heldBytes += this.stdoutHeard.add(bytes);
  }

  stderr(bytes: Uint8Array): void {
    this.heldBytes += this.stderrHeard.add(bytes);
  }

  ended(end: ClientEnd, explanation: Explanation, atMs: number): HeardCall {
    const { path, runtime, level, outcome, milliseconds } = explanation;
    return {
      ...this.call,
      ...{ atMs, outcome, exitCode: end.exitCode, signal: end.signal, ms: milliseconds, path, runtime, level },
      stdin: this.stdinHeard.take(),
      stdout: this.stdoutHeard.take(),
      stderr: this.stderrHeard.take(),
      heldBytes: this.heldBytes,
    };
  }
}
