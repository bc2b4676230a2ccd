/** A call as a recording has it. */
import type { KeptStream, RecordedCall } from '../../supervisor/contract/recording.js';

export function streamOf(content: string, given: Partial<KeptStream> = {}): KeptStream {
  return { content, bytes: content.length, isCut: false, masked: 0, ...given };
}

export function recordedCall(given: Partial<RecordedCall> = {}): RecordedCall {
  return {
    ...{ atMs: 1, argv: ['sh', '-c', 'x'], cwd: '/p/q', wordsMasked: 0, isShellText: false, isMerged: false },
    ...{ isBlocking: false, levelAsked: null, timeoutMs: 0, envNames: [], projects: {} },
    ...{ stdin: streamOf('in'), stdout: streamOf('out\n'), stderr: streamOf('') },
    ...{ outcome: 'answered', exitCode: 0, signal: 0, ms: 2, path: 'exec', runtime: 'exec', level: 'contained' },
    ...given,
  };
}
