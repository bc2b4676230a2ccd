/** What can become of a call. Each knows nothing but its end and what a right answer to it is. */
import { expect } from 'vitest';
import type { HookEnd } from '../../lib/hook.js';
import type { CountedCall } from './call.js';

const SHOWN_CHARS = 80;
const OUR_WORD = /^(hook-supervisor|supervisor-hook): .*\n/;

const answered = (path: RegExp) => (end: HookEnd, call: CountedCall) => {
  expect(end).toMatchObject({ code: 7, signal: null, stderr: 'end\n' });
  expect(end.stdout === call.answer, `${end.stdout.length} bytes of stdout`).toBe(true);
  expect(end.explained?.path).toMatch(path);
};

const crashed = (end: HookEnd, call: CountedCall) => {
  expect(end).toMatchObject({ code: 1, signal: null, stderr: expect.stringMatching(OUR_WORD) });
  const seen = `${end.stdout.length} bytes, ${JSON.stringify(end.stdout.slice(0, SHOWN_CHARS))}`;
  expect(call.answer.startsWith(end.stdout), `nothing but the beginning of the answer: ${seen}`).toBe(true);
};

export const JUDGES = {
  /** As a direct run answers, by the daemon. */
  answered: answered(/^exec$/),
  /** As a direct run answers, since the client ran it itself. */
  direct: answered(/^direct$/),
  /** By the daemon or directly, as it finds out about its keeper before the call or after it. */
  byEither: answered(/^(exec|direct)$/),
  /** Told to have failed, by us. */
  crashed,
  /** The client is dead, and nobody waits for an answer. */
  gone: (end: HookEnd) => expect(end).toMatchObject({ code: null, signal: 'SIGKILL' }),
  /** Its first process died of SIGKILL, as in a direct run. */
  killed: (end: HookEnd) => expect(end).toMatchObject({ code: null, signal: 'SIGKILL', stderr: '' }),
  /** It took more memory than it may, and is told to have done so. */
  limitHit(end: HookEnd, call: CountedCall) {
    crashed(end, call);
    expect(end).toMatchObject({ stderr: expect.stringMatching(/memory limit/), explained: { outcome: 'limitHit' } });
  },
  /** It stood still until its time was over. */
  timedOut(end: HookEnd, call: CountedCall) {
    crashed(end, call);
    expect(end.explained?.outcome).toBe('timedOut');
  },
  /** Its last words, too, found no reader: it died of that, as in a direct run. */
  brokenPipe: (end: HookEnd) =>
    expect(end).toMatchObject({ code: null, signal: 'SIGPIPE', explained: { path: 'exec' } }),
  /** Its output found no reader; the rest of it ran as ever. */
  unheard: (end: HookEnd) => expect(end).toMatchObject({ code: 7, signal: null, explained: { path: 'exec' } }),
  /** It depends on who looks at what is torn first; never a wrong answer. */
  rightOrCrashed(end: HookEnd, call: CountedCall) {
    (end.code === 7 ? JUDGES.answered : crashed)(end, call);
  },
} satisfies Record<string, (end: HookEnd, call: CountedCall) => void>;

export type Expected = keyof typeof JUDGES;
