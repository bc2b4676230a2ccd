/** The table: what becomes of a call when a fault meets it at a step, or why there is nothing to be seen there. */
import type { FaultName } from './faults.js';
import type { Expected } from './judges.js';
import type { StepName } from './steps.js';

const EXPECTED: Record<string, Expected> = {
  ...{ A: 'answered', C: 'crashed', D: 'direct', E: 'byEither', G: 'gone', K: 'killed', L: 'limitHit' },
  ...{ P: 'brokenPipe', R: 'rightOrCrashed', T: 'timedOut', U: 'unheard' },
};

const NOT_PLAYED: Record<string, string> = {
  '.': 'the step is made of that fault already',
  '-': 'there is nobody yet, or any more, whom it could meet',
  w: 'nobody does anything but wait, for as long as agents let a hook take: what is seen is the same fault for a short time',
  '~': 'it takes seconds, and another step of the row shows the same',
};

/** In the order of a call's life, in parts that are tested side by side. */
export const PARTS = {
  early: ['connected, nothing sent', 'half a header sent', 'CALL half sent', 'CALL sent', 'queued'],
  middle: ['STARTED sent, START in the ring', 'order unread', 'hook running', 'output flowing, window full'],
  late: ['hook ended, unseen', 'END unread', 'answer half sent', 'answer sent'],
} as const satisfies Record<string, readonly StepName[]>;

export const STEPS_IN_ORDER: readonly StepName[] = Object.values(PARTS).flat();

// biome-ignore format: a table
const TABLE: Record<FaultName, string> = {
  //                          connected, nothing sent
  //                          | half a header sent
  //                          | | CALL half sent
  //                          | | | CALL sent
  //                          | | | | queued
  //                          | | | | | STARTED sent, START in the ring
  //                          | | | | | | order unread
  //                          | | | | | | | hook running
  //                          | | | | | | | | output flowing, window full
  //                          | | | | | | | | | hook ended, unseen
  //                          | | | | | | | | | | END unread
  //                          | | | | | | | | | | | answer half sent
  //                          | | | | | | | | | | | | answer sent
  'client -9':               'G G G G G G G G G G G G G',
  'client stopped':          '. . A A A A A A A A A . .',
  'client stopped for long': 'D D D w w w w w w w w w w',
  'daemon -9':               'D D D D D C C C C C C C A',
  'daemon stopped':          'A A . . A A A A A A . A A',
  'daemon stopped for long': 'D D D D D w w w w w w w w',
  'keeper -9':               'E E E E A A C C C C A A A',
  'keeper stopped':          'A A A A A . A A A . A A A',
  'keeper stopped for good': '~ ~ ~ A ~ ~ ~ C ~ ~ ~ ~ ~',
  'parked -9':               'A A A A - A A A A A A A A',
  'parked stopped for long': '~ ~ ~ T - ~ T - - - - - -',
  'hook -9':                 '- - - - - - - K K - - - -',
  'hook stopped':            '- - - - - - - A A - - - -',
  'hook stopped for good':   '- - - - - - - T T - - - -',
  'hook out of memory':      '- - - - - - - L - - - - -',
  'reader gone':             'U U U U U U U U U U U U U',
  'readers gone':            'P P P P P P P P P U U U U',
  'daemon EMFILE':           'D A D D A A A A A A A A A',
  'keeper EMFILE':           'A A A A A A A A A A A A A',
  'keeper ENOMEM':           'A A D A A A A A A A A A A',
  'ring torn':               'R R R R R R R R R R R R A',
  'disk full':               'A A A A A A A A A A A A A',
  'disk slow':               '~ ~ ~ ~ ~ ~ ~ A ~ ~ ~ ~ A',
  'disk dead':               'A A A A A A A A A A A A A',
  'clock ahead':             'A A A A A A A A A A A A A',
  'clock back':              'A A A A A A A A A A A A A',
};

export type Cell = { fault: FaultName } & ({ expected: Expected } | { notPlayed: string });

export function cellsOf(step: StepName): Cell[] {
  const column = STEPS_IN_ORDER.indexOf(step);
  return (Object.keys(TABLE) as FaultName[]).map((fault) => {
    const letter = TABLE[fault].split(' ')[column] ?? '';
    const expected = EXPECTED[letter];
    if (expected !== undefined) return { fault, expected };
    const notPlayed = NOT_PLAYED[letter];
    if (notPlayed === undefined) throw new Error(`${fault} at ${step}: ${letter}`);
    return { fault, notPlayed };
  });
}
