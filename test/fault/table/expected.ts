/** The table: what becomes of a call when a fault meets it at a step. */
import { expect } from 'vitest';
import type { HookEnd } from '../../lib/hook.js';
import type { CountedCall } from './call.js';
import type { FaultName } from './faults.js';
import type { StepName } from './steps.js';

const OUR_WORD = /^(hook-supervisor|supervisor-hook): .*\n/;

const answered = (path: RegExp) => (end: HookEnd, call: CountedCall) => {
  expect(end).toMatchObject({ code: 7, signal: null, stderr: 'end\n' });
  expect(end.stdout === call.answer, `${end.stdout.length} bytes of stdout`).toBe(true);
  expect(end.explained?.path).toMatch(path);
};

const crashed = (end: HookEnd, call: CountedCall) => {
  expect(end).toMatchObject({ code: 1, signal: null, stderr: expect.stringMatching(OUR_WORD) });
  expect(call.answer.startsWith(end.stdout), 'nothing but the beginning of the answer').toBe(true);
};

/** Each knows nothing but the end of a call and what a right answer to it is. */
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
  /** Its output found no reader; the rest of it ran as ever. */
  unheard: (end: HookEnd) => expect(end).toMatchObject({ code: 7, signal: null, explained: { path: 'exec' } }),
  /** It depends on who looks at what is torn first; never a wrong answer. */
  rightOrCrashed(end: HookEnd, call: CountedCall) {
    (end.code === 7 ? JUDGES.answered : crashed)(end, call);
  },
} satisfies Record<string, (end: HookEnd, call: CountedCall) => void>;

export type Expected = keyof typeof JUDGES;
/** The step is made of that fault already, there is nobody yet or any more whom it could meet, or another row shows the same of what
 *  takes long. */
const NONE = undefined;

type Row = readonly (Expected | undefined)[];
const columns: readonly FaultName[] = [
  ...(['client -9', 'client stopped', 'daemon -9', 'daemon stopped', 'keeper -9', 'keeper stopped'] as const),
  'keeper stopped for good',
  ...(['parked -9', 'hook -9', 'hook stopped', 'reader gone'] as const),
  ...(['daemon EMFILE', 'keeper EMFILE', 'ring torn'] as const),
];

// biome-ignore format: a table
const TABLE: Record<StepName, Row> = {
  // client             -9      stopped     daemon -9  stopped     keeper -9   stopped     for good    parked -9   hook -9   stopped     reader      daemon EMFILE keeper      ring
  'CALL half sent':  ['gone', 'answered', 'direct',  NONE,       'byEither', 'answered', NONE,       'answered', NONE,     NONE,       'unheard',  'direct',     'answered', 'rightOrCrashed'],
  'CALL sent':       ['gone', 'answered', 'direct',  NONE,       'byEither', 'answered', 'answered', 'answered', NONE,     NONE,       'unheard',  'direct',     'answered', 'rightOrCrashed'],
  queued:            ['gone', 'answered', 'direct',  'answered', 'answered', 'answered', NONE,       NONE,       NONE,     NONE,       'unheard',  'answered',   'answered', 'rightOrCrashed'],
  'STARTED sent, START in the ring':
                     ['gone', 'answered', 'crashed', 'answered', 'answered', NONE,       NONE,       'answered', NONE,     NONE,       'unheard',  'answered',   'answered', 'rightOrCrashed'],
  'order unread':    ['gone', 'answered', 'crashed', 'answered', 'crashed',  'answered', NONE,       'answered', NONE,     NONE,       'unheard',  'answered',   'answered', 'rightOrCrashed'],
  'hook running':    ['gone', 'answered', 'crashed', 'answered', 'crashed',  'answered', 'crashed',  'answered', 'killed', 'answered', 'unheard',  'answered',   'answered', 'rightOrCrashed'],
  'output flowing, window full':
                     ['gone', 'answered', 'crashed', 'answered', 'crashed',  'answered', NONE,       'answered', 'killed', 'answered', 'unheard',  'answered',   'answered', 'rightOrCrashed'],
  'hook ended, unseen':
                     ['gone', 'answered', 'crashed', 'answered', 'crashed',  NONE,       NONE,       'answered', NONE,     NONE,       'unheard',  'answered',   'answered', 'rightOrCrashed'],
  'END unread':      ['gone', 'answered', 'crashed', NONE,       'answered', 'answered', NONE,       'answered', NONE,     NONE,       'unheard',  'answered',   'answered', 'rightOrCrashed'],
  'answer half sent':['gone', NONE,       'crashed', 'answered', 'answered', 'answered', NONE,       'answered', NONE,     NONE,       'unheard',  'answered',   'answered', 'rightOrCrashed'],
  'answer sent':     ['gone', NONE,       'answered','answered', 'answered', 'answered', NONE,       'answered', NONE,     NONE,       'unheard',  'answered',   'answered', 'answered'],
};

export function cellsOf(step: StepName): { fault: FaultName; expected: Expected }[] {
  return TABLE[step].flatMap((expected, index) => {
    const fault = columns[index];
    return expected === undefined || fault === undefined ? [] : [{ fault, expected }];
  });
}
