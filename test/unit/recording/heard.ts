/** Calls for tests of the recording. */
import type { Call } from '../../../supervisor/contract/call.js';
import type { ClientEnd, Explanation } from '../../../supervisor/contract/outcome.js';
import { type HeardCall, Hearing } from '../../../supervisor/recording/heard-call.js';

export const END: ClientEnd = { exitCode: 3, signal: 0, message: '' };
export const EXPLANATION: Explanation = {
  ...{ path: 'exec', runtime: 'exec', pid: 1, slot: 0, generation: 1, outcome: 'answered', milliseconds: 2.5 },
  ...{ level: 'contained', enforced: [], usage: null, why: '' },
};

export function callOf(given: Partial<Call> = {}): Call {
  return {
    ...{ id: 1, raw: Buffer.alloc(0), argv: ['x'], env: [], cwd: '/p/q', cwdFd: -1, isEvent: false },
    ...{
      shellText: false,
      mergedOutput: false,
      explain: false,
      blocking: false,
      level: undefined,
      timeoutMs: 0,
      readersGone: 0,
    },
    ...{ inherited: Buffer.alloc(0), stdin: Buffer.alloc(0), stdinComplete: true, receivedAtMs: 0, clientPid: 0 },
    ...given,
  };
}

export function heardOf(given: Partial<Call> = {}, stdout = ''): HeardCall {
  const hearing = new Hearing(callOf(given));
  hearing.stdout(Buffer.from(stdout, 'latin1'));
  return hearing.ended(END, EXPLANATION, 7);
}
